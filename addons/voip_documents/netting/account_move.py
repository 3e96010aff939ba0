"""Entries of nettings are taken back by their netting, whole."""

from odoo import models
from odoo.exceptions import UserError


class AccountMove(models.Model):
    _inherit = "account.move"

    def button_draft(self):
        self._refuse_netted()
        return super().button_draft()

    def _reverse_moves(self, default_values_list=None, cancel=False):
        self._refuse_netted()
        return super()._reverse_moves(default_values_list, cancel)

    def _refuse_netted(self):
        """:raises UserError: an entry is of a netting that stands, which is named"""
        nettings = self.env["voip.netting"].sudo()
        domain = [("move_ids", "in", self.ids), ("state", "=", "posted")]
        if found := nettings.search(domain, limit=1):
            raise UserError(
                self.env._(
                    "The entry is of the netting %s: cancel that, so that all its items"
                    " are open again.",
                    found.name,
                )
            )
