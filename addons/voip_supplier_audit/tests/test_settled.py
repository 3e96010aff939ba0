"""What settled a claim stays set off, or its money would be payable again."""

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import SupplierCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-04-10 12:00:00")
class TestSettled(SupplierCommon):
    def _disputed(self, **agreed):
        self._agree(**agreed)
        invoice = self._reconciled()
        self._choose(invoice, p447="accept", p49="dispute", p999="reject")
        invoice.action_decide()
        return invoice

    def _payable(self, move):
        return move.line_ids.filtered(
            lambda line: line.account_id.account_type == "liability_payable"
        )

    def test_a_held_bill_stays_set_off_by_the_credit_note(self):
        claim = self._disputed().claim_ids
        claim.credit_note_id = self._credit_note(10.0)
        claim.action_credit()
        for move in (claim.move_id, claim.credit_note_id):
            with self.assertRefused(UserError, "closed the claim on invoice INV-1"):
                self._payable(move).remove_move_reconcile()
        self.assertEqual(claim.move_id.payment_state, "reversed")
        self.assertWhole()

    def test_a_debit_note_stays_set_off_until_the_claim_is_conceded(self):
        claim = self._disputed(claim_by="debit_note").claim_ids
        note = claim.move_id
        with self.assertRefused(UserError, "claims money of invoice INV-1"):
            self._payable(note).remove_move_reconcile()
        claim.credit_reference = "CN-7"
        claim.action_credit()
        with self.assertRefused(UserError, "claims money of invoice INV-1"):
            self._payable(note).remove_move_reconcile()
        self.assertWhole()

    def test_what_a_conceded_claim_left_is_open_to_accountants(self):
        claim = self._disputed(claim_by="debit_note").claim_ids
        claim.reason = "Right after all."
        claim.action_concede()
        self._payable(claim.move_id).remove_move_reconcile()
        self.assertEqual(claim.move_id.amount_residual, 10.0)

    def test_a_credit_note_that_sets_nothing_off_closes_no_claim(self):
        invoice = self._disputed()
        claim = invoice.claim_ids
        invoice._reconcile_payable(claim.move_id | self._credit_note(10.0))
        claim.credit_note_id = self._credit_note(10.0)
        with self.assertRefused(UserError, "set off by other entries already"):
            claim.action_credit()

    def test_the_check_sees_a_credit_note_that_was_torn_from_its_bill(self):
        claim = self._disputed().claim_ids
        claim.credit_note_id = self._credit_note(10.0)
        claim.action_credit()
        lines = self._payable(claim.move_id)
        partials = lines.matched_debit_ids | lines.matched_credit_ids
        self.env.flush_all()
        with self.env.cr.savepoint(flush=False) as point:
            self.env.cr.execute(
                "DELETE FROM account_partial_reconcile WHERE id = ANY(%s)",
                [partials.ids],
            )
            found = self.env["voip.check"].sudo().run()
            broken = [one["name"] for one in found if one["violations"]]
            self.assertEqual(broken, ["supplier_offsets"])
            point.rollback()
        self.assertWhole()
