"""A column of a file and what it is."""

from odoo import fields, models
from odoo.exceptions import UserError


class VoipSheetImportColumn(models.AbstractModel):
    """The model has ``import_id`` and ``target``, the fields that a column may be."""

    _name = "voip.sheet.import.column"
    _inherit = ["voip.guard"]
    _description = "Column of a Sheet"

    place = fields.Integer(required=True, readonly=True, default=0, aggregator=None)
    letter = fields.Char(string="Column", readonly=True)
    header = fields.Char(readonly=True)
    sample = fields.Char(string="First Values", readonly=True)

    # === CRUD METHODS === #

    def write(self, vals):
        result = super().write(vals)
        if "target" in vals:
            self.import_id._settings_changed()
        return result

    # === BUSINESS METHODS === #

    def _by_target(self):
        """{field: column number from 0}.

        :raises UserError: two columns are the same, or what is needed is missing
        """
        found = {}
        labels = dict(self._fields["target"]._description_selection(self.env))
        for column in self.filtered("target"):
            if column.target in found:
                raise UserError(
                    self.env._(
                        "Two columns are mapped to %(field)s: leave one of them empty.",
                        field=labels[column.target],
                    )
                )
            found[column.target] = column.place
        self._refuse_missing(found)
        return found

    def _refuse_missing(self, found):
        """:raises UserError: what is needed is not among the mapped fields"""
