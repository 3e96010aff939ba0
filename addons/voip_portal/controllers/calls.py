"""Calls one by one, with what each cost and why."""

from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import Controller, request, route

from odoo.addons.voip_billing_base.downloads import file_answer
from odoo.addons.voip_billing_base.reader.values import harmless

from .common import PAGE, Chosen, wrong
from .csv_file import written
from .figures import sums

SHOWN = 100
MOST = 100_000
LONGEST_DAYS = 31
# Calls that one search by number looks at; of the days before it is told.
MOST_SEARCHED = 50_000
# What a file has of a call.
TOLD = (
    "started_at",
    "caller",
    "called",
    "label",
    "answered",
    "duration_ms",
    "billed_seconds",
    "amount",
    "currency_id",
    "account_id",
)


class VoipCalls(Controller):
    @route("/my/voip/calls", methods=["GET"], **PAGE)
    def calls(self, account="", number="", date_from="", date_to="", **_others):
        """The last calls between two days of the account's zone.

        :param number: digits that the caller or the called number begins with
        """
        chosen = Chosen(account)
        values = chosen.values(
            "calls", number=number, date_from=date_from, date_to=date_to, calls=[]
        )
        try:
            first, last, domain = asked(chosen, number, date_from, date_to)
        except UserError as error:
            return request.render("voip_portal.calls", wrong(values, error))
        since, domain = _nearest(chosen, number, first, last, domain)
        found = chosen.env["voip.usage"].search(
            domain, limit=SHOWN + 1, order="started_at desc, id desc"
        )
        values.update(
            calls=[_told(chosen, call) for call in found[:SHOWN]],
            prices=chosen.env._(
                "Prices in %s, without taxes. A destination opens how the price came"
                " to be.",
                chosen.account.currency_id.name,
            ),
            more=_more(chosen, len(found), first, since),
            date_from=first.isoformat(),
            date_to=last.isoformat(),
            query=f"account={chosen.code}&number={number}&date_from={first}"
            f"&date_to={last}",
        )
        return request.render("voip_portal.calls", values)

    @route("/my/voip/calls/file", methods=["GET"], **PAGE)
    def file(self, account="", number="", date_from="", date_to="", **_others):
        """The same calls as CSV, unless they are too many for a file."""
        chosen = Chosen(account)
        try:
            first, last, domain = asked(chosen, number, date_from, date_to)
        except UserError as error:
            raise request.not_found(str(error)) from error
        calls = chosen.env["voip.usage"].search_fetch(
            domain, TOLD, limit=MOST + 1, order="started_at, id"
        )
        if len(calls) > MOST:
            told = chosen.env._("More than %s calls: choose fewer days.", f"{MOST:,}")
            values = chosen.values(
                "calls", number=number, date_from=date_from, date_to=date_to, calls=[]
            )
            return request.render("voip_portal.calls", {**values, "wrong": told})
        name = f"calls-{chosen.code}-{first}-{last}.csv"
        return file_answer(name, _csv(chosen, calls), "csv")


def asked(chosen, number, date_from, date_to):
    """(first, last, domain) of calls that the customer asks for."""
    env = chosen.env
    first, last = chosen.days(date_from, date_to)
    if not date_from:
        first = max(first, last.replace(day=1))
    if (last - first).days >= LONGEST_DAYS:
        raise UserError(env._("Choose %s days at most.", LONGEST_DAYS))
    digits = number.strip().lstrip("+").replace(" ", "")
    if digits and not (digits.isascii() and digits.isdigit() and len(digits) <= 15):
        raise UserError(env._("A number has digits only, as 4930123456."))
    domain = Domain(
        [
            ("account_id", "in", chosen.family().ids),
            ("started_at", ">=", chosen.midnight(first)),
            ("started_at", "<", chosen.midnight(last, days=1)),
        ]
    )
    if digits:
        begins = f"{digits}%"
        domain &= Domain("called", "=like", begins) | Domain("caller", "=like", begins)
    return first, last, domain


def _nearest(chosen, number, first, last, domain):
    """The last days of a search by number, as many as are searched while one waits.

    :return: (first day that is searched, domain)
    """
    if not number.strip():
        return first, domain
    rows = sums(chosen.env, chosen.family(), first, last, "day")
    calls, since = 0, last
    for row in sorted(rows, key=lambda row: row["day"], reverse=True):
        calls += row["attempts"]
        if calls > MOST_SEARCHED and row["day"] < last:
            return since, domain & Domain("started_at", ">=", chosen.midnight(since))
        since = row["day"]
    return first, domain


def _more(chosen, found, first, since):
    """What the page does not show, or nothing."""
    env = chosen.env
    if found > SHOWN:
        return env._(
            "These are the last %s: choose fewer days or a number, or take the file.",
            SHOWN,
        )
    if since > first:
        return env._(
            "Searched were the days from %s on: choose days before to search them, or"
            " take the file.",
            since.isoformat(),
        )
    return ""


def _told(chosen, call):
    """A call and, in plain words, how its price came to be."""
    return {"call": call, "steps": list(_steps(chosen, call))}


def _steps(chosen, call):
    env = chosen.env
    if call.reversal_of:
        yield env._("This takes an earlier charge back.")
        return
    if call.prefix:
        yield env._(
            "%(called)s begins with %(prefix)s: %(name)s.",
            called=call.called or "",
            prefix=call.prefix,
            name=call.label or "",
        )
    seconds = f"{(call.duration_ms or 0) / 1000:g}"
    if not call.answered:
        yield env._("It was not answered.")
    elif call.initial_increment:
        yield env._(
            "It lasted %(seconds)s s and is billed as %(billed)s s: %(first)s s at"
            " least, then by %(next)s s.",
            seconds=seconds,
            billed=call.billed_seconds,
            first=call.initial_increment,
            next=call.next_increment,
        )
    currency = (call.deck_currency_id or call.currency_id).name
    if call.answered and call.billed_seconds:
        yield env._(
            "Price per minute %(price)s %(currency)s, for %(minutes)s minutes.",
            price=f"{call.unit_price:.8f}".rstrip("0").rstrip("."),
            currency=currency,
            minutes=f"{call.billed_seconds / 60:.4f}",
        )
    if call.answered and call.connect_fee:
        yield env._(
            "Plus %(fee)s %(currency)s per answered call.",
            fee=f"{call.connect_fee:.8f}".rstrip("0").rstrip("."),
            currency=currency,
        )
    if call.deck_currency_id and call.deck_currency_id != call.currency_id:
        yield env._("Converted at %s.", f"{call.exchange_rate:.6f}")


def _csv(chosen, calls):
    env = chosen.env
    heads = (
        env._("Start"), env._("From"), env._("To"), env._("Destination"),
        env._("Answered"), env._("Seconds"), env._("Billed seconds"), env._("Amount"),
        env._("Currency"), env._("Account"),
    )  # fmt: skip
    return written(
        heads,
        (
            (
                chosen.local(call.started_at).isoformat(sep=" "),
                harmless(call.caller or ""),
                harmless(call.called or ""),
                harmless(call.label or ""),
                int(call.answered),
                (call.duration_ms or 0) / 1000,
                call.billed_seconds,
                f"{call.amount:.8f}",
                call.currency_id.name,
                call.account_id.code,
            )
            for call in calls
        ),
    )
