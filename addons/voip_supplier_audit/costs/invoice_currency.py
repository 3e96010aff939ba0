"""Our cost of an invoice's days in another currency than the invoice's."""

from decimal import Decimal

from odoo import models

from ..engine.explain import OTHER_CURRENCY
from ..invoices.figures import text
from . import kept


class VoipSupplierInvoice(models.Model):
    _inherit = "voip.supplier.invoice"

    def _say_other_currency(self):
        """Say it on the lines that are not ours, where it is so; it claims nothing."""
        found = self.env["res.currency"].browse(kept.currencies(*self._asked_cost()))
        if not found:
            return
        names = {"ours": ", ".join(found.mapped("name"))}
        names["theirs"] = self.currency_id.name
        told = {
            "kind": "currency",
            "amount": text(Decimal(0)),
            "text": self.env._(OTHER_CURRENCY) % names,
            "ours_in": names["ours"],
        }
        lines = self._usage_lines().filtered("amount")
        lines._write_found(
            {line.id: {"found": "currency", "explanations": [told]} for line in lines}
        )

    def _other_currency_text(self):
        """The sentence that says so; False: it is not so."""
        told = (line._other_currency_text() for line in self.line_ids)
        return next(filter(None, told), False)


class VoipSupplierInvoiceLine(models.Model):
    _inherit = "voip.supplier.invoice.line"

    def _other_currency_text(self):
        """What it says of our cost in another currency, or False."""
        told = [one["text"] for one in self.explanations or [] if one.get("ours_in")]
        return bool(told) and told[0]
