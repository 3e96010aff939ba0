"""Lines off the page of their invoice, where they are very many.

Odoo takes all lines of a page through each field that somebody changes on it: of 99,000
that is two minutes. They have a list of their own.
"""

from odoo import fields, models
from odoo.fields import Command

# So many lines are on the page of an invoice at most.
ON_PAGE = 500
# The context by which a page asks for its lines only where they are few.
IF_FEW = "voip_lines_if_few"


class VoipSupplierInvoice(models.Model):
    _inherit = "voip.supplier.invoice"

    has_many_lines = fields.Boolean(
        compute="_compute_has_many_lines",
        help="Its lines are in a list of their own, not on its page.",
    )

    # === COMPUTE METHODS === #

    def _compute_has_many_lines(self):
        mine = [("invoice_id", "in", self._origin.ids)]
        lines = self.env["voip.supplier.invoice.line"]
        counts = dict(lines._read_group(mine, ["invoice_id"], ["__count"]))
        for invoice in self:
            invoice.has_many_lines = counts.get(invoice._origin, 0) > ON_PAGE

    # === CRUD METHODS === #

    def web_read(self, specification):
        """Leave very many lines out, where that is asked."""
        if not _is_if_few(specification) or not any(self.mapped("has_many_lines")):
            return super().web_read(specification)
        found = []
        for invoice in self:
            asked = specification
            if invoice.has_many_lines:
                asked = _without_lines(specification)
            [row] = super(VoipSupplierInvoice, invoice).web_read(asked)
            found.append({"line_ids": [], **row})
        return found

    def onchange(self, values, field_names, fields_spec):
        """Take what is changed on a page without its lines, and sum those stored."""
        if not self.has_many_lines or not _is_if_few(fields_spec):
            return super().onchange(values, field_names, fields_spec)
        invoice = self.with_context(voip_stored_lines=True)
        return super(VoipSupplierInvoice, invoice).onchange(
            {**values, "line_ids": [Command.set([])]},
            field_names,
            _without_lines(fields_spec),
        )


def _is_if_few(specification):
    asked = specification.get("line_ids") or {}
    return bool((asked.get("context") or {}).get(IF_FEW))


def _without_lines(specification):
    return {name: one for name, one in specification.items() if name != "line_ids"}
