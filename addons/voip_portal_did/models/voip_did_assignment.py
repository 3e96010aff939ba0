from decimal import Decimal

from odoo import models
from odoo.exceptions import UserError


class VoipDidAssignment(models.Model):
    _inherit = "voip.did.assignment"

    def _portal_charged(self):
        """[(fee, first, last day, amount)] of what was charged for the number."""
        begin = self.date_start
        return [
            (charge.fee, max(charge.month_first, begin), charge.through, charge.amount)
            for charge in self.env["voip.did.charge"]
            .sudo()
            .search([("assignment_id", "=", self.id)], order="id")
        ]

    def _portal_held(self):
        """Why the customer cannot give the number back by himself; empty: he can."""
        if self.did_id.block_id:
            return self.env._("It is of a block of numbers, which goes back whole.")
        if self.date_end:
            return self.env._("Its last day is set already.")
        if self.did_id.porting == "out":
            return self.env._("It is being ported to another carrier.")
        return ""

    def _portal_release(self, last):
        """End it for the customer; ``last`` is the last day, today or later.

        :return: {currency name: Decimal} that is given back, before taxes
        :raises UserError: it cannot end so
        """
        self.ensure_one()
        if held := self._portal_held():
            raise UserError(held)
        if last < max(self._today(), self.date_start):
            raise UserError(self.env._("The last day is today or later."))
        did = self.did_id.with_company(self.company_id)
        answer = did.release(numbers=[did.number], end=str(last))
        for error in answer["errors"]:
            raise UserError(error["message"])
        return {name: Decimal(text) for name, text in answer["credit"].items()}
