"""Merged partners keep their wallets, and their open items stay in one."""

from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        result = super()._update_foreign_keys(src_partners, dst_partner)
        self.env.invalidate_all()
        customer = dst_partner.sudo().commercial_partner_id
        customer._voip_sync_receivables()
        accounts = self.env["voip.account"].sudo()
        mains = accounts.search(
            [
                ("partner_id.commercial_partner_id", "=", customer.id),
                ("is_main", "=", True),
            ],
            order="id",
        )
        for accounts in mains.grouped("company_id").values():
            accounts[:1]._leave_one_main()
        return result
