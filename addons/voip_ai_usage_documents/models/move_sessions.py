"""Invoices say how many AI sessions they are of, and that there is an annex."""

from odoo import models

from odoo.addons.voip_documents.context.figures import layout_of
from odoo.addons.voip_documents.engine import exact


class VoipDocumentKindInvoice(models.AbstractModel):
    _inherit = "voip.document.kind.invoice"

    def _notes(self, move, code):
        return super()._notes(move, code) + self._session_notes(move, code)

    def _session_notes(self, move, code):
        """The sentence that points to the annex, none without sessions."""
        count = move._voip_session_counts().get(move.id)
        if not count:
            return []
        layout = layout_of(move.env, code, move.currency_id)
        return [
            move.env._(
                "AI voice, %(count)s sessions: the annex, a file, names each with its"
                " tokens, time and amounts.",
                count=exact.number_text(count, 0, layout),
            )
        ]
