"""What was decided with a supplier is changed behind the product's back, and seen."""

from odoo.tests import tagged

from odoo.addons.voip_rating.tests.tamper_common import TABLES, TamperCommon

from ..checks.voip_witness import OURS
from .cost_common import CostCommon

INVOICE = "UPDATE voip_supplier_invoice SET {} WHERE id = %(id)s"
LINE = "UPDATE voip_supplier_invoice_line SET {} WHERE invoice_id = %(id)s"
CLAIM = "UPDATE voip_supplier_claim SET {} WHERE invoice_id = %(id)s"
CORRECTION = "UPDATE voip_supplier_correction SET {} WHERE invoice_id = %(id)s"
AGREEMENT = "UPDATE voip_supplier_agreement SET {} WHERE id = %(id)s"
TERM = "UPDATE voip_supplier_quality SET {} WHERE agreement_id = %(id)s"


@tagged("post_install", "-at_install")
class TestTamper(TamperCommon, CostCommon):
    guarded = (
        *TABLES,
        "voip_supplier_invoice_line",
        "voip_supplier_correction_row",
        "voip_supplier_record_row",
    )

    def _settled(self):
        """An invoice with call records, of which a claim was conceded, at true cost."""
        self.agreement = self._agree(tz="UTC", dispute_days=366)
        self._calls()
        invoice = self._september(
            [{"prefix": "447", "amount": "0.12"}, {"prefix": "49", "amount": "0.50"}],
            tz="UTC",
        )
        record = {
            "call_id": "c-1",
            "called": "447700900123",
            "start": "2026-09-05T10:00:00Z",
            "duration": "60",
            "amount": "0.12",
        }
        invoice.load_records(invoice.id, [record])
        invoice.action_reconcile()
        first, second = invoice.line_ids
        first.action_accept()
        second.action_dispute()
        second.reason = "Never so much."
        invoice.action_decide()
        invoice.claim_ids.reason = "Right after all."
        invoice.claim_ids.action_concede()
        corrections = self.env["voip.supplier.correction"]
        with self.enter_registry_test_mode():
            self.env.ref(corrections._job_cron).method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(set(invoice.correction_ids.mapped("state")), {"booked"})
        self._witness()
        self.assertWhole()
        return invoice

    def test_what_was_decided_on_an_invoice_is_as_it_was(self):
        invoice = self._settled()
        for name, statement in (
            ("same_supplier_invoices", INVOICE.format("number = 'another'")),
            ("same_supplier_invoices", INVOICE.format("date = date - 1")),
            ("same_supplier_invoices", INVOICE.format("asked_id = NULL")),
            ("same_supplier_invoices", INVOICE.format("late_reason = 'another'")),
            ("same_supplier_invoices", LINE.format("ours_amount = 7")),
            ("same_supplier_invoices", LINE.format("prefix = '1'")),
            ("same_supplier_invoices", LINE.format("reason = 'another'")),
            ("same_supplier_invoices", LINE.format("found = 'equal'")),
            (
                "same_supplier_invoices",
                "DELETE FROM voip_supplier_invoice_line WHERE invoice_id = %(id)s",
            ),
            ("same_supplier_claims", CLAIM.format("reason = 'another'")),
            ("same_supplier_claims", CLAIM.format("state = 'open', closed_on = NULL")),
            ("same_supplier_claims", CLAIM.format("opened_on = opened_on - 1")),
            ("same_supplier_corrections", CORRECTION.format("cost = cost + 1")),
            ("same_supplier_corrections", CORRECTION.format("booked_at = now()")),
            (
                "same_supplier_corrections",
                "UPDATE voip_supplier_correction_row r SET price = price + 1"
                "  FROM voip_supplier_correction k"
                " WHERE k.id = r.correction_id AND k.invoice_id = %(id)s",
            ),
        ):
            with self.subTest(statement):
                self.assertSeen(name, statement, id=invoice.id)

    def test_call_records_of_a_decided_invoice_are_compared_by_the_full_check(self):
        invoice = self._settled()
        self.assertEqual(self._violated(full=True), set())
        for statement in (
            "UPDATE voip_supplier_record_row SET amount = 0 WHERE invoice_id = %(id)s",
            "UPDATE voip_supplier_match_row SET class = 0 WHERE invoice_id = %(id)s",
        ):
            with self.subTest(statement), self.env.cr.savepoint(flush=False) as point:
                table = statement.split()[1]
                self.env.cr.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
                self.env.cr.execute(statement, {"id": invoice.id})
                self.assertNotEqual(self.env.cr.rowcount, 0)
                self.env.cr.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
                self.assertEqual(self._violated(full=True), {"same_supplier_calls"})
                point.rollback()

    def test_what_goes_with_the_add_on_is_no_tampering(self):
        invoice = self._settled()
        self.env["voip.anchor"]._forget([kept.kind for kept in OURS])
        self.env.cr.execute(
            "UPDATE voip_supplier_claim SET reason = 'another' WHERE invoice_id = %s",
            [invoice.id],
        )
        self.assertEqual(self._violated(), set())
        self._witness()
        self.assertEqual(self._violated(), set())
        changed = CLAIM.format("reason = 'x'")
        self.assertSeen("same_supplier_claims", changed, id=invoice.id)

    def test_what_was_agreed_is_as_last_audited(self):
        agreement = self._agree(tz="UTC", dispute_days=20, line_absolute=0.05)
        self.env["voip.supplier.quality"].create(
            {"agreement_id": agreement.id, "threshold": 33.3333, "percent": 2}
        )
        agreement.date_to = "2026-12-31"
        self.assertWhole()
        for statement in (
            AGREEMENT.format("line_percent = 50"),
            AGREEMENT.format("line_absolute = 0.06"),
            AGREEMENT.format("dispute_days = 90"),
            AGREEMENT.format("claim_by = 'debit_note'"),
            AGREEMENT.format("date_to = NULL"),
            AGREEMENT.format("four_eyes_amount = 1000000"),
            AGREEMENT.format("active = false"),
            TERM.format("threshold = 40"),
            TERM.format("kind = 'bonus'"),
            "DELETE FROM voip_supplier_quality WHERE agreement_id = %(id)s",
        ):
            with self.subTest(statement):
                self.assertSeen("supplier_agreements", statement, id=agreement.id)
