"""Invoices and credit notes name the numbers that their rental is of."""

from odoo import models


class VoipDocumentKindInvoice(models.AbstractModel):
    _inherit = "voip.document.kind.invoice"

    def _notes(self, move, code):
        return super()._notes(move, code) + self._number_notes(move)

    def _number_notes(self, move):
        """Sentences that list the numbers by line, or name the annex."""
        count = move._voip_numbers_count()
        if not count:
            return []
        if count > move.company_id.voip_numbers_listed:
            return [
                move.env._(
                    "Rental of %(count)s numbers: the annex, a file, names each with"
                    " its fees, days and amounts.",
                    count=count,
                )
            ]
        return [
            f"{name}: {', '.join(f'+{number}' for number in numbers)}"
            for name, numbers in move._voip_numbers_listed()
        ]
