"""Compare: one number over all decks."""

from decimal import Decimal

from odoo import api, models
from odoo.exceptions import UserError

from ..engine.money import BadPrice
from .rate_deck_quote import QuoteError

NOTHING = dict.fromkeys(
    (
        "prefix",
        "destination",
        "price",
        "first_price",
        "connect_fee",
        "attempt_fee",
        "increments",
        "amount",
    ),
    "",
)


class VoipRateDeck(models.Model):
    _inherit = "voip.rate.deck"

    @api.model
    def _compare(self, called, caller=None, at=None, seconds=60, jurisdiction=None):
        """What every deck of the company asks for a call, as ``quote`` takes it.

        :return: list of dicts ``side, deck, currency, prefix, destination, price,
            first_price, connect_fee, attempt_fee, increments, amount, error``;
            suppliers first, cheapest first in company currency, decks without a price
            last
        :raises AccessError: the user may not see prices
        :raises UserError: number, moment or duration cannot be read
        """
        self._check_quote_access()
        company = self.env.company
        try:
            call = self._quote_call(called, caller, at, seconds, "UTC", jurisdiction)
        except QuoteError as error:
            raise UserError(str(error)) from error
        day = self._quote_day(call, "UTC")
        rows = [
            deck._compare_row(call, company.currency_id, day)
            for deck in self.search([("company_id", "=", company.id)])
        ]
        rows.sort(key=lambda row: (row["side"] != "supplier", row.pop("order")))
        return rows

    def _compare_row(self, call, currency, day):
        row = {
            "side": self.side,
            "deck": self.display_name,
            "currency": self.currency_id.name,
        }
        try:
            side = self._quote_side(call)
        except QuoteError as error:
            order = (1, Decimal(0), self.id)
            return {**row, **NOTHING, "error": str(error), "order": order}
        try:
            order = (0, self._quote_convert(side["amount"], currency, day), self.id)
        except (BadPrice, QuoteError):
            order = (1, Decimal(0), self.id)
        rate = side["rate"]
        return {
            **row,
            "prefix": rate["prefix"],
            "destination": rate["destination"],
            "price": rate["price_per_minute"],
            "first_price": rate["first_price"] or "",
            "connect_fee": rate["connect_fee"],
            "attempt_fee": rate["attempt_fee"],
            "increments": f"{rate['initial_increment']}/{rate['next_increment']}",
            "amount": side["amount"],
            "error": "",
            "order": order,
        }
