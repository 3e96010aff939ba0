"""What is accepted of an invoice, now or when a claim is conceded, becomes our cost."""

from odoo import fields, models

from ..invoices.figures import exact, text


class VoipSupplierInvoice(models.Model):
    _inherit = "voip.supplier.invoice"

    correction_ids = fields.One2many(
        "voip.supplier.correction", "invoice_id", readonly=True
    )

    # === BUSINESS METHODS === #

    def _finish(self, user):
        result = super()._finish(user)
        usage = self.line_ids.filtered(
            lambda line: line.kind == "usage" and line.decision != "rejected"
        )
        self._correct_cost(
            {
                line.id: exact(line.amount)
                - exact(line.disputed_amount)
                - exact(line.ours_amount)
                for line in usage
            }
        )
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
