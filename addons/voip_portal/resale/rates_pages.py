"""What calls cost the customer of a reseller: searched, to come, and as a file."""

from decimal import Decimal

from odoo.exceptions import UserError
from odoo.fields import Datetime
from odoo.http import Controller, request, route

from odoo.addons.voip_billing_base.downloads import file_answer

from ..controllers import rates
from ..controllers.common import PAGE, wrong
from .prices import resold
from .reading import Resold

PRICES = ("price_per_minute", "connect_fee")


class VoipResoldRates(Controller):
    @route("/my/voip/resold/rates", methods=["GET"], **PAGE)
    def rates(
        self, account="", search="", number="", seconds="60", day="", **_others
    ):
        """Prices of a day: today's, or a later one's.

        :param search: a code or a part of a destination's name
        :param number: what does a call to it cost now?
        """
        chosen = Resold(account)
        deck = rates.deck_of(chosen)
        values = chosen.values(
            "rates", search=search, number=number, seconds=seconds, day=day,
            deck=bool(deck), rates=[], coming=[], changes=[], quote=None,
        )  # fmt: skip
        if not deck:
            return request.render("voip_portal.resold_rates", values)
        try:
            asked, moment = _moment(chosen, day)
            values.update(_listed(chosen, deck, search, asked, moment))
            if number:
                values["quote"] = _quote(chosen, deck, number, seconds)
        except UserError as error:
            values = wrong(values, error)
        return request.render("voip_portal.resold_rates", values)

    @route("/my/voip/resold/rates/file/<any(csv,xlsx):kind>", methods=["GET"], **PAGE)
    def file(self, kind, account="", day="", **_others):
        """All of them, with those that come, as they cost on a day."""
        chosen = Resold(account)
        deck = rates.deck_of(chosen)
        if not deck:
            raise request.not_found()
        try:
            asked, moment = _moment(chosen, day)
        except UserError as error:
            raise request.not_found(str(error)) from error
        content = deck._resold_file(kind, moment, _Priced(chosen, deck, asked))
        return file_answer(f"rates-{chosen.code}-{asked}.{kind}", content, kind)


class _Priced:
    """Prices of a deck on a day: at the mark-up of each rate's service.

    What begins later is told at the mark-up of the day on which it begins.
    """

    def __init__(self, chosen, deck, day):
        self.chosen, self.deck, self.day = chosen, deck, day
        self.name, self.tz = chosen.account.name, chosen.account.tz or "UTC"

    def percent(self, service, effective_from):
        """:param service: voip.service of the rate, or empty for the deck's"""
        day = max(self.day, self.chosen.local_day(effective_from))
        return self.chosen.percent((service or self.deck.service_id).id, day)


def _moment(chosen, text):
    """(day, moment in UTC) of the prices that are asked for: now, or a day's begin.

    :raises UserError: no day, or one before today
    """
    today = chosen.today()
    day = max(chosen._day(text) or today, chosen.since)
    if day < today:
        raise UserError(chosen.env._("Choose today or a later day."))
    if day == today:
        return day, Datetime.now()
    return day, chosen.midnight(day)


def _listed(chosen, deck, search, day, moment):
    """What the page shows of a day, and on which days something of it changes."""
    priced = _Priced(chosen, deck, day)
    env = chosen.env
    own = deck._resold_services().values()
    services = {deck.service_id.id, *(service.id for service in own)}
    return {
        "rates": [_told(r, priced) for r in rates._rates(deck, search, moment)],
        "coming": [_told(r, priced) for r in rates._coming(deck, search, moment)],
        "changes": chosen.prices.changes(day, services)[:5],
        "day": day.isoformat(),
        "unit": env._(
            "Per minute in %s, without taxes. The longest code that fits counts.",
            deck.currency_id.name,
        ),
    }


def _told(rate, priced):
    """A rate as the page shows it: at resale prices, and no other."""
    percent = priced.percent(rate.service_id, rate.effective_from)
    prices = {n: resold(Decimal(f"{rate[n]:.8f}"), percent) for n in PRICES}
    return {
        "prefix": rate.prefix,
        "origin": rate.origin_prefix or "",
        "name": rate.label or rate.destination_id.name or "",
        "effective_from": rate.effective_from,
        "blocked": rate.blocked,
        "increments": f"{rate.initial_increment}/{rate.next_increment}",
        **prices,
    }


def _quote(chosen, deck, number, seconds):
    """What a call costs now, in words; of the steps to it nothing.

    :raises UserError: no number, or no price
    """
    quote = rates.quote_of(chosen, deck, number, seconds)
    tz = chosen.account.tz or deck.tz
    call = deck._quote_call(number[:40], None, None, seconds[:12], tz)
    percent = chosen.percent(deck._resold_service(call), chosen.today())
    return {
        "amount": resold(Decimal(quote["amount"]), percent),
        "currency": quote["currency"],
        "said": quote["said"],
    }
