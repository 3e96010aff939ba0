from odoo import api, fields, models


class VoipRateGeneratorPart(models.AbstractModel):
    """What belongs to one mark-up; a change of it is a change of the mark-up."""

    _name = "voip.rate.generator.part"
    _inherit = ["voip.guard"]
    _description = "VoIP Rate Mark-up Part"
    _check_company_auto = True

    generator_id = fields.Many2one(
        "voip.rate.generator",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
    )
    company_id = fields.Many2one(
        related="generator_id.company_id", store=True, precompute=True
    )

    @api.model_create_multi
    def create(self, vals_list):
        parts = super().create(vals_list)
        parts.generator_id._log_change()
        return parts

    def write(self, vals):
        result = super().write(vals)
        self.generator_id._log_change()
        return result

    def unlink(self):
        generators = self.generator_id
        result = super().unlink()
        generators._log_change()
        return result
