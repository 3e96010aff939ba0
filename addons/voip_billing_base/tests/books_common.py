"""What accountants do with receivables, in words."""

from datetime import date

from odoo import Command

from .common import VoipBillingCommon

DAY = date(2026, 3, 10)
LATER = date(2026, 4, 10)
RATES = [("2026-01-01", 0.80), ("2026-04-01", 0.50)]


class BooksCommon(VoipBillingCommon):
    """Own currency of the company, EUR at 0.80 then 0.50, GBP at 0.40 a unit of it."""

    _day = DAY

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._work_in(cls.company_data)

    @classmethod
    def _work_in(cls, data):
        """Journals, accounts and currencies of a company."""
        company = data["company"]
        cls.env.user.write({"company_ids": [Command.link(company.id)]})
        cls.env.user.company_id = company
        context = {**cls.env.context, "allowed_company_ids": company.ids}
        cls.env = cls.env(context=context)
        cls.company_data = data
        cls.own = company.currency_id
        cls.eur = cls._foreign("EUR" if cls.own.name != "EUR" else "CAD", RATES)
        cls.gbp = cls._foreign("GBP", [("2026-01-01", 0.40)])
        cls.customer = cls.env["res.partner"].create({"name": "Acme"})
        cls.other = cls.env["res.partner"].create({"name": "Other"})
        cls.bank = cls.statements = cls.company_data["default_journal_bank"]
        cls.receivable = cls.company_data["default_account_receivable"]

    @classmethod
    def _foreign(cls, code, rates):
        currency = cls.env["res.currency"].with_context(active_test=False)
        currency = currency.search([("name", "=", code)])
        currency.active = True
        currency.rate_ids.unlink()
        currency.rate_ids = [
            Command.create(
                {"name": day, "rate": rate, "company_id": cls.env.company.root_id.id}
            )
            for day, rate in rates
        ]
        return currency

    def _account(self, currency=None, partner=None, **values):
        return self._create_account(
            partner_id=(partner or self.customer).id,
            currency_id=(currency or self.own).id,
            **values,
        )

    def _invoice(
        self, amount, currency=None, account=None, partner=None, post=True, **values
    ):
        """An invoice typed by hand, without tax."""
        move = self.env["account.move"].create(
            {
                "move_type": "out_invoice" if amount >= 0 else "out_refund",
                "partner_id": (partner or self.customer).id,
                "currency_id": (currency or self.own).id,
                "invoice_date": self._day,
                "date": self._day,
                "voip_account_id": account.id if account else False,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Line",
                            "quantity": 1,
                            "price_unit": abs(amount),
                            "account_id": self._account_of("default_account_revenue"),
                            "tax_ids": [],
                        }
                    )
                ],
                **values,
            }
        )
        if post:
            move.action_post()
        return move

    def _account_of(self, name):
        return self.company_data[name].id

    def _loose(self, amount, currency=None, account=None, partner=None, day=None):
        """A payment that names no document."""
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound" if amount > 0 else "outbound",
                "partner_type": "customer",
                "partner_id": (partner or self.customer).id,
                "amount": abs(amount),
                "currency_id": (currency or self.own).id,
                "journal_id": self.bank.id,
                "date": day or self._day,
                "voip_account_id": account.id if account else False,
            }
        )
        payment.action_post()
        return payment

    def _pay(self, moves, **values):
        """Register Payment on documents."""
        wizard = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=moves.ids
        )
        values = {"payment_date": self._day, "group_payment": True, **values}
        return wizard.create(values)._create_payments()

    def _entry(self, *lines, post=True):
        """A hand-made entry: (account, balance[, partner[, currency, amount]])."""
        commands = []
        for account, balance, *more in lines:
            partner, currency, amount = [*more, None, None, None][:3]
            commands.append(
                Command.create(
                    {
                        "account_id": account.id,
                        "debit": max(balance, 0),
                        "credit": max(-balance, 0),
                        "partner_id": partner.id if partner else False,
                        **(
                            {"currency_id": currency.id, "amount_currency": amount}
                            if currency
                            else {}
                        ),
                    }
                )
            )
        move = self.env["account.move"].create(
            {
                "move_type": "entry",
                "date": self._day,
                "journal_id": self.company_data["default_journal_misc"].id,
                "line_ids": commands,
            }
        )
        if post:
            move.action_post()
        return move

    def _bank_line(self, amount, partner=None, **values):
        return self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.statements.id,
                "date": self._day,
                "payment_ref": "Transfer",
                "amount": amount,
                "partner_id": partner.id if partner else False,
                **values,
            }
        )

    def _to_receivable(self, bank_line, partner=None):
        """The suspense line of a posted bank line becomes the customer's receivable."""
        _liquidity, suspense, _other = bank_line._seek_for_lines()
        suspense.with_context(skip_readonly_check=True).write(
            {
                "account_id": self.receivable.id,
                "partner_id": (partner or self.customer).id,
            }
        )
        return self._open_lines(bank_line.move_id)

    def _open_lines(self, *records):
        lines = records[0].env["account.move.line"]
        for record in records:
            move = record if record._name == "account.move" else record.move_id
            lines |= move.line_ids.filtered(
                lambda line: line.account_type == "asset_receivable"
            )
        return lines

    def _reconcile(self, *records):
        lines = self._open_lines(*records)
        lines.filtered(lambda line: not line.reconciled).reconcile()

    def _release(self, *records):
        self._open_lines(*records).remove_move_reconcile()

    def _kinds(self, account):
        entries = self.env["voip.wallet.entry"].search(
            [("account_id", "=", account.id)], order="id"
        )
        return [(entry.kind, entry.amount) for entry in entries]

    def assertWallets(self, *pairs):
        """Each (account, ledger balance); wallets and receivables agree besides."""
        self.env.invalidate_all()
        found = [account.wallet_id.ledger_balance for account, _amount in pairs]
        self.assertEqual(found, [amount for _account, amount in pairs])
        self.assertWhole()
        self.env.flush_all()
        different = self.env["voip.receivable"].search([("difference", "!=", 0)])
        self.assertFalse(different)
        for partner in {account.partner_id for account, _amount in pairs}:
            self._compare_customer(partner)

    def _compare_customer(self, partner):
        """Wallets, valued by their lines, are minus the receivable of the ledger."""
        lines = self.env["account.move.line"].search(
            [
                ("partner_id.commercial_partner_id", "=", partner.id),
                ("account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
                ("company_id", "=", self.env.company.id),
            ]
        )
        self.assertFalse(lines.filtered(lambda line: not line.voip_account_id))
        if lines.filtered(self._met_others):
            return
        self.assertAlmostEqual(
            sum(lines.mapped("balance")), sum(lines.mapped("amount_residual"))
        )

    def _met_others(self, line):
        """Whether it was reconciled with another customer's, or a parent's, item."""
        line = line.sudo()
        partials = line.matched_debit_ids | line.matched_credit_ids
        met = partials.debit_move_id | partials.credit_move_id
        return len(met.partner_id.commercial_partner_id) > 1 or len(met.company_id) > 1
