"""Merged partners keep their wallets, and their open items stay in one."""

from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        result = super()._update_foreign_keys(src_partners, dst_partner)
        self.env.invalidate_all()
        customer = dst_partner.sudo().commercial_partner_id
        customer._voip_sync_receivables()
        self.env["voip.account"]._settle_mains(customer)
        return result
