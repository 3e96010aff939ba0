"""From calls to invoices: exact sums, once, resumable."""

from datetime import date, datetime
from unittest.mock import patch

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import VoipRatingCommon

CHUNK = "odoo.addons.voip_billing_base.runs.voip_billing_run.CHUNK"


@tagged("post_install", "-at_install")
@freeze_time("2026-11-10 12:00:00")
class TestBilling(VoipRatingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deck = cls._create_deck(
            rates=[
                {"prefix": "44", "destination": "UK", "price_per_minute": "0.0085"},
                {"prefix": "49", "destination": "DE", "price_per_minute": "0.00004"},
            ]
        )
        cls.switch = cls._create_switch(code="sw2")
        cls.account = cls._create_account(deck_id=cls.deck.id, tz="Europe/Berlin")
        cls._create_trunk(code="b1", account_id=cls.account.id)
        cls.count = 0

    def _calls(self, *starts, trunk="b1", called="442071234567", duration="60"):
        records = []
        for start in starts:
            type(self).count += 1
            records.append(
                {
                    "call_id": f"bill-{self.count}",
                    "called": called,
                    "start": start,
                    "answer": start,
                    "duration": duration,
                    "trunk": trunk,
                }
            )
        return self.env["voip.cdr"].ingest(
            switch="sw2", records=records, rate_now=True
        )

    def _run(self, **values):
        run = self.env["voip.billing.run"].create(
            {
                "cutoff": datetime(2026, 11, 5, 12),
                "invoice_date": date(2026, 11, 5),
                "account_ids": [(6, 0, self.account.ids)],
                **values,
            }
        )
        run.action_run()
        return run

    def assertWhole(self):
        broken = [r for r in self.env["voip.check"].sudo().run() if r["violations"]]
        self.assertEqual(broken, [])

    def test_invoice_has_a_line_per_destination_with_its_calls(self):
        self._calls("2026-10-05T10:00:00Z", "2026-10-06T10:00:00Z")
        self._calls("2026-10-07T10:00:00Z", called="493012345")
        run = self._run()
        invoice = run.move_ids
        self.assertEqual(run.state, "done", run.line_ids.mapped("message"))
        self.assertEqual(invoice.state, "posted")
        self.assertRecordValues(
            invoice.invoice_line_ids,
            [
                {
                    "name": "DE",
                    "voip_calls": 1,
                    "voip_seconds": 60,
                    "voip_rate": 0.00004,
                    "voip_amount": 0.00004,
                    "price_subtotal": 0.0,
                },
                {
                    "name": "UK",
                    "voip_calls": 2,
                    "voip_seconds": 120,
                    "voip_rate": 0.0085,
                    "voip_amount": 0.017,
                    "price_subtotal": 0.02,
                },
            ],
        )
        action = invoice.invoice_line_ids[1].action_voip_view_usage()
        calls = self.env["voip.usage"].search(action["domain"])
        self.assertEqual(len(calls), 2)
        self.assertWhole()

    def test_many_tiny_calls_add_up_before_they_are_rounded(self):
        starts = [f"2026-10-05T10:{i // 60:02}:{i % 60:02}Z" for i in range(1000)]
        self._calls(*starts, called="493012345")
        run = self._run()
        self.assertEqual(run.move_ids.amount_untaxed, 0.04)
        self.assertWhole()

    def test_local_midnight_decides_the_period(self):
        # Berlin: CET since 25 October, so October ends at 23:00 UTC on the 31st.
        self._calls("2026-10-31T22:59:59Z", "2026-10-31T23:00:00Z")
        run = self._run()
        self.assertEqual(run.move_ids.invoice_line_ids.voip_calls, 1)
        self.assertWhole()

    def test_a_second_run_bills_nothing(self):
        self._calls("2026-10-05T10:00:00Z")
        self.assertEqual(len(self._run().move_ids), 1)
        self.assertFalse(self._run().line_ids)
        self.assertWhole()

    def test_late_usage_goes_to_the_next_invoice_marked_late(self):
        self._calls("2026-10-05T10:00:00Z")
        first = self._run().move_ids
        total = first.amount_total
        self._calls("2026-10-06T10:00:00Z")
        self.assertEqual(self._run().line_ids.state, "late")
        self._calls("2026-11-02T10:00:00Z")
        second = self._run(cutoff=datetime(2026, 12, 5, 12)).move_ids
        self.assertEqual(first.amount_total, total)
        self.assertRecordValues(
            second.invoice_line_ids.sorted("voip_late"),
            [
                {"voip_late": False, "voip_calls": 1},
                {"voip_late": True, "voip_calls": 1},
            ],
        )
        self.assertWhole()

    def test_run_stops_at_unrated_records_until_a_manager_overrides(self):
        self._calls("2026-10-05T10:00:00Z")
        self._calls("2026-10-05T11:00:00Z", called="9990000000")
        run = self._run()
        self.assertEqual(run.state, "stopped")
        self.assertIn("1 records in the error queue", run.stop_reason)
        self.assertFalse(run.move_ids)
        run.override_unrated = True
        with self.assertRaises(UserError):
            run.action_run()
        run.override_reason = "Wrong numbers, agreed with the customer"
        user = self._user("voip_billing_base.group_voip_user")
        with self.assertRaises(AccessError):
            run.with_user(user).action_run()
        for _press in range(2):
            run.action_run()
            self.assertEqual(run.state, "done")
        self.assertEqual(len(run.move_ids), 1)
        overrides = self.env["voip.audit"].search([("res_id", "=", run.id)])
        overrides = overrides.filtered(lambda x: x.event == "billing_run_override")
        self.assertEqual(len(overrides), 1)
        self.assertWhole()

    def _user(self, group):
        return self.env["res.users"].create(
            {
                "name": group,
                "login": group,
                "group_ids": [(6, 0, [self.env.ref(group).id])],
                "company_id": self.env.company.id,
                "company_ids": [(6, 0, self.env.company.ids)],
            }
        )

    def test_one_bad_account_keeps_its_error_and_stops_no_other(self):
        other = self._create_account(deck_id=self.deck.id)
        self._create_trunk(code="b2", account_id=other.id)
        self._calls("2026-10-05T10:00:00Z")
        self._calls("2026-10-05T10:00:00Z", trunk="b2")
        other.partner_id.property_account_receivable_id.active = False
        receivable = other.partner_id.property_account_receivable_id.copy(
            {"code": "9999X", "active": False}
        )
        self.account.partner_id.property_account_receivable_id.active = True
        other.partner_id.property_account_receivable_id = receivable
        run = self._run(account_ids=[(6, 0, (self.account | other).ids)])
        states = {line.account_id: line for line in run.line_ids}
        self.assertEqual(states[self.account].state, "invoiced")
        self.assertEqual(states[other].state, "error")
        self.assertTrue(states[other].message)
        receivable.active = True
        run.action_run()
        self.assertEqual(states[other].state, "invoiced")
        self.assertWhole()

    def test_prepaid_invoice_is_settled_from_the_balance(self):
        self._topup(self.account, 50)
        self._calls("2026-10-05T10:00:00Z", duration="6000")
        invoice = self._run().move_ids
        wallet = self.account.wallet_id
        self.assertIn(invoice.payment_state, ("paid", "in_payment"))
        self.assertEqual(wallet.unbilled, 0)
        self.assertAlmostEqual(wallet.ledger_balance, 50 - invoice.amount_total)
        self.assertWhole()

    def test_sub_account_has_its_section_on_the_parents_invoice(self):
        child = self._create_account(
            name="Branch",
            partner_id=self.account.partner_id.id,
            parent_id=self.account.id,
            consolidated_billing=True,
            deck_id=self.deck.id,
            tz="Europe/Berlin",
        )
        self._create_trunk(code="b3", account_id=child.id)
        self._calls("2026-10-05T10:00:00Z")
        self._calls("2026-10-05T10:00:00Z", trunk="b3", duration="120")
        run = self._run()
        sections = run.move_ids.invoice_line_ids.filtered(
            lambda line: line.display_type == "line_section"
        )
        self.assertEqual(len(sections), 2)
        self.assertEqual(run.move_ids.voip_account_id, self.account)
        self.assertEqual(child.wallet_id.unbilled, 0)
        self.assertWhole()

    def test_posted_usage_invoice_is_corrected_by_credit_note_only(self):
        self._calls("2026-10-05T10:00:00Z", duration="6000")
        invoice = self._run().move_ids
        with self.assertRaises(UserError):
            invoice.button_draft()
        with self.assertRaises(UserError):
            invoice.invoice_line_ids[0].price_unit = 1
        refund = invoice.sudo()._reverse_moves()
        refund.action_post()
        self.assertEqual(self.account.wallet_id.ledger_balance, 0)
        self.assertWhole()

    def test_undo_after_the_invoice_gives_back_on_the_next_one(self):
        answer = self._calls("2026-10-05T10:00:00Z", duration="6000")
        first = self._run().move_ids
        self.env["voip.cdr.batch"].browse(answer["batch"]).action_undo()
        self.assertWhole()
        second = self._run(cutoff=datetime(2026, 12, 5, 12)).move_ids
        self.assertEqual(second.move_type, "out_refund")
        self.assertEqual(second.amount_untaxed, first.amount_untaxed)
        self.assertWhole()

    def test_fast_invoice_equals_a_plain_one_field_by_field(self):
        self._calls("2026-10-05T10:00:00Z", duration="6000")
        self._calls("2026-10-07T10:00:00Z", called="493012345", duration="36000")
        fast = self._run().move_ids
        plain = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": fast.partner_id.id,
                "invoice_date": fast.invoice_date,
                "invoice_date_due": fast.invoice_date,
                "invoice_payment_term_id": fast.invoice_payment_term_id.id,
                "invoice_line_ids": [
                    (
                        0,
                        0,
                        {
                            "product_id": line.product_id.id,
                            "name": line.name,
                            "quantity": 1,
                            "price_unit": line.price_unit,
                            "tax_ids": [(6, 0, line.tax_ids.ids)],
                        },
                    )
                    for line in fast.invoice_line_ids
                ],
            }
        )
        plain.action_post()
        for name in COMPARED_MOVE:
            self.assertEqual(fast[name], plain[name], name)
        pairs = zip(
            fast.line_ids.sorted(_line_key),
            plain.line_ids.sorted(_line_key),
            strict=True,
        )
        for ours, theirs in pairs:
            for name in COMPARED_LINE:
                self.assertEqual(ours[name], theirs[name], name)

    def test_a_large_run_is_worked_off_by_the_scheduled_action(self):
        accounts = self.account
        self._calls("2026-10-05T10:00:00Z")
        for number in range(5):
            account = self._create_account(deck_id=self.deck.id)
            self._create_trunk(code=f"many{number}", account_id=account.id)
            self._calls("2026-10-05T10:00:00Z", trunk=f"many{number}")
            accounts |= account
        with patch(CHUNK, 1):
            run = self._run(account_ids=[(6, 0, accounts.ids)])
            self.assertEqual((run.state, run.invoiced_count), ("running", 0))
            with self.enter_registry_test_mode():
                cron = self.env.ref("voip_billing_base.ir_cron_billing_run")
                cron.method_direct_trigger()
        run.invalidate_recordset()
        self.assertEqual((run.state, run.invoiced_count), ("done", 6))
        self.assertWhole()

    def test_the_scheduled_action_invoices_every_company_that_is_due(self):
        self._calls("2026-10-05T10:00:00Z")
        self.env["voip.billing.run"]._cron_due()
        invoice = self.env["account.move"].search(
            [("voip_account_id", "=", self.account.id)]
        )
        self.assertEqual(invoice.voip_period_end, date(2026, 10, 31))
        runs = self.env["voip.billing.run"].search_count([])
        self.env["voip.billing.run"]._cron_due()
        self.assertEqual(self.env["voip.billing.run"].search_count([]), runs)
        self.assertWhole()

    def test_figures_of_a_run_and_its_lines_are_not_typed_in(self):
        self._calls("2026-10-05T10:00:00Z")
        run = self._run()
        user = self._user("voip_billing_base.group_voip_user")
        cases = [
            (run, {"state": "draft"}),
            (run.line_ids, {"amount": 0}),
            (run.move_ids, {"voip_period_end": date(2026, 9, 30)}),
            (run.move_ids.invoice_line_ids, {"voip_amount": 5}),
            (run.move_ids.line_ids, {"voip_account_id": self.account.id}),
        ]
        for records, values in cases:
            with self.subTest(values=values), self.assertRaises(UserError):
                records.with_user(user).write(values)

    def test_printed_invoice_names_seller_period_and_currency_of_the_rate(self):
        other = self.env.ref("base.CHF")
        other.active = True
        self.env["res.currency.rate"].create(
            {"currency_id": other.id, "name": "2020-01-01", "rate": 0.9}
        )
        deck = self._create_deck(
            currency_id=other.id, rates=[{"prefix": "44", "price_per_minute": "0.06"}]
        )
        self.account.deck_id = deck
        self._calls("2026-10-05T10:00:00Z")
        html, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "account.account_invoices", self._run().move_ids.ids, {"report_type": "pdf"}
        )
        page = html.decode()
        self.assertIn("0.0600 CHF", page)
        self.assertIn("10/31/2026", page)
        self.assertIn('name="voip_seller"', page)

    def test_preview_writes_no_invoice(self):
        self._calls("2026-10-05T10:00:00Z", duration="6000")
        run = self.env["voip.billing.run"].create(
            {"cutoff": fields.Datetime.to_datetime("2026-11-05 12:00:00")}
        )
        run.action_preview()
        line = run.line_ids.filtered(lambda x: x.account_id == self.account)
        self.assertEqual((line.calls, line.amount), (1, 0.85))
        self.assertEqual(
            (line.period_start, line.period_end),
            (date(2026, 10, 1), date(2026, 10, 31)),
        )
        self.assertFalse(run.move_ids)


COMPARED_MOVE = (
    "amount_untaxed",
    "amount_tax",
    "amount_total",
    "amount_residual",
    "invoice_date_due",
    "currency_id",
    "journal_id",
    "fiscal_position_id",
    "partner_shipping_id",
    "state",
)
COMPARED_LINE = (
    "display_type",
    "account_id",
    "debit",
    "credit",
    "balance",
    "amount_currency",
    "price_subtotal",
    "price_total",
    "tax_ids",
    "tax_line_id",
    "tax_tag_ids",
    "tax_base_amount",
    "product_id",
    "product_uom_id",
    "quantity",
    "date_maturity",
    "partner_id",
)


def _line_key(line):
    return (line.display_type, line.account_id.id, line.balance, line.name or "")
