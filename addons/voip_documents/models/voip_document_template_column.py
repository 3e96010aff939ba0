"""Columns of tables: what a CSV or a plain XLSX shows of each line."""

import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError

PATH = re.compile(r"[a-z_]{1,30}(\.[a-z_]{1,30}){0,3}")


class VoipDocumentTemplateColumn(models.Model):
    _name = "voip.document.template.column"
    _description = "Column of a Document Template"
    _inherit = ["voip.guard"]
    _order = "template_id, sequence, id"

    template_id = fields.Many2one(
        "voip.document.template", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=1000)
    heading = fields.Char(required=True)
    path = fields.Char(
        string="Variable",
        required=True,
        help="e.g. number, customer.name, line.amount; see docs/documents.md.",
    )
    kind = fields.Selection(
        [
            ("text", "Text"),
            ("number", "Number"),
            ("date", "Date"),
            ("duration", "Seconds as Minutes"),
        ],
        required=True,
        default="text",
    )
    decimals = fields.Integer(
        default=-1, help="Of a number. Empty (-1): as many as it has."
    )
    width = fields.Integer(default=14, help="In characters, in XLSX.")

    _bounds = models.Constraint(
        "CHECK (decimals BETWEEN -1 AND 8 AND width BETWEEN 1 AND 120"
        " AND length(heading) <= 120)",
        "Decimals are -1 to 8, a width 1 to 120, a heading has at most 120 characters.",
    )

    @api.constrains("path")
    def _check_path(self):
        for column in self:
            if not PATH.fullmatch(column.path or ""):
                raise ValidationError(
                    self.env._(
                        "Column %(heading)s: %(path)s is no variable, write it like "
                        "line.amount.",
                        heading=column.heading,
                        path=column.path,
                    )
                )

    def _definition(self):
        names = ("heading", "path", "kind", "decimals", "width")
        return {name: self[name] for name in names}
