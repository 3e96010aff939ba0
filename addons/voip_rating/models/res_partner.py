"""Whom the usage of trunks names."""

from odoo import api, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    @api.model
    def _voip_supplier_links(self):
        return super()._voip_supplier_links() | {("voip_trunk", "partner_id")}
