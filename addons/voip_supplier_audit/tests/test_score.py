"""The scorecard recomputed by hand."""

from datetime import date

from odoo.tests import new_test_user, tagged

from .common import SupplierCommon


@tagged("post_install", "-at_install")
class TestScore(SupplierCommon):
    def _claim(self, invoice):
        """10.00 disputed, of which 8.00 come back after 14 days; 4.00 are open."""
        lines = invoice.line_ids.sudo()
        lines.filtered(lambda x: x.prefix == "49").write(
            {"decision": "disputed", "disputed_amount": 10.0, "reason": "Rate"}
        )
        claim = self.env["voip.supplier.claim"].sudo()
        base = {"invoice_id": invoice.id, "by": "debit_note", "opened_on": "2026-04-03"}
        credited = {
            "amount": 10.0,
            "credited_amount": 8.0,
            "state": "credited",
            "closed_on": "2026-04-17",
        }
        claim.create({**base, **credited})
        claim.create({**base, "amount": 4.0})

    def test_a_month_sums_its_reconciled_invoices(self):
        self._agree()
        first = self._reconciled()
        self._reconciled(number="INV-2")
        self._load_invoice([{"prefix": "44", "amount": "9"}], number="INV-3")
        self._claim(first)
        self.env.flush_all()
        score = self.env["voip.supplier.score"].search(
            [("partner_id", "=", self.supplier.id)]
        )
        self.assertRecordValues(
            score,
            [
                {
                    "month": date(2026, 3, 1),
                    "invoices": 2,
                    "theirs": 315.0,
                    "ours": 280.0,
                    "difference": 35.0,
                    "disputed": 10.0,
                    "dispute_rate": 3.17,
                    "credited": 8.0,
                    "credit_rate": 80.0,
                    "credit_days": 14.0,
                }
            ],
        )
        within = sum(x.amount for x in (first.line_ids) if x.within)
        self.assertEqual(score.accuracy, round(100 * 2 * within / 315.0, 2))
        invoices = self.env["voip.supplier.invoice"]
        found = invoices.search(score.action_view_invoices()["domain"])
        self.assertLessEqual(first, found)
        viewer = new_test_user(
            self.env, login="score", groups="voip_billing_base.group_voip_viewer"
        )
        self.assertTrue(score.with_user(viewer).read(["accuracy"]))
