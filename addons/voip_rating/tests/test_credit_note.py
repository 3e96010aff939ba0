"""Credit notes of usage: every scope, outcome and settlement, to the last cent."""

from datetime import date, datetime
from itertools import product

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common import VoipRatingCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-11-10 12:00:00")
class CreditNoteCommon(VoipRatingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deck = cls._create_deck(rates=_rates("0.335", "1.111"))
        cls.switch = cls._create_switch()
        cls.accountant = cls._new_user("accountant", "group_voip_user")
        cls.tax = cls.env["account.tax"].create(
            {"name": "19 %", "amount": 19, "type_tax_use": "sale"}
        )
        cls.count = 0

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
        account = self._create_account(deck_id=self.deck.id, **values)
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


def _rates(british, german):
    return [
        {"prefix": "44", "destination": "UK", "price_per_minute": british},
        {"prefix": "49", "destination": "DE", "price_per_minute": german},
    ]


SCOPES = {
    "whole": {},
    "lines": {"lines": 1},
    "calls": {"calls": 1},
    "percent": {"percentage": 33.3},
    "amount": {"amount": 1.01},
}


@tagged("post_install", "-at_install")
@freeze_time("2026-11-10 12:00:00")
class TestCreditNote(CreditNoteCommon):
    def _values(self, invoice, scope):
        values = {"scope": scope, **SCOPES[scope]}
        if values.pop("lines", 0):
            values["line_ids"] = [(6, 0, invoice.invoice_line_ids[0].ids)]
        if values.pop("calls", 0):
            values["usage_ids"] = self._usage(invoice)[:2].ids
        return values

    def _check_credit(self, invoice, scope, outcome, settlement):
        account = invoice.voip_account_id
        before = account.wallet_id.balance
        paid = invoice.amount_residual == 0
        credit = self._credit(
            invoice,
            outcome=outcome,
            settlement=settlement,
            **self._values(invoice, scope),
        )
        note = credit.note_id
        self.assertEqual((credit.state, note.state), ("done", "posted"))
        self.assertEqual(note.move_type, "out_refund")
        self.assertEqual(note.reversed_entry_id, invoice)
        self.assertEqual(note.voip_span_end, date(2026, 10, 31))
        lines = note.invoice_line_ids
        self.assertTrue(lines.voip_credited_line_id <= invoice.invoice_line_ids)
        for line in lines:
            credited = line.voip_credited_line_id
            self.assertGreater(line.voip_counted, 0)
            self.assertEqual(line.voip_rate, credited.voip_rate)
            self.assertEqual(line.tax_ids, credited.tax_ids)
            calls = self.env["voip.usage"].search(
                line.with_user(self.accountant).action_voip_view_usage()["domain"]
            )
            self.assertEqual(len(calls), line.voip_counted)
        if settlement == "receivable" and not paid:
            left = invoice.amount_total - note.amount_total
            self.assertAlmostEqual(invoice.amount_residual, left, 6)
        elif outcome == "credited":
            self.assertEqual(note.amount_residual, note.amount_total)
        if outcome == "credited":
            self.assertAlmostEqual(
                account.wallet_id.balance, before + note.amount_total, 6
            )
        if outcome == "now" and scope in ("whole", "lines"):
            # The same calls at the same price come to the same.
            self.assertEqual(credit.again_id.amount_total, note.amount_total)
            self.assertEqual(credit.again_id.state, "posted")
            self.assertAlmostEqual(account.wallet_id.balance, before, 6)
        self.assertBooks(account)
        return credit

    def test_each_scope_outcome_and_settlement_keeps_the_books(self):
        for scope, outcome, settlement, mode in product(
            SCOPES,
            ("credited", "next", "now"),
            ("receivable", "wallet"),
            ("postpaid", "prepaid"),
        ):
            if scope in ("percent", "amount") and outcome != "credited":
                continue
            with self.subTest(
                scope=scope, outcome=outcome, settlement=settlement, mode=mode
            ):
                invoice = self._invoiced(self.tax, mode=mode)
                if mode == "prepaid":
                    self._topup(invoice.voip_account_id, 100)
                    self.env["voip.billing.document"]._settle_prepaid(invoice)
                    self.assertEqual(invoice.amount_residual, 0)
                self._check_credit(invoice, scope, outcome, settlement)
