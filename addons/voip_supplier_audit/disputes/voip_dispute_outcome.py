"""How a dispute ends: credited, refused or withdrawn."""

from odoo import fields, models
from odoo.exceptions import UserError

from .voip_dispute import LIVE

PASSED_ON = ("scope", "percentage", "amount", "reason")


class VoipDispute(models.Model):
    _inherit = "voip.dispute"

    # === ACTION METHODS === #

    def action_accept(self):
        """The credit wizard, filled with what is accepted."""
        self._check_right()
        self.ensure_one()
        self._refuse_ended()
        action = self.move_id.action_voip_credit()
        defaults = {f"default_{name}": self[name] for name in PASSED_ON}
        return action | {
            "context": {
                **defaults,
                "default_move_id": self.move_id.id,
                "default_line_ids": [(6, 0, self.line_ids.ids)],
                "default_usage_ids": self._accepted_calls(),
                "default_dispute_id": self.id,
            }
        }

    def action_refuse(self):
        """Ask for the reason of the refusal."""
        self._check_right()
        self.ensure_one()
        self._refuse_ended()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Refuse Dispute"),
            "res_model": "voip.dispute.refusal",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_dispute_id": self.id},
        }

    def action_withdraw(self):
        """The customer does not uphold it."""
        self._check_right()
        self.ensure_one()
        self._end("withdrawn")
        self._log_dispute("dispute_withdrawn")
        return True

    # === BUSINESS METHODS === #

    def _accepted_calls(self):
        """Ids of the calls that a credit note takes back, or none by calls.

        :raises UserError: calls are disputed and none of them is accepted
        """
        if self.scope != "calls":
            return False
        accepted = self.call_ids.filtered("is_accepted").mapped("usage_id")
        if not accepted:
            raise UserError(
                self.env._(
                    "None of the disputed calls is accepted. Tick Accepted on those"
                    " that are credited, or refuse the dispute."
                )
            )
        return sorted(accepted)

    def _refuse_beyond(self, credit):
        """:raises UserError: a credit, or its wizard, takes more than is disputed"""
        self._refuse_ended()
        if credit.move_id != self.move_id:
            raise UserError(
                self.env._(
                    "The dispute is about %s: credit that invoice.", self.move_id.name
                )
            )
        beyond = UserError(
            self.env._(
                "The credit note takes back more than the dispute “%s” is about. What"
                " else is wrong is credited by itself.",
                self.display_name,
            )
        )
        if self.scope == "calls":
            chosen = set(credit._chosen_calls())
            if credit.scope != "calls" or chosen - set(self._accepted_calls()):
                raise beyond
            return
        held = self._held_by_line()
        for part in credit._plan():
            if abs(part.amount) > abs(held.get(part.line.id, 0)):
                raise beyond

    def _refuse(self, answer):
        """Refuse it, with what the customer is told."""
        self._check_right()
        self._end("refused", answer=answer)
        self._log_dispute("dispute_refused", dispute_answer=answer)

    def _end(self, state, **values):
        dispute = self.sudo()
        dispute._lock_open()
        dispute._decide(state, **values)

    def _decide(self, state, **values):
        decided = {"decided_by_id": self.env.uid, "decided_at": fields.Datetime.now()}
        self.write({"state": state, **decided, **values})
        self._resume_followup()

    def _credited(self, credit):
        """A credit note was posted for it."""
        compared = self.currency_id.compare_amounts(credit.total, self.total)
        values = {"credit_id": credit.id, "credited": credit.total}
        self._decide("credited" if compared >= 0 else "partly", **values)
        self._log_dispute(
            "dispute_credited",
            dispute_credited=f"{credit.total:.{self.currency_id.decimal_places}f}",
            credit_note=credit.note_id.name,
        )

    # === HOLD === #

    def _others(self):
        """Other disputes of the invoice that are not decided."""
        return self.search(
            [
                ("move_id", "=", self.move_id.id),
                ("state", "in", LIVE),
                ("id", "!=", self.id),
            ]
        )

    def _stop_followup(self):
        """Leave the invoice out of follow-up until all its disputes are decided."""
        first = self._others()[:1]
        before = first.was_not_followed if first else self.move_id.no_followup
        self.was_not_followed = before
        self.move_id.no_followup = True

    def _resume_followup(self):
        if not self._others():
            self.move_id.no_followup = self.was_not_followed
