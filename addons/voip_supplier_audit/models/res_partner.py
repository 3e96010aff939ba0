"""Whom kept costs of calls name."""

from odoo import api, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    @api.model
    def _voip_supplier_facts(self):
        return super()._voip_supplier_facts() | {
            ("voip_supplier_cost_row", "supplier_id")
        }
