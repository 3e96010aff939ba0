"""Lines of a claim are settled apart, and the books stay whole."""

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import SupplierCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-04-10 12:00:00")
class TestClaimSplit(SupplierCommon):
    def _two_disputed(self, **agreed):
        """Claims of 10.00 and of 7.50 of one invoice."""
        self._agree(**agreed)
        invoice = self._reconciled()
        self._choose(invoice, p447="accept", p49="dispute", p999="dispute")
        invoice.action_decide()
        whole = invoice.claim_ids
        with self.assertRefused(UserError, "has no other lines"):
            whole.line_ids.action_claim_apart()
        line = whole.line_ids.filtered(lambda one: one.prefix == "999")
        part = self.env["voip.supplier.claim"].browse(
            line.action_claim_apart()["res_id"]
        )
        self.assertEqual((whole.amount, part.amount), (10.0, 7.5))
        self.assertWhole()
        return invoice, whole, part

    def test_lines_of_a_claim_are_settled_one_by_one(self):
        invoice, whole, part = self._two_disputed()
        held = whole.move_id
        part.credit_note_id = self._credit_note(10.0)
        with self.assertRefused(UserError, "credits 10.00, the claim is of 7.50"):
            part.action_credit()
        part.credit_note_id = self._credit_note(7.5)
        part.action_credit()
        self.assertEqual((part.state, held.amount_residual), ("credited", 10.0))
        self.assertEqual((held.voip_payment_hold, invoice.state), (True, "disputed"))
        self.assertWhole()
        whole.reason = "His records convinced us."
        whole.action_concede()
        self.assertEqual((held.voip_payment_hold, invoice.state), (False, "settled"))
        self.assertEqual(held.amount_residual, 10.0)
        self.assertWhole()

    def test_of_what_is_conceded_first_nothing_is_paid_before_the_rest_is_closed(self):
        _invoice, whole, part = self._two_disputed()
        part.reason = "Ours after all."
        part.action_concede()
        self.assertTrue(whole.move_id.voip_payment_hold)
        self.assertWhole()
        whole.credit_note_id = self._credit_note(10.0)
        whole.action_credit()
        self.assertEqual(whole.move_id.amount_residual, 7.5)
        self.assertFalse(whole.move_id.voip_payment_hold)
        self.assertWhole()

    def test_a_part_of_a_debit_note_is_conceded(self):
        invoice, whole, part = self._two_disputed(claim_by="debit_note")
        part.reason = "Ours after all."
        part.action_concede()
        back = whole.move_id.reversal_move_ids
        self.assertEqual((back.amount_total, back.amount_residual), (7.5, 7.5))
        self.assertWhole()
        whole.credit_reference = "CN-8"
        whole.action_credit()
        self.assertEqual(invoice.state, "settled")
        self.assertWhole()
