"""A decided invoice makes a claim of what is disputed, and ends with it."""

from odoo import fields, models

from ..invoices.figures import exact, text


class VoipSupplierInvoice(models.Model):
    _inherit = "voip.supplier.invoice"

    def _make_claim(self):
        """The claim of all disputed lines, or none."""
        lines = self._claimed_lines()
        claims = self.env["voip.supplier.claim"]
        if not lines:
            return claims
        amount = sum(exact(line.disputed_amount) for line in lines)
        moves = self.move_ids.filtered(
            lambda move: move.voip_payment_hold or move.ref == f"{self.number}/DN"
        )
        claim = claims.create(
            {
                "invoice_id": self.id,
                "amount": float(amount),
                "opened_on": fields.Date.context_today(self.with_context(tz=self.tz)),
                "by": "hold" if moves.voip_payment_hold else "debit_note",
                "move_id": moves[:1].id,
            }
        )
        lines.claim_id = claim
        claim._log("open", number=self.number, amount=text(amount))
        return claim

    def _claimed_lines(self):
        return self._decided_lines("disputed")

    def _noted_lines(self):
        """Lines of a debit note; of a bill that was there rejected ones, too."""
        refused = ("disputed", "rejected") if self.bill_id else ("disputed",)
        return self._decided_lines(*refused)

    def _decided_lines(self, *decisions):
        lines = self.env["voip.supplier.invoice.line"]
        mine = [("invoice_id", "=", self.id), ("decision", "in", decisions)]
        return lines.search_fetch(mine, ["disputed_amount"])

    def _settle(self):
        """Nothing is open any more once the last claim is closed."""
        if self.state == "disputed" and "open" not in self.claim_ids.mapped("state"):
            self.write({"state": "settled"})
            self._log("settle", number=self.number)
