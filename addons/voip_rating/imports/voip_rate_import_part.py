from odoo import fields, models


class VoipRateImportPart(models.AbstractModel):
    """What belongs to one import and goes with it."""

    _name = "voip.rate.import.part"
    _inherit = ["voip.guard"]
    _description = "VoIP Rate Sheet Part"
    _check_company_auto = True

    import_id = fields.Many2one(
        "voip.rate.import",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
        check_company=True,
    )
    company_id = fields.Many2one(
        related="import_id.company_id", store=True, precompute=True
    )
