"""Whom numbers and their costs name."""

from odoo import api, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    @api.model
    def _voip_supplier_links(self):
        return super()._voip_supplier_links() | {
            ("voip_did", "supplier_id"),
            ("voip_did_cost", "supplier_id"),
        }

    @api.model
    def _voip_supplier_facts(self):
        return super()._voip_supplier_facts() | {("voip_did_cost", "supplier_id")}
