"""A company that defers rental, billing on a day, and the day oracle of the tests."""

from freezegun import freeze_time

from odoo import fields

from .common import NumbersCommon


class DeferralCommon(NumbersCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.deferred = cls._liability("DEF1")
        cls.company.voip_deferral_account_id = cls.deferred
        cls.rent = cls._plan("rent", 30.0, is_default=False, quarantine_days=0)
        cls.products = cls.rent.service_id.product_id
        cls.products.taxes_id = False

    @classmethod
    def _liability(cls, code):
        return cls.env["account.account"].create(
            {"code": code, "name": code, "account_type": "liability_current"}
        )

    def _rented(self, start, account=None, number="4930555000", plan=None, **values):
        """A number that is assigned and charged at noon of its first day."""
        with freeze_time(f"{start} 12:00:00"):
            one = self._assign(
                self._did(number, **values), start, account=account,
                plan=plan or self.rent,
            )  # fmt: skip
            self._charge(account)
        return one

    def _released(self, one, day, known=None):
        with freeze_time(f"{known or day} 12:00:00"):
            one.date_end = day
            one._charge_now()

    def _bill(self, day, account=None, **values):
        """The invoice that a run of ``day`` makes, dated on it."""
        account = account or self.account
        with freeze_time(f"{day} 12:00:00"):
            self._charge(account)
            run = self.env["voip.billing.run"].create(
                {"account_ids": [(6, 0, account.ids)], "invoice_date": day, **values}
            )
            run.action_run()
        self.assertFalse(run.line_ids.filtered(lambda x: x.state == "error"))
        return run.line_ids.move_id

    def _close(self, day):
        """The month-end of a day, done on the tenth of the next month."""
        day = fields.Date.to_date(day)
        deferrals = self.env["voip.did.deferral"]
        deferrals._close(self.company.id, day)
        return deferrals.search(
            [("company_id", "=", self.company.id), ("date_end", "=", day)]
        )

    def _sums(self, deferral):
        names = ("opening", "added", "recognised", "closing")
        return tuple(round(deferral[name], 2) for name in names)

    def _balance(self, account, until=None):
        """Credit balance of an account."""
        domain = [("account_id", "=", account.id), ("parent_state", "=", "posted")]
        if until:
            domain.append(("date", "<=", until))
        lines = self.env["account.move.line"].search(domain)
        return round(-sum(lines.mapped("balance")), 2) + 0.0
