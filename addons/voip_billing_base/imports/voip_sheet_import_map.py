"""How the columns of a header were mapped: the next file of it maps itself."""

from odoo import api, fields, models

from .look import letters


class VoipSheetImportMap(models.AbstractModel):
    """The model names whose maps these are, by fields of its own."""

    _name = "voip.sheet.import.map"
    _inherit = ["voip.guard"]
    _description = "Map of a Sheet"
    _order = "write_date desc, id desc"
    _rec_name = "header"

    # Model of the columns, which has the names of what they may be.
    _map_column = None

    header = fields.Char(readonly=True, help="The names of the columns.")
    header_mark = fields.Char(required=True, readonly=True)
    columns = fields.Json(readonly=True)
    columns_text = fields.Char(
        string="What Is Read",
        compute="_compute_columns_text",
        help="By column of the sheet.",
    )
    mark = fields.Char(string="Decimal mark", readonly=True)

    # === COMPUTE METHODS === #

    @api.depends("columns")
    def _compute_columns_text(self):
        field = self.env[self._map_column]._fields["target"]
        labels = dict(field._description_selection(self.env))
        for known in self:
            places = sorted((known.columns or {}).items(), key=lambda x: int(x[0]))
            known.columns_text = ", ".join(
                f"{letters(int(place))}: {labels.get(target, target)}"
                for place, target in places
            )

    # === BUSINESS METHODS === #

    @api.model
    def _of(self, owner, header_mark):
        """The owner's map of a header, or an empty recordset.

        :param owner: {field: value}
        """
        own = [(name, "=", value) for name, value in owner.items()]
        return self.search([*own, ("header_mark", "=", header_mark)], limit=1)

    @api.model
    def _remember(self, owner, values):
        """Keep a map; ``values`` hold ``header_mark`` and what was chosen."""
        known = self._of(owner, values["header_mark"]).sudo()
        if known:
            known.write(values)
        else:
            known.create({**values, **owner})
