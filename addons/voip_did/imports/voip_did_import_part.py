"""Columns and rows of a list of numbers."""

from odoo import fields, models
from odoo.exceptions import UserError

from .columns import LABELS


class VoipDidImportPart(models.AbstractModel):
    """What belongs to one import and goes with it."""

    _name = "voip.did.import.part"
    _inherit = ["voip.guard"]
    _description = "Part of an Import of Numbers"
    _check_company_auto = True

    import_id = fields.Many2one(
        "voip.did.import",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
        check_company=True,
    )
    company_id = fields.Many2one(
        related="import_id.company_id", store=True, precompute=True, index=True
    )


class VoipDidImportColumn(models.Model):
    """A column of a list of numbers and what it is."""

    _name = "voip.did.import.column"
    _inherit = ["voip.sheet.import.column", "voip.did.import.part"]
    _description = "Column of a List of Numbers"
    _order = "place, id"
    _rec_name = "header"

    target = fields.Selection(
        list(LABELS.items()), string="Is", help="Empty: the column is not read."
    )

    # === BUSINESS METHODS === #

    def _refuse_missing(self, found):
        if "number" not in found:
            raise UserError(self.env._("Say which column is the Number."))


class VoipDidImportRow(models.Model):
    """What one row of a list does to the inventory; written in SQL."""

    _name = "voip.did.import.row"
    _inherit = ["voip.list.import.row", "voip.did.import.part"]
    _description = "Row of a List of Numbers"
    _log_access = False
    _rec_name = "number"

    number = fields.Char(readonly=True, help="As it was read; of a block the first.")
    size = fields.Integer(
        string="Numbers", readonly=True, aggregator="sum", help="1, or a block's."
    )
    changes = fields.Char(readonly=True, help="What it would change.")
