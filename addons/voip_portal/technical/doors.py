"""What the customer's own programs ask for, read-only, by keys of the portal."""

from datetime import datetime
from decimal import Decimal

from werkzeug.exceptions import NotFound

from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import Controller, request, route

from ..controllers.calls import asked
from ..controllers.common import Chosen
from ..controllers.rates import deck_of, quote_of
from .keys import SCOPES

DOOR = {
    "type": "http",
    "auth": "voip_key",
    "methods": ["GET"],
    "csrf": False,
    "save_session": False,
}
MOST = 1000


class VoipDoors(Controller):
    @route("/voip/api/v1/balance", **DOOR)
    def balance(self, account="", **_others):
        """What the account that pays has; codes of all accounts that the key opens."""
        return _answer("balance", account, _balance)

    @route("/voip/api/v1/calls", **DOOR)
    def calls(
        self, account="", number="", date_from="", date_to="", after="", limit="",
        **_others,
    ):  # fmt: skip
        """Calls of up to 31 days, the first one first, page by page.

        :param after: ``next`` of the page before
        """
        def ask(chosen):
            return _calls(chosen, number, date_from, date_to, after, limit)

        return _answer("calls", account, ask)

    @route("/voip/api/v1/rates", **DOOR)
    def rates(self, account="", number="", seconds="60", **_others):
        """What a call to a number costs now."""
        def ask(chosen):
            return _rate(chosen, number, seconds)

        return _answer("rates", account, ask)


def _answer(what, account, ask):
    """JSON of what ``ask(chosen)`` says; errors have a code and a sentence."""
    env = request.env
    if what not in SCOPES[env.context["voip_scope"]]:
        return _error(403, "scope", env._("The key does not open this."))
    try:
        chosen = Chosen(account)
        if not chosen.account:
            raise request.not_found()
        if not _take(chosen):
            told = env._("Too many requests: wait a minute.")
            return _error(429, "too_many", told, [("Retry-After", "60")])
        return _json(ask(chosen))
    except NotFound:
        return _error(404, "not_found", env._("There is no such account."))
    except UserError as error:
        return _error(422, "invalid", str(error))


def _take(chosen):
    env = chosen.env
    return env["voip.api.use"]._take(
        chosen.account, env.user, env.context["voip_key"], chosen.today()
    )


def _json(value, status=200, headers=()):
    headers = [("Cache-Control", "no-store"), *headers]
    return request.make_json_response(value, headers=headers, status=status)


def _error(status, code, message, headers=()):
    return _json({"error": {"code": code, "message": message}}, status, headers)


def _balance(chosen):
    payer, places = chosen.payer, chosen.account.currency_id.decimal_places
    if not payer:
        raise UserError(
            chosen.env._(
                "Another customer pays for this account: its balance is not yours to"
                " see."
            )
        )
    amounts = ("available", "balance", "ledger_balance", "unbilled", "reserved")
    return {
        "account": chosen.code,
        "accounts": list(chosen.codes),
        "currency": chosen.account.currency_id.name,
        "mode": payer.mode,
        "state": chosen.account.state,
        **{name: f"{payer[name]:.{max(places, 2)}f}" for name in amounts},
    }


def _calls(chosen, number, date_from, date_to, after, limit):
    """{calls, next}: ``next`` is ``after`` of the page that follows, or None."""
    env = chosen.env
    first, last, domain = asked(chosen, number, date_from, date_to)
    if limit and not (limit.isascii() and limit.isdigit() and int(limit[:9])):
        raise UserError(env._("limit: a number from 1 to %s.", f"{MOST:,}"))
    most = min(int(limit[:9] or MOST), MOST)
    since, skipped = _place(env, after)
    if since:
        domain &= Domain("started_at", ">=", since)
    found = env["voip.usage"].search(
        domain, limit=most + 1, offset=skipped, order="started_at, id"
    )
    page = found[:most]
    following = None
    if len(found) > most:
        at = page[-1].started_at
        same = sum(call.started_at == at for call in page)
        skipped = same + (skipped if at == since else 0)
        following = f"{at.isoformat()}~{skipped}"
    return {
        "account": chosen.code,
        "date_from": first.isoformat(),
        "date_to": last.isoformat(),
        "tz": chosen.account.tz,
        "calls": [_call(call) for call in page],
        "next": following,
    }


def _place(env, after):
    """(moment, how many calls of that moment were given), of ``after``."""
    if not after:
        return None, 0
    text, _tilde, skipped = after.partition("~")
    try:
        if not (skipped.isascii() and skipped.isdigit() and len(skipped) < 8):
            raise ValueError(skipped)
        moment = datetime.fromisoformat(text)
        if moment.tzinfo:
            raise ValueError(text)
    except ValueError as error:
        raise UserError(env._("after: give next of the page before.")) from error
    return moment, int(skipped)


def _call(call):
    return {
        "started_at": f"{call.started_at.isoformat()}Z",
        "account": call.account_id.code,
        "caller": call.caller or "",
        "called": call.called or "",
        "destination": call.label or "",
        "answered": call.answered,
        "seconds": f"{Decimal(call.duration_ms or 0) / 1000:f}",
        "billed_seconds": call.billed_seconds,
        "amount": f"{call.amount:.8f}",
        "currency": call.currency_id.name,
    }


def _rate(chosen, number, seconds):
    if not number:
        raise UserError(chosen.env._("number: say which number is called."))
    deck = deck_of(chosen)
    if not deck:
        raise UserError(chosen.env._("The account has no rates yet."))
    quote = quote_of(chosen, deck, number, seconds)
    told = ("billed_seconds", "amount", "currency", "rate")
    return {"account": chosen.code, **{name: quote[name] for name in told}}
