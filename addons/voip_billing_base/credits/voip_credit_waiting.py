"""Credits that wait for approval keep what they ask for of each line."""

from decimal import Decimal

from odoo import fields, models
from odoo.exceptions import UserError


class VoipCreditTerms(models.AbstractModel):
    _inherit = "voip.credit.terms"

    def _waits(self, total):
        """Whether a credit of ``total`` has to be approved, with those made before."""
        limit = self.company_id.sudo().voip_credit_limit
        if not limit:
            return False
        move = self.move_id
        rate = abs(move.amount_total_signed / (move.amount_total or 1.0))
        done = sum(abs(note.amount_total_signed) for note in self._notes())
        return self.company_id.currency_id.compare_amounts(
            done + abs(total) * rate, limit
        ) > 0

    def _refuse_waiting(self, parts):
        """:raises UserError: with what waits ``parts`` are more than the lines have"""
        lines = self.env["account.move.line"]
        lefts = self._lefts(lines.union(*(part.line for part in parts)))
        for credit in self._waiting_credits():
            self._refuse_same_calls(credit)
            held = credit._held()
            for part in parts:
                left = lefts[part.line.id]
                left.credited += held.get(part.line.id, Decimal(0))
                if abs(part.amount) > abs(left.left):
                    raise self._waiting_refusal(part, left, credit)

    def _waiting_credits(self):
        """Others of the invoice that wait, oldest first."""
        own = self.ids if self._name == "voip.credit" else []
        return self.env["voip.credit"].sudo().search(
            [
                ("move_id", "=", self.move_id.id),
                ("state", "=", "waiting"),
                ("id", "not in", own),
            ],
            order="id",
        )

    def _refuse_same_calls(self, credit):
        if "calls" != self.scope or credit.scope != "calls":
            return
        if set(self._chosen_calls()) & set(credit._chosen_calls()):
            raise UserError(
                self.env._(
                    "A chosen call waits for approval already: credit “%(reason)s” of"
                    " %(user)s.",
                    reason=credit.reason,
                    user=credit.asked_by_id.name,
                )
            )

    def _waiting_refusal(self, part, left, credit):
        currency = self.move_id.currency_id
        return UserError(
            self.env._(
                "%(line)s: %(asked)s is asked for, but only %(left)s is left beside"
                " what waits for approval: credit “%(reason)s” of %(user)s. Have it"
                " approved or refused first.",
                line=part.line.name,
                asked=currency.format(float(part.amount)),
                left=currency.format(float(left.left)),
                reason=credit.reason,
                user=credit.asked_by_id.name,
            )
        )


class VoipCredit(models.Model):
    _inherit = "voip.credit"

    held = fields.Json(
        string="Asked of Lines",
        readonly=True,
        groups=fields.NO_ACCESS,
        help="Amount by line while the credit waits.",
    )

    def _held(self):
        """{line id: Decimal} of what this credit asks for."""
        if self.held:
            return {int(line): Decimal(text) for line, text in self.held.items()}
        try:
            return {part.line.id: part.amount for part in self._plan()}
        except UserError:
            # Nothing is left of what it asked for.
            return {}

    def _wait(self, values):
        """Keep what was asked for, and tell who may approve it."""
        parts = self._plan()
        self._refuse_waiting(parts)
        held = {str(part.line.id): str(part.amount) for part in parts}
        self.write({**values, "held": held})
        self._log_credit("credit_asked")
        self._tell_approvers()
