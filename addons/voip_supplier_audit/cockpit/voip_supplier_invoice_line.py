"""Lines by what makes them differ."""

from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class VoipSupplierInvoiceLine(models.Model):
    _inherit = "voip.supplier.invoice.line"

    cause = fields.Char(
        store=False,
        search="_search_cause",
        export_string_translation=False,
        help="Only searched: a kind that is among the causes of the line.",
    )

    # === BUSINESS METHODS === #

    def _search_cause(self, operator, value):
        if operator != "in":
            return NotImplemented
        kinds = [kind for kind in value if kind]

        def condition(model, alias, query):
            told = model._field_to_sql(alias, "explanations", query)
            path = "$[*].kind ? (@ == $kinds[*])"
            return SQL(
                "jsonb_path_exists(%s, %s, jsonb_build_object('kinds', to_jsonb(%s)))",
                *(told, path, kinds),
            )

        def has_cause(line):
            return any(one["kind"] in kinds for one in line.explanations or [])

        return Domain.custom(to_sql=condition, predicate=has_cause)
