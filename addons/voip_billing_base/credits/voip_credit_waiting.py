"""Credits that wait for approval keep what they ask for of each line."""

from decimal import Decimal

from odoo import api, fields, models
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
        """:raises UserError: with what waits ``parts`` are more than the lines have, or
        what waits could not be approved any more
        """
        waiting = self._waiting_credits()
        if not waiting:
            return
        lines = self.env["account.move.line"]
        lefts = self._lefts(lines.union(*(part.line for part in parts)))
        for credit in waiting:
            self._refuse_same_calls(credit)
            held = credit._held()
            for part in parts:
                if part.line.id not in held:
                    continue
                left = lefts[part.line.id]
                left.credited += held[part.line.id]
                if abs(part.amount) > abs(left.left):
                    raise self._waiting_refusal(part, left, credit)
                if self._meets(part, credit):
                    raise self._meeting_refusal(part, credit)

    def _meets(self, part, credit):
        """Whether ``part`` is of what ``credit`` waits for, though no money of it."""
        calls_of_it = self.scope == "calls" and credit.scope in ("whole", "lines")
        return part.whole or calls_of_it

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

    def _meeting_refusal(self, part, credit):
        return UserError(
            self.env._(
                "%(line)s: calls of it wait for approval, credit “%(reason)s” of"
                " %(user)s. Have that approved or refused first.",
                line=part.line.name,
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

    left_text = fields.Char(
        string="Left of It",
        compute="_compute_left_text",
        help="What came between, so that less is left than was asked for.",
    )

    @api.depends("state", "held")
    def _compute_left_text(self):
        for credit in self:
            waits = credit.state == "waiting"
            credit.left_text = waits and credit.sudo()._less_left()

    def _less_left(self):
        """What to say where less is left now than was asked for, else nothing."""
        try:
            now = sum((part.amount for part in self._plan()), Decimal(0))
        except UserError as error:
            return str(error)
        asked = sum(self._held().values(), Decimal(0))
        if abs(now) >= abs(asked):
            return False
        money = self.currency_id.format
        return self.env._(
            "%(now)s is left now of the %(asked)s that was asked for of its lines:"
            " approving it credits that.",
            now=money(float(now)),
            asked=money(float(asked)),
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

    def _wait(self, values, parts):
        """Keep what was asked for, and tell who may approve it."""
        held = {str(part.line.id): str(part.amount) for part in parts}
        self.write({**values, "held": held})
        self._log_credit("credit_asked")
        self._tell_approvers()
