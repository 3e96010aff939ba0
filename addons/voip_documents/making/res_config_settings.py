"""How many worker processes make documents."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..engine.pool import usual_size
from ..models.voip_document_template_preview import MOST_WORKERS, WORKERS


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    voip_document_workers = fields.Integer(
        string="Workers",
        config_parameter=WORKERS,
        help="Processes that make files, for each process of the server; 0: one for "
        "each processor, four at most.",
    )
    voip_document_usual = fields.Integer(compute="_compute_voip_document_usual")

    @api.depends("voip_document_workers")
    def _compute_voip_document_usual(self):
        for settings in self:
            settings.voip_document_usual = usual_size()

    @api.constrains("voip_document_workers")
    def _check_voip_document_workers(self):
        for settings in self:
            if not 0 <= settings.voip_document_workers <= MOST_WORKERS:
                raise ValidationError(
                    self.env._("Workers are 0 to %s.", MOST_WORKERS)
                )
