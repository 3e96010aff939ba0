"""What merged suppliers taught: the one's that stays, where both have it."""

from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _voip_learned(self):
        return super()._voip_learned() | {
            "voip_supplier_map": ("partner_id", "company_id", "header_mark"),
            "voip_supplier_name": ("partner_id", "company_id", "plain_name"),
        }
