"""What is accepted of an invoice, now or when a claim is conceded, becomes our cost."""

from decimal import Decimal

from odoo import fields, models

from ..invoices.figures import exact, text

# What is accepted of lines of usage beside what their calls cost us.
_GAPS = """
SELECT id, (amount - COALESCE(disputed_amount, 0) - COALESCE(ours_amount, 0))::text
  FROM voip_supplier_invoice_line
 WHERE invoice_id = %s AND kind = 'usage' AND decision <> 'rejected'
   AND amount - COALESCE(disputed_amount, 0) <> COALESCE(ours_amount, 0)
 ORDER BY sequence, id
"""


class VoipSupplierInvoice(models.Model):
    _inherit = "voip.supplier.invoice"

    correction_ids = fields.One2many(
        "voip.supplier.correction", "invoice_id", readonly=True
    )

    # === BUSINESS METHODS === #

    def _finish(self, user):
        result = super()._finish(user)
        names = ("kind", "decision", "amount", "disputed_amount", "ours_amount")
        gaps = self._of_lines(_GAPS, names)
        self._correct_cost({line: Decimal(gap) for line, gap in gaps})
        return result

    def _correct_cost(self, gaps, claim=None):
        """Have differences of lines added to the cost of their calls, soon.

        :param gaps: {id of a line: Decimal}
        :param claim: the claim that was conceded
        """
        gaps = {str(key): text(gap) for key, gap in gaps.items() if gap}
        if not gaps:
            return
        corrections = self.env["voip.supplier.correction"].sudo()
        corrections.create(
            {
                "invoice_id": self.id,
                "claim_id": claim and claim.id,
                "gaps": gaps,
                "amount": float(sum(map(exact, gaps.values()))),
            }
        )
        corrections._wake_worker()


class VoipSupplierClaim(models.Model):
    _inherit = "voip.supplier.claim"

    def _close(self, state, credited):
        result = super()._close(state, credited)
        if state == "conceded":
            lines = self.line_ids.filtered(lambda line: line.kind == "usage")
            gaps = {line.id: exact(line.disputed_amount) for line in lines}
            self.invoice_id._correct_cost(gaps, self)
        return result
