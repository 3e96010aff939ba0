"""What calls cost: the customer's own deck, searched, to come, and as a file."""

from odoo.exceptions import UserError
from odoo.fields import Datetime, Domain
from odoo.http import Controller, request, route
from odoo.tools import escape_psql

from odoo.addons.voip_billing_base.downloads import file_answer
from odoo.addons.voip_rating.rates.rate_deck_quote import QuoteError

from .common import PAGE, Chosen, wrong

SHOWN = 100


class VoipRates(Controller):
    @route("/my/voip/rates", methods=["GET"], **PAGE)
    def rates(self, account="", search="", number="", seconds="60", **_others):
        """Rates of the account's deck.

        :param search: a code or a part of a destination's name
        :param number: what does a call to it cost?
        :param seconds: how long that call is
        """
        chosen = Chosen(account)
        deck = deck_of(chosen)
        values = chosen.values(
            "rates", search=search, number=number, seconds=seconds, deck=deck,
            rates=[], coming=[], quote=None,
        )
        if not deck:
            return request.render("voip_portal.rates", values)
        now = Datetime.now()
        values["unit"] = chosen.env._(
            "Per minute in %s, without taxes. The longest code that fits counts.",
            deck.currency_id.name,
        )
        values["rates"] = _rates(deck, search, now)
        values["coming"] = _coming(deck, search, now)
        try:
            if number:
                values["quote"] = quote_of(chosen, deck, number, seconds)
        except UserError as error:
            values = wrong(values, error)
        return request.render("voip_portal.rates", values)

    @route("/my/voip/rates/file/<any(csv,xlsx):kind>", methods=["GET"], **PAGE)
    def file(self, kind, account="", **_others):
        """The whole deck, with what comes."""
        chosen = Chosen(account)
        deck = deck_of(chosen)
        if not deck:
            raise request.not_found()
        content = deck.export_file(kind, Datetime.now(), future=True)
        return file_answer(f"rates-{chosen.code}.{kind}", content, kind)


def deck_of(chosen):
    """The deck that the account's calls are sold by: only its sale is shown."""
    account = chosen.account.sudo()
    deck = account.effective_deck_id
    if deck.side != "customer" or deck.company_id != account.company_id:
        return deck.browse()
    return deck


def _found(deck, search):
    """Rates whose prefix begins with ``search``, or whose destination has it."""
    domain = Domain("deck_id", "=", deck.id)
    text = escape_psql(search.strip().lstrip("+"))
    if text.isdigit():
        return domain & Domain("prefix", "=like", f"{text}%")
    if text:
        named = Domain("destination_id.name", "ilike", text)
        return domain & (Domain("label", "ilike", text) | named)
    return domain


def _rates(deck, search, now):
    domain = _found(deck, search) & Domain("effective_from", "<=", now)
    domain &= Domain("effective_to", "=", False) | Domain("effective_to", ">", now)
    return deck.env["voip.rate"].search(domain, limit=SHOWN, order="prefix, id")


def _coming(deck, search, now):
    domain = _found(deck, search) & Domain("effective_from", ">", now)
    return deck.env["voip.rate"].search(
        domain, limit=SHOWN, order="effective_from, prefix"
    )


def quote_of(chosen, deck, number, seconds):
    """What a call to a number costs now, with its steps; never a cost of ours.

    :raises UserError: no number, or no price
    """
    try:
        call = deck._quote_call(
            number[:40], None, None, seconds[:12], chosen.account.tz or deck.tz
        )
        quote = deck._quote_side(call)
    except QuoteError as error:
        if error.code == "no_rate":
            text = chosen.env._("There is no price for this number: it is not called.")
            raise UserError(text) from error
        if error.code == "blocked":
            text = chosen.env._("This destination is blocked.")
            raise UserError(text) from error
        raise UserError(str(error)) from error
    said = chosen.env._(
        "for %(seconds)s billed seconds: %(destination)s, code %(prefix)s.",
        seconds=quote["billed_seconds"],
        destination=quote["rate"]["destination"],
        prefix=quote["rate"]["prefix"],
    )
    return {**quote, "said": said}
