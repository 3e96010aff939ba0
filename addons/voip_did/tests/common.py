"""Numbers, plans and accounts for the tests."""

from odoo.addons.voip_rating.tests.common import VoipRatingCommon


class NumbersCommon(VoipRatingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account = cls._create_account(code="numbers-1", cycle="monthly")
        cls.plan = cls._plan("standard", is_default=True)
        cls.germany = cls.env.ref("base.de")

    @classmethod
    def _create_account(cls, **values):
        """Postpaid, unless a test is about wallets that cannot pay."""
        return super()._create_account(**{"mode": "postpaid", **values})

    @classmethod
    def _plan(cls, code, monthly=3.1, setup=0.0, since="2025-01-01", **values):
        prices = [("monthly", monthly)] + ([("setup", setup)] if setup else [])
        return cls.env["voip.did.plan"].create(
            {
                "name": code.title(),
                "code": code,
                "price_ids": [
                    (0, 0, {"fee": fee, "price": price, "effective_from": since})
                    for fee, price in prices
                ],
                **values,
            }
        )

    @classmethod
    def _did(cls, number="4930555000", **values):
        return cls.env["voip.did"].create(
            {"number": number, "country_id": cls.env.ref("base.de").id, **values}
        )

    @classmethod
    def _assign(cls, did, start, end=False, account=None, plan=None):
        return cls.env["voip.did.assignment"].create(
            {
                "did_id": did.id,
                "account_id": (account or cls.account).id,
                "plan_id": (plan or cls.plan).id,
                "date_start": start,
                "date_end": end,
            }
        )

    def _charge(self, account=None):
        """Run the rental of an account; {currency: amount}."""
        account = account or self.account
        assignments = self.env["voip.did.assignment"]
        found = assignments._charge_accounts(account.company_id.id, account.ids)
        return {name: f"{amount:f}" for name, amount in found.items() if amount}

    def _charges(self, *assignments):
        """[(first day of the month, fee, turn, days, amount)] in order."""
        charges = self.env["voip.did.charge"].search(
            [("assignment_id", "in", [one.id for one in assignments])], order="id"
        )
        return [
            (str(c.month_first), c.fee, c.turn, c.days, round(c.amount, 8))
            for c in charges.sorted(lambda c: (c.month_first, c.fee, c.turn))
        ]
