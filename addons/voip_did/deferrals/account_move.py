"""The entries of month-ends stay as they were posted."""

from odoo import api, fields, models
from odoo.exceptions import UserError


class AccountMove(models.Model):
    _inherit = "account.move"

    voip_deferral_ids = fields.One2many(
        "voip.did.deferral",
        "move_id",
        string="Month-Ends of Deferred Revenue",
        groups="voip_billing_base.group_voip_viewer",
    )

    # === CRUD METHODS === #

    @api.ondelete(at_uninstall=False)
    def _unlink_except_deferral(self):
        self._voip_refuse_deferral()

    # === ACTION METHODS === #

    def button_draft(self):
        self._voip_refuse_deferral()
        return super().button_draft()

    def button_cancel(self):
        self._voip_refuse_deferral()
        return super().button_cancel()

    # === BUSINESS METHODS === #

    def _voip_refuse_deferral(self):
        """:raises UserError: one of these is the entry of a month-end"""
        kept = self.sudo().voip_deferral_ids.move_id
        if kept:
            raise UserError(
                self.env._(
                    "%s is the entry of a month-end of deferred revenue and stays."
                    " What has changed since is made good by the next month-end.",
                    ", ".join(kept.mapped("name")),
                )
            )
