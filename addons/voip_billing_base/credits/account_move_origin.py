"""Ways between an invoice of usage, its credit notes and what bills it again."""

from odoo import fields, models

from ..models.voip_guard import one


class AccountMove(models.Model):
    _inherit = "account.move"

    voip_origin_count = fields.Integer(compute="_compute_voip_origin")
    voip_note_count = fields.Integer(compute="_compute_voip_origin")
    voip_again_count = fields.Integer(compute="_compute_voip_origin")

    # === COMPUTE METHODS === #

    def _compute_voip_origin(self):
        credits_ = self._voip_done_credits()
        for move in self:
            move.voip_origin_count = len(move._voip_origins(credits_))
            move.voip_note_count = len(move._voip_credit_notes(credits_))
            move.voip_again_count = len(move._voip_agains(credits_))

    # === ACTION METHODS === #

    def action_voip_view_origin(self):
        """The invoice that this document credits or bills again."""
        return self._voip_open_related("_voip_origins", self.env._("Credited Invoice"))

    def action_voip_view_notes(self):
        return self._voip_open_related("_voip_credit_notes", self.env._("Credit Notes"))

    def action_voip_view_again(self):
        return self._voip_open_related("_voip_agains", self.env._("New Invoices"))

    def _voip_open_related(self, name, title):
        self.check_access("read")
        one(self)
        moves = getattr(self, name)(self._voip_done_credits())
        if len(moves) == 1:
            return moves._voip_form_action()
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": "account.move",
            "view_mode": "list,form",
            "views": [(False, "list"), (False, "form")],
            "domain": [("id", "in", moves.ids)],
        }

    # === BUSINESS METHODS === #

    def _voip_done_credits(self):
        """Credits that these documents have part in; who reads them reads those."""
        credits_ = self.env["voip.credit"].sudo()
        return credits_.search([("state", "=", "done"), *self._voip_credits_domain()])

    def _voip_origins(self, credits_):
        mine = credits_.filtered(lambda x: self._origin in x.note_id | x.again_id)
        return mine.move_id.with_env(self.env)

    def _voip_credit_notes(self, credits_):
        mine = credits_.filtered(lambda x: self._origin in x.move_id | x.again_id)
        return mine.note_id.with_env(self.env)

    def _voip_agains(self, credits_):
        mine = credits_.filtered(lambda x: self._origin in x.move_id | x.note_id)
        return mine.again_id.with_env(self.env)
