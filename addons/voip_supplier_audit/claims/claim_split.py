"""Lines of a claim that are settled apart from the others."""

from odoo import models
from odoo.exceptions import UserError

from ..invoices.figures import exact, text


class VoipSupplierClaim(models.Model):
    _inherit = "voip.supplier.claim"

    def _split(self, lines):
        """Claim some of the lines by a claim of their own, of the same bill or note.

        :return: the new claim
        :raises UserError: nothing would be left of this one
        """
        self._lock()
        if not self.line_ids - lines:
            raise UserError(
                self.env._(
                    "%(claim)s has no other lines: settle it as a whole.",
                    claim=self.display_name,
                )
            )
        amount = sum(exact(line.disputed_amount) for line in lines)
        part = self.create(
            {
                "invoice_id": self.invoice_id.id,
                "amount": float(amount),
                "opened_on": self.opened_on,
                "by": self.by,
                "move_id": self.move_id.id,
            }
        )
        self.write({"amount": float(exact(self.amount) - amount)})
        lines.write({"claim_id": part.id})
        self._log("split", number=self.invoice_id.number, amount=text(amount))
        part._log("open", number=self.invoice_id.number, amount=text(amount))
        return part

    def _others(self):
        """Open claims of the same held bill or debit note."""
        domain = [("move_id", "=", self.move_id.id), ("state", "=", "open")]
        return self.search([*domain, ("id", "!=", self.id)])

    def _refuse_other_money(self, note, money):
        """:raises UserError: a note of a claim's part is not of that part"""
        unit = self.currency_id.rounding
        claimed = exact(self.amount)
        if abs(money - claimed) < exact(unit):
            return
        raise UserError(
            self.env._(
                "%(note)s credits %(money)s, the claim is of %(claimed)s, and other"
                " claims of the same invoice are open: put the lines that he credits"
                " into one claim.",
                note=note.display_name,
                money=text(money),
                claimed=text(claimed),
            )
        )


class VoipSupplierInvoiceLine(models.Model):
    _inherit = "voip.supplier.invoice.line"

    def action_claim_apart(self):
        """Settle these lines apart from the others of their claim.

        :raises UserError: they are of no open claim, of several, or all of one
        """
        self.check_access("read")
        claims = self.env["voip.supplier.claim"]
        claims.check_access("write")
        claim = self.claim_id
        if len(claim) != 1 or any(not line.claim_id for line in self):
            raise UserError(self.env._("Choose lines that are disputed by one claim."))
        claim.check_access("write")
        part = claim.sudo()._split(self.sudo())
        return {
            "type": "ir.actions.act_window",
            "res_model": "voip.supplier.claim",
            "res_id": part.id,
            "views": [(False, "form")],
        }
