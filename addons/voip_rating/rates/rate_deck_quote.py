"""Why this price: ``voip.rate.deck.quote``."""

from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal

import numpy as np

from odoo import api, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.voip_billing_base.charge.exchange import has_rate, rate_between
from odoo.addons.voip_billing_base.charge.values import day_of

from ..engine import Calls, explain, rate_calls
from ..engine.columns import narrow
from ..engine.deck import JURISDICTIONS
from ..engine.money import NONE, BadPrice, convert, from_scaled, to_text
from ..engine.numbers import NO_TRUNK, BadNumber, caller_digits, normalise
from ..engine.parse import BadDuration, parse_duration_ms
from ..engine.rate import BLOCKED, NO_RATE
from ..engine.times import BadTime, local_days, read_time
from ..sheets.compiled import compiled

_PERCENT = Decimal("0.01")
# Steps of numbers, which an inbound call tells in its own words.
NUMBERS = ("called", "caller")


class QuoteError(Exception):
    """A question without an answer: code and reason."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


class VoipRateDeck(models.Model):
    _inherit = "voip.rate.deck"

    @api.model
    def quote(
        self,
        account=None,
        deck=None,
        called=None,
        caller=None,
        at=None,
        seconds=60,
        supplier_deck=None,
        jurisdiction=None,
        direction="outbound",
    ):
        """Tell the price of a call, its cost and every step of the computation.

        :param str account: code of an account; its deck is used
        :param str deck: code of a deck, instead of an account
        :param str called: number as E.164, with or without + or 00
        :param str caller: as a record has it, optional; what is no number, such as
            anonymous, is nobody's
        :param at: ISO 8601 or seconds since 1970, now when left out; without zone in
            the account's, or the deck's, zone
        :param seconds: of a call that was answered, decimals allowed
        :param str supplier_deck: code of the deck for the cost; left out, the supplier
            deck with the lowest cost
        :param str jurisdiction: as a record has it: inter, intra, local or
            indeterminate; left out, the price per minute
        :param str direction: outbound, or inbound: the price is that of who has the
            called number at that time, by its inbound deck and the number's cost deck;
            an account may be left out, a deck that is given rates it as it stands
        :return: billed_seconds, amount, currency, steps, rate, cost, margin and
            margin_percent (cost and margin null when no supplier deck has the number),
            unknown_costs ``[{deck, supplier, code, message}]``: supplier decks that
            have the number, but whose cost has no exchange rate or is out of bounds;
            or ``{"error": {"code", "message"}}`` with code no_account, no_deck,
            no_rate, blocked, no_exchange_rate, or one of a record (bad_number ...)
        """
        inbound = self._check_quote(account, deck, direction)
        call, more = (called, caller, at, seconds), (jurisdiction, inbound)
        return self._quote_answer(account, deck, call, supplier_deck, *more)

    def _check_quote(self, account, deck, direction):
        """Whether the price is that of who has the called number."""
        self._check_quote_access()
        if direction not in ("outbound", "inbound"):
            raise UserError(self.env._("direction is outbound or inbound."))
        inbound = direction == "inbound" and not deck
        if not (account or deck or inbound):
            raise UserError(self.env._("Give an account or a deck."))
        return inbound

    def _quote_answer(self, account, deck, call, supplier_deck, jurisdiction, inbound):
        steps = None
        try:
            if inbound:
                deck, account, own, call, bought, tz, steps = self._quote_inbound(
                    account, call, jurisdiction
                )
                supplier_deck = supplier_deck or own
            else:
                deck, tz = self._quote_deck(account, deck)
                call = bought = self._quote_call(*call, tz, jurisdiction)
            sale = deck._quote_side(call)
            day = self._quote_day(call, tz)
            deck._quote_check_exchange(account, day)
            cost, unknown = None, []
            if supplier_deck or not inbound:
                cost, unknown = self._quote_cost(
                    bought, day, supplier_deck, deck.currency_id
                )
        except QuoteError as error:
            return {"error": {"code": error.code, "message": str(error)}}
        answer = {
            **sale,
            "deck": deck.code,
            **self._quote_margin(sale, cost),
            "unknown_costs": unknown,
        }
        for side, told in zip((answer, answer["cost"]), steps or (), strict=False):
            if side:
                # Of the engine the number that is rated is the called one.
                own = (s for s in side["steps"] if s["step"] not in NUMBERS)
                side["steps"] = [*told, *own]
        return answer

    def _check_quote_access(self):
        group = "voip_billing_base.group_voip_viewer"
        if not self.env.su and not self.env.user.has_group(group):
            raise AccessError(self.env._("You may not see prices and costs."))

    def _quote_deck(self, account, deck):
        """Return the deck to sell by and the zone of times."""
        if not account:
            found = self._of_code(self, deck)
            if not found:
                raise QuoteError(
                    "no_deck", self.env._("There is no deck with this code.")
                )
            return found, found.tz
        account = self._of_code(self.env["voip.account"], account)
        if not account:
            raise QuoteError(
                "no_account", self.env._("There is no account with this code.")
            )
        found = account._customer_deck()
        if not found:
            raise QuoteError("no_deck", self.env._("The account has no rate deck."))
        return found, account.tz or found.tz

    def _quote_call(self, called, caller, at, seconds, tz, jurisdiction=None):
        """Return the call as engine columns of one row."""
        try:
            number = normalise(called, NO_TRUNK)
            origin = "" if caller in (None, False, "") else caller_digits(caller)
            # Zero is no time: it does not mean now.
            now = at is None or at is False or at == ""
            moment = datetime.now(UTC).timestamp() if now else at
            # As a record's: never a time that the clocks skip.
            moment, _later = read_time(moment, tz)
            duration = parse_duration_ms(seconds)
            self._quote_check_length(duration)
            place = self._quote_jurisdiction(jurisdiction)
        except BadNumber as error:
            raise QuoteError(error.code, str(error)) from error
        except BadTime as error:
            raise QuoteError("bad_time", str(error)) from error
        except BadDuration as error:
            raise QuoteError("bad_duration", str(error)) from error
        return Calls.of(
            number=np.array([int(number)]),
            number_len=np.array([len(number)]),
            caller=np.array([int(origin or 0)]),
            caller_len=np.array([len(origin)]),
            setup_us=np.array([moment]),
            answer_us=np.array([moment]),
            duration_ms=np.array([duration]),
            answered=np.array([1]),
            jurisdiction=np.array([place]),
        )

    def _quote_jurisdiction(self, name):
        """Code of a jurisdiction.

        :raise QuoteError: as the record that names it would be refused
        """
        if name is None or name is False or name == "":
            return 0
        name = name.strip(" ") if isinstance(name, str) else name
        if not isinstance(name, str) or name not in JURISDICTIONS:
            raise QuoteError(
                "missing_field",
                self.env._(
                    "jurisdiction: must be one of %s.", ", ".join(JURISDICTIONS)
                ),
            )
        return JURISDICTIONS.index(name)

    def _quote_check_length(self, duration):
        """:raise QuoteError: a record of such a call would be refused"""
        hours = self.env.company.voip_cdr_max_hours
        if duration > hours * 3_600_000:
            raise QuoteError(
                "bad_duration",
                self.env._("A call is at most %(hours)s hours long.", hours=hours),
            )

    def _quote_day(self, call, tz):
        """Return the local day of the call, whose exchange rates apply."""
        return day_of(local_days(call.setup_us, tz)[0])

    def _quote_side(self, call):
        """Rate the call by this deck.

        :raise QuoteError: no_rate or blocked
        """
        self.ensure_one()
        deck = compiled(self.env, self.id)
        rated = rate_calls(deck, call)
        row = int(rated.rate_index[0])
        if row < 0 or rated.status[0] == NO_RATE:
            raise QuoteError(
                "no_rate",
                self.env._("No active rate of %(deck)s fits.", deck=self.display_name),
            )
        if rated.status[0] == BLOCKED or deck.rates.blocked[row]:
            raise QuoteError(
                "blocked",
                self.env._(
                    "Code %(prefix)s is blocked in %(deck)s.",
                    prefix=deck.rates.prefix[row],
                    deck=self.display_name,
                ),
            )
        return {
            "billed_seconds": int(rated.billed[0]),
            "amount": to_text(rated.amount)[0],
            "currency": self.currency_id.name,
            "steps": explain.explain(deck, call),
            "rate": self._quote_rate(deck.rates, row, rated.price),
        }

    def _quote_rate(self, rates, row, price):
        rate = self.env["voip.rate"].browse(int(rates.rate_id[row]))
        first = rates.first_price[[row]]
        return {
            "prefix": rate.prefix,
            "destination": rate.label or rate.destination_id.name or "",
            "price_per_minute": to_text(price)[0],
            "first_price": to_text(first)[0] if first[0] != NONE else None,
            "connect_fee": to_text(rates.connect_fee[[row]])[0],
            "attempt_fee": to_text(rates.attempt_fee[[row]])[0],
            "initial_increment": int(rates.initial[row]),
            "next_increment": int(rates.next[row]),
            "effective_from": rate.effective_from.isoformat() + "Z",
        }

    def _quote_cost(self, call, day, code, currency):
        """Find the cheapest supplier deck.

        :param code: only this deck, whose cost must be known
        :return: ``((deck, side, amount in currency) or None, unknown costs)``
        """
        side = ("side", "=", "supplier")
        if code:
            decks = self._of_code(self, code, side)
        else:
            decks = self.search([side, ("company_id", "=", self.env.company.id)])
        if code and not decks:
            raise QuoteError(
                "no_deck", self.env._("There is no supplier deck with this code.")
            )
        best, unknown = None, []
        for deck in decks:
            try:
                side = deck._quote_side(call)
            except QuoteError:
                continue
            try:
                amount = deck._quote_convert(side["amount"], currency, day)
            except QuoteError as error:
                if code:
                    raise
                unknown.append(deck._quote_unknown(error.code, str(error)))
            except BadPrice as error:
                unknown.append(deck._quote_unknown("out_of_bounds", str(error)))
            else:
                if best is None or amount < best[2]:
                    best = deck, side, amount
        return best, unknown

    def _quote_unknown(self, code, message):
        """What an answer says of a supplier deck whose cost cannot be converted."""
        return {
            "deck": self.code,
            "supplier": self.partner_id.name or self.name,
            "code": code,
            "message": message,
        }

    def _quote_convert(self, amount, currency, day):
        """Convert an amount by the exchange rate of a day, to 8 decimals."""
        amount = Decimal(amount)
        if self.currency_id == currency:
            return amount
        self._quote_need_rates(self.currency_id | currency, day)
        rate = rate_between(self.currency_id, currency, self.company_id, day)
        scaled = narrow(np.array([int(amount.scaleb(8))], object))
        return from_scaled(convert(scaled, rate, 8)[0])

    def _quote_check_exchange(self, account, day):
        """A call of the account would need the exchange rates of its day, too."""
        if account:
            account = self._of_code(self.env["voip.account"], account)
            currencies = self.currency_id | account.currency_id
            currencies |= self.company_id.currency_id
            self._quote_need_rates(currencies, day)

    def _quote_need_rates(self, currencies, day):
        """:raise QuoteError: no_exchange_rate, where one of several has none"""
        for needed in currencies if len(currencies) > 1 else ():
            if not has_rate(self.company_id, needed.id, day):
                raise QuoteError(
                    "no_exchange_rate",
                    self.env._(
                        "%(currency)s has no exchange rate of %(day)s or before.",
                        currency=needed.name,
                        day=day,
                    ),
                )

    def _quote_margin(self, sale, cost):
        if cost is None:
            return {"cost": None, "margin": None, "margin_percent": None}
        cost_deck, side, converted = cost
        amount = Decimal(sale["amount"])
        margin = amount - converted
        percent = None
        if amount:
            percent = (margin / amount * 100).quantize(_PERCENT, ROUND_HALF_UP)
        return {
            "cost": {
                **side["rate"],
                "supplier": cost_deck.partner_id.name or cost_deck.name,
                "deck": cost_deck.code,
                "billed_seconds": side["billed_seconds"],
                "amount": side["amount"],
                "currency": side["currency"],
                "amount_converted": f"{converted.normalize():f}",
                "steps": side["steps"],
            },
            "margin": f"{margin.normalize():f}",
            "margin_percent": None if percent is None else str(percent),
        }
