"""Usage invoices of an accountant, to credit."""

from datetime import datetime

from odoo.tests import new_test_user

from .common import VoipRatingCommon


class CreditNoteCommon(VoipRatingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if data := cls.setUpCompany():
            cls._work_in(data)
        cls.deck = cls._create_deck(rates=credit_rates("0.335", "1.111"))
        cls.switch = cls._create_switch()
        cls.accountant = cls._new_user("accountant", "group_voip_user")
        cls.tax = cls.env["account.tax"].create(
            {"name": "19 %", "amount": 19, "type_tax_use": "sale"}
        )
        cls.count = 0

    @classmethod
    def setUpCompany(cls):
        """Make another company, or change ours; data of another one."""

    @classmethod
    def _work_in(cls, data):
        company = data["company"]
        cls.env.user.write({"company_ids": [(4, company.id)]})
        cls.env.user.company_id = company
        cls.env = cls.env(context={"allowed_company_ids": company.ids})
        cls.company_data = data

    @classmethod
    def _new_user(cls, login, group):
        return new_test_user(
            cls.env,
            login=f"credit_{login}",
            groups=f"voip_billing_base.{group}",
            company_id=cls.env.company.id,
            company_ids=[(6, 0, cls.env.company.ids)],
        )

    def _invoiced(self, taxes=None, calls=((3, "44"), (2, "49")), **values):
        """A usage invoice of a new account, of calls of a minute each."""
        service = self.env.ref("voip_billing_base.service_term_intl")
        service.product_id.taxes_id = taxes or self.env["account.tax"]
        account = self._create_account(**{"deck_id": self.deck.id, **values})
        trunk = self._create_trunk(account)
        for number, prefix in calls:
            self._calls(trunk, number, prefix)
        return self._run(account)

    def _calls(self, trunk, number, prefix):
        records = []
        for _call in range(number):
            type(self).count += 1
            records.append(
                {
                    "call_id": f"credited-{self.count}",
                    "called": f"{prefix}2071234567",
                    "start": f"2026-10-05T10:00:{self.count % 60:02}Z",
                    "duration": "60",
                    "answered": True,
                    "trunk": trunk.code,
                }
            )
        answer = self.env["voip.cdr"].ingest(
            switch=self.switch.code, records=records, rate_now=True
        )
        self.assertEqual(answer["rated"], number, answer)
        return answer

    def _run(self, account, cutoff=datetime(2026, 11, 5, 12)):
        run = self.env["voip.billing.run"].create(
            {
                "cutoff": cutoff,
                "invoice_date": cutoff.date(),
                "account_ids": [(6, 0, account.ids)],
            }
        )
        run.action_run()
        self.assertEqual(run.state, "done", run.line_ids.mapped("message"))
        return run.move_ids

    def _plan(self, invoice, **values):
        """{name of the line: amount} that a credit would take."""
        parts = self._wizard(invoice, **values)._plan()
        return {part.line.name: float(part.amount) for part in parts}

    def _included_tax(self):
        self.env.company.tax_calculation_rounding_method = "round_per_line"
        values = {"name": "in", "price_include_override": "tax_included"}
        return self.tax.copy(values)

    def _wizard(self, invoice, user=None, **values):
        wizard = self.env["voip.credit.wizard"].with_user(user or self.accountant)
        return wizard.create({"move_id": invoice.id, "reason": "Wrong rate", **values})

    def _credit(self, invoice, user=None, **values):
        """The credit as the wizard makes it, by an accountant."""
        wizard = self._wizard(invoice, user, **values)
        wizard.action_credit()
        return wizard.credit_id.sudo()

    def _usage(self, invoice):
        action = invoice.action_voip_view_usage()
        return self.env["voip.usage"].search(action["domain"], order="id")

    def assertBooks(self, account):
        """All invariants hold, and the wallet is what is open on the receivable."""
        self.env.flush_all()
        self.assertWhole()
        lines = self.env["account.move.line"].search(
            [
                ("partner_id", "=", account.partner_id.id),
                ("account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
            ]
        )
        open_ = -sum(lines.mapped("amount_residual_currency"))
        self.assertAlmostEqual(account.wallet_id.ledger_balance, open_, 6)


def credit_rates(british, german):
    return [
        {"prefix": "44", "destination": "UK", "price_per_minute": british},
        {"prefix": "49", "destination": "DE", "price_per_minute": german},
    ]
