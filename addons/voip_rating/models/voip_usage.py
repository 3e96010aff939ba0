"""Usage knows its destination and trunks as records."""

from odoo import fields, models

VIEWER = "voip_billing_base.group_voip_viewer"


class VoipUsage(models.Model):
    _inherit = "voip.usage"

    destination_id = fields.Many2one("voip.destination", readonly=True)
    trunk_id = fields.Many2one("voip.trunk", readonly=True, groups=VIEWER)
    supplier_trunk_id = fields.Many2one("voip.trunk", readonly=True, groups=VIEWER)


class VoipUsageSummary(models.Model):
    _inherit = "voip.usage.summary"

    destination_id = fields.Many2one(
        "voip.destination", readonly=True, ondelete="restrict"
    )
