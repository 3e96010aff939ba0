"""A percentage of invoice lines: of all lines what each has left at most."""

from decimal import Decimal

from odoo import models
from odoo.exceptions import UserError

from ..engine.rounding import to_currency

# So many lines are named; how many more there are is said.
NAMED = 5


class VoipCreditTerms(models.AbstractModel):
    _inherit = "voip.credit.terms"

    def _plan_percent(self, lines, lefts):
        """The share of each line; where no lines are chosen at most what is left."""
        if not 0 < self.percentage <= 100:
            raise UserError(self.env._("Percentage: enter above 0, up to 100."))
        parts = []
        for line in lines:
            found = lefts[line.id]
            amount = self._share_of(line)
            if not self.line_ids:
                amount = min(amount, found.left, key=abs)
            parts.append(self._money_part(line, amount, found))
        return [part for part in parts if part.amount]

    def _share_of(self, line):
        """The percentage of a line as it was invoiced, rounded (Decimal)."""
        amount = Decimal(str(line.price_unit)) * Decimal(str(line.quantity))
        decimals = self.move_id.currency_id.decimal_places
        return to_currency(amount * Decimal(str(self.percentage)) / 100, decimals)

    def _percent_text(self):
        return f"{Decimal(str(self.percentage)).normalize():f}"

    def _less_text(self, amounts):
        """What to say where lines have less left than the percentage, else nothing.

        :param amounts: {line: what is credited of it (Decimal)}
        """
        if self.scope != "percent":
            return False
        less = [
            (line.name, amounts.get(line, Decimal(0)))
            for line in self._chosen_lines()
            if abs(amounts.get(line, Decimal(0))) < abs(self._share_of(line))
        ]
        if not less:
            return False
        money = self.move_id.currency_id.format
        named = [f"{name} ({money(float(amount))})" for name, amount in less[:NAMED]]
        if len(less) > NAMED:
            named.append(self.env._("%s more lines", len(less) - NAMED))
        return self.env._(
            "Less than %(share)s %% is left of %(lines)s: of these what is left is"
            " credited.",
            share=self._percent_text(),
            lines=", ".join(named),
        )
