"""What is held is set off against credit notes, never against money, and stays so."""

from odoo import api, models
from odoo.exceptions import UserError


class AccountPartialReconcile(models.Model):
    _inherit = "account.partial.reconcile"

    @api.model_create_multi
    def create(self, vals_list):
        partials = super().create(vals_list)
        for partial in partials.sudo():
            moves = partial._voip_moves()
            others = moves.filtered(lambda move: not move.voip_payment_hold)
            if set(others.mapped("move_type")) != {"in_refund"}:
                moves._voip_refuse_held()
        return partials

    def unlink(self):
        for partial in self.sudo():
            partial._voip_refuse_torn()
        return super().unlink()

    def _voip_moves(self):
        return self.debit_move_id.move_id | self.credit_move_id.move_id

    def _voip_refuse_torn(self):
        """:raises UserError: money that is settled or claimed would be payable again"""
        moves = self._voip_moves()
        audited = moves.voip_supplier_invoice_id
        if not audited:
            return
        moves.filtered("voip_supplier_claim_id")._voip_refuse_settled()
        for claim in audited.claim_ids.filtered(lambda one: one.state != "conceded"):
            # A bill that was in the books is set off by accountants as they like.
            own = moves & claim.invoice_id.move_ids - claim.invoice_id.bill_id
            if claim.by == "debit_note" and claim.move_id in moves and own == moves:
                raise UserError(
                    self.env._(
                        "%(move)s claims money of invoice %(number)s: without it that"
                        " would be payable again. Concede the claim, or correct it by"
                        " an entry of its own.",
                        move=claim.move_id.display_name,
                        number=claim.invoice_id.number,
                    )
                )
