"""Columns and rows of a price list of AI."""

from odoo import fields, models
from odoo.exceptions import UserError

from .columns import LABELS, NEEDED


class VoipAiPriceImportPart(models.AbstractModel):
    """What belongs to one import and goes with it."""

    _name = "voip.ai.price.import.part"
    _inherit = ["voip.guard"]
    _description = "Part of an Import of AI Prices"
    _check_company_auto = True

    import_id = fields.Many2one(
        "voip.ai.price.import",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
        check_company=True,
    )
    company_id = fields.Many2one(
        related="import_id.company_id", store=True, precompute=True, index=True
    )


class VoipAiPriceImportColumn(models.Model):
    """A column of a price list and what it is."""

    _name = "voip.ai.price.import.column"
    _inherit = ["voip.sheet.import.column", "voip.ai.price.import.part"]
    _description = "Column of a Price List of AI"
    _order = "place, id"
    _rec_name = "header"

    target = fields.Selection(
        list(LABELS.items()), string="Is", help="Empty: the column is not read."
    )

    # === BUSINESS METHODS === #

    def _refuse_missing(self, found):
        for name in NEEDED:
            if name not in found:
                raise UserError(
                    self.env._("Say which column is the %s.", LABELS[name])
                )


class VoipAiPriceImportRow(models.Model):
    """What one row of a price list does to the catalogue; written in SQL."""

    _name = "voip.ai.price.import.row"
    _inherit = ["voip.list.import.row", "voip.ai.price.import.part"]
    _description = "Row of a Price List of AI"
    _log_access = False
    _rec_name = "what"

    what = fields.Char(readonly=True, help="Model and kind as they were read.")
