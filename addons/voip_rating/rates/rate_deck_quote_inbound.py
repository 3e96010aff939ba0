"""Why this price, of an inbound call: ``voip.rate.deck.quote`` with a direction."""

import numpy as np

from odoo import api, models

from ..calls.parties.holders import BY_CALLED, Holders
from ..calls.parties.inbound import MICROSECONDS
from ..engine import Calls
from .rate_deck_quote import QuoteError


class VoipRateDeck(models.Model):
    _inherit = "voip.rate.deck"

    @api.model
    def _quote_inbound(self, account, call, jurisdiction):
        """What rates an inbound call: who has the number decides, as at intake.

        :param account: code that the holder must be of the family of, or None
        :param call: (called, caller, at, seconds) as they were given
        :return: (deck, account, code of the cost deck or None, engine columns of the
            price, of the cost, zone, first steps of the explanations of both)
        :raise QuoteError: nobody has the number, or its plan has no inbound price
        """
        named = self._of_code(self.env["voip.account"], account) if account else None
        if account and not named:
            raise QuoteError(
                "no_account", self.env._("There is no account with this code.")
            )
        columns = self._quote_call(*call, named.tz if named else "UTC", jurisdiction)
        holders = Holders(self.env, self.env.company)
        holders.meet(columns.number)
        place = holders.at(columns.number, columns.setup_us // MICROSECONDS)
        if place[0] < 0:
            raise QuoteError(
                "no_account",
                self.env._("No account has +%s at this time.", columns.number[0]),
            )
        names = ("account_id", "deck_id", "cost_deck_id")
        span = {name: int(holders.column(name, place)[0]) for name in names}
        holder = self.env["voip.account"].browse(span["account_id"])
        self._quote_check_holder(named, holder, columns.number[0])
        deck = self.browse(span["deck_id"])
        if not deck:
            raise QuoteError(
                "no_deck",
                self.env._("The plan of the number has no inbound price for its kind."),
            )
        cost = self.browse(span["cost_deck_id"]).code or None
        rated = self._quote_rated(columns, holders, place)
        bought = self._quote_bought(columns, rated, holders, place)
        steps = [
            self._quote_inbound_steps(columns, one, holder) for one in (rated, bought)
        ]
        return deck, holder.code, cost, rated, bought, holder.tz, steps

    def _quote_check_holder(self, named, holder, number):
        """:raise QuoteError: a record that names the account would be refused"""
        if named and _root(named) != _root(holder):
            raise QuoteError(
                "no_account",
                self.env._(
                    "+%(number)s is at account %(holder)s at this time.",
                    number=number,
                    holder=holder.code,
                ),
            )

    def _quote_rated(self, columns, holders, place):
        """The columns with the number that is rated: the caller's, where it decides."""
        if not holders.column("by_caller", place)[0]:
            return columns
        digits = self._quote_caller(columns, holders, place)
        if digits == "0":
            raise QuoteError(
                "no_rate",
                self.env._(
                    "The caller is not known, and the inbound price is by the caller's"
                    " number."
                ),
            )
        return self._quote_of(columns, digits)

    def _quote_bought(self, columns, rated, holders, place):
        """The columns with the number that the cost is of."""
        by = holders.column("cost_by", place)[0]
        if not by or not holders.column("cost_deck_id", place)[0]:
            return rated
        if by == BY_CALLED:
            return columns
        digits = self._quote_caller(columns, holders, place)
        return self._quote_of(columns, digits if digits != "0" else "")

    def _quote_caller(self, columns, holders, place):
        """Digits of the caller, or what unknown ones are rated as."""
        return str(columns.caller[0] or holders.column("unknown_as", place)[0])

    def _quote_of(self, columns, digits):
        return Calls.of(
            number=np.array([int(digits or 0)]),
            number_len=np.array([len(digits)]),
            caller=columns.caller,
            caller_len=columns.caller_len,
            setup_us=columns.setup_us,
            answer_us=columns.answer_us,
            duration_ms=columns.duration_ms,
            answered=columns.answered,
            jurisdiction=columns.jurisdiction,
        )

    def _quote_inbound_steps(self, columns, rated, holder):
        """Whose number was called by whom, and which of both is rated."""
        called, caller = (
            str(one[0]) if size[0] else ""
            for one, size in (
                (columns.number, columns.number_len),
                (columns.caller, columns.caller_len),
            )
        )
        digits = str(rated.number[0])
        texts = [
            ("called", self.env._("Called number"), called),
            ("holder", self.env._("Account that has the number"), holder.code),
            ("caller", self.env._("Calling number"), caller or self.env._("unknown")),
        ]
        if rated is not columns:
            by_caller = self.env._("Rated by the caller's number")
            unknown = self.env._("Rated as unknown callers are")
            texts.append(("rated", by_caller if caller else unknown, digits))
        names = ("step", "text", "value")
        return [dict(zip(names, text, strict=True)) for text in texts]


def _root(account):
    return account.parent_path.partition("/")[0]
