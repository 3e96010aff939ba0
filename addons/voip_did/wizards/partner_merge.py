"""Maps of merged suppliers: the one's that stays, where both have it."""

from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _voip_learned(self):
        return super()._voip_learned() | {
            "voip_did_import_map": ("supplier_id", "company_id", "header_mark"),
            "voip_did_supplier": ("partner_id", "company_id"),
        }
