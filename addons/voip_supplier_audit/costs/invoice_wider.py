"""Our cost by codes that are wider than those of an invoice's lines."""

from decimal import Decimal

from odoo import models

from ..engine.explain import WIDER
from ..invoices.figures import text
from .match import wider_cells


class VoipSupplierInvoice(models.Model):
    _inherit = "voip.supplier.invoice"

    def _say_wider_codes(self, left, asked):
        """Say it on lines without cost of ours whose calls a wider code may have.

        How much of it is theirs nobody can tell by sums: it claims nothing.

        :param left: :class:`~.match.Cell` s that are on no line
        :param asked: :class:`~.match.Asked` of the lines of usage
        """
        found = wider_cells(left, asked)
        lines = self.line_ids.filtered(
            lambda line: line.id in found and line.found == "missing_here"
        )
        lines._write_found(
            {
                line.id: {
                    "found": "unknown_code",
                    "explanations": [self._told_wider(line, *found[line.id])],
                }
                for line in lines
            }
        )

    def _told_wider(self, line, code, amount):
        names = {"ours": code, "amount": text(amount), "theirs": line.prefix}
        return {
            "kind": "unknown_code",
            "amount": text(Decimal(0)),
            "text": self.env._(WIDER) % names,
            "wider": code,
        }
