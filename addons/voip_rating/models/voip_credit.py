"""Credited calls are released and billed again."""

from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.voip_billing_base.credits.voip_credit_terms import PARTS
from odoo.addons.voip_billing_base.documents.billing_document import EXACT_SQL

from ..calls import release
from ..calls.undone import charged_calls, given_back

AGAIN = ("next", "now")


class VoipCreditTerms(models.AbstractModel):
    _inherit = "voip.credit.terms"

    outcome = fields.Selection(
        selection_add=[
            ("next", "Rated again, on the next invoice"),
            ("now", "Rated again and invoiced at once"),
        ],
        ondelete={"next": "set default", "now": "set default"},
    )
    deck_id = fields.Many2one(
        "voip.rate.deck",
        string="Rate with",
        check_company=True,
        domain="[('side', '=', 'customer')]",
        help="Deck that rates the calls again. Empty: the one that rates them now, with"
        " the rates that are valid at their time.",
    )

    @api.constrains("deck_id")
    def _check_deck_side(self):
        """What customers are charged comes from a deck for customers."""
        for terms in self:
            if terms.deck_id and terms.deck_id.side != "customer":
                raise ValidationError(
                    self.env._(
                        "%s is a supplier's deck: choose a customer deck.",
                        terms.deck_id.display_name,
                    )
                )

    def _parts(self):
        parts = super()._parts()
        if self.outcome in AGAIN:
            self._refuse_release(parts)
        return parts

    def _refuse_release(self, parts):
        """:raises UserError: it is not of whole calls, or was credited in part"""
        if self.scope in PARTS:
            raise UserError(
                self.env._(
                    "A percentage or an amount is of no call: it stays credited. To"
                    " bill calls again credit them whole."
                )
            )
        if self.scope != "calls":
            self._refuse_given_back(parts)
        for part in parts:
            by_calls = self.scope == "calls" and self._only_calls(part.line)
            if not (by_calls or part.whole):
                raise UserError(
                    self.env._(
                        "%s was credited in part, or calls of it were undone: rated"
                        " again, they would be given back twice. Let the rest stay"
                        " credited.",
                        part.line.name,
                    )
                )

    def _refuse_given_back(self, parts):
        """:raises UserError: a line gives back calls of an earlier invoice"""
        lines = self.env["account.move.line"].union(*(part.line for part in parts))
        given = given_back(self.env, lines.ids)
        if names := [line.name for line in lines if line.id in given]:
            raise UserError(
                self.env._(
                    "%s gives back undone calls of an earlier invoice, which are not"
                    " rated again. Choose other lines, or the calls.",
                    ", ".join(names),
                )
            )

    def _meets(self, part, credit):
        """What is credited in part could not be rated again when it is approved."""
        spoils = credit.outcome in AGAIN and self.scope != "calls"
        spoiled = self.outcome in AGAIN and credit.scope != "calls"
        return super()._meets(part, credit) or spoils or spoiled

    def _only_calls(self, line):
        """Whether all that was credited of a line were chosen calls."""
        credits_ = self.env["account.move.line"].sudo()
        credits_ = credits_.search(
            [
                ("voip_credited_line_id", "=", line.id),
                ("parent_state", "!=", "cancel"),
            ]
        )
        return set(credits_.move_id.voip_credit_id.mapped("scope")) <= {"calls"}


class VoipCredit(models.Model):
    _inherit = "voip.credit"

    def _release(self, parts, note):
        super()._release(parts, note)
        if self.outcome not in AGAIN:
            return
        lines = [part.line.id for part in parts]
        self.env.flush_all()
        if self.scope == "calls":
            chosen = self._chosen_calls()
        else:
            chosen = charged_calls(self.env, lines)
        release.take(self.env, lines, chosen)
        movements = release.take_back(self.env, note)
        for movement in movements:
            for name in ("unbilled", "tax"):
                movement[name] = Decimal(movement[name])
        self.env.cr.execute(EXACT_SQL, [note.ids])
        names = ["voip_amount", "voip_rate"]
        note.line_ids.invalidate_recordset(names, flush=False)
        self.env["voip.wallet"]._move(movements)

    def _bill_again(self, note):
        again = super()._bill_again(note)
        if self.outcome not in AGAIN:
            return again
        if self.outcome == "next":
            release.rate_again(self.env, self.deck_id.id)
            return again
        account = self.move_id.voip_account_id
        with release.apart(self.env, account) as charged:
            charged += release.rate_again(self.env, self.deck_id.id)
            return self.env["voip.billing.document"]._bill_summaries(
                charged,
                account,
                (note.voip_span_start, note.voip_span_end),
                self.date,
            )
