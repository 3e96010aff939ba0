"""Usage and calls of a reseller's customer, at the reseller's prices."""

from decimal import Decimal

from odoo.exceptions import UserError
from odoo.http import Controller, request, route

from odoo.addons.voip_billing_base.downloads import file_answer
from odoo.addons.voip_billing_base.reader.values import harmless, plain

from ..controllers import calls
from ..controllers.common import PAGE, first_rows, wrong
from ..controllers.csv_file import written
from ..controllers.figures import total
from ..controllers.usage import SHOWN, names_of
from .figures import resale_sums
from .prices import resold
from .reading import Resold

GROUPS = ("day", "service", "destination")
# All that is read of a call; neither our price nor what led to it.
READ = (
    "started_at",
    "local_day",
    "service_id",
    "caller",
    "called",
    "label",
    "answered",
    "duration_ms",
    "billed_seconds",
    "amount",
)


class VoipResoldUsage(Controller):
    @route("/my/voip/resold", methods=["GET"], **PAGE)
    def usage(self, account="", by="day", date_from="", date_to="", **_others):
        """Sums of usage by day, service or destination."""
        chosen = Resold(account)
        values = chosen.values(
            "usage", by=by, date_from=date_from, date_to=date_to, rows=[], query="",
            choices=_choices(chosen.env),
        )  # fmt: skip
        try:
            first, last, rows = _asked(chosen, by, date_from, date_to)
        except UserError as error:
            return request.render("voip_portal.resold_usage", wrong(values, error))
        values.update(
            date_from=first.isoformat(),
            date_to=last.isoformat(),
            **first_rows(chosen.env, rows, SHOWN),
            total=total(rows),
            query=f"account={chosen.code}&by={by}&date_from={first}&date_to={last}",
        )
        return request.render("voip_portal.resold_usage", values)

    @route("/my/voip/resold/usage/file", methods=["GET"], **PAGE)
    def usage_file(self, account="", by="day", date_from="", date_to="", **_others):
        """The same sums as CSV, with all figures of the amounts."""
        chosen = Resold(account)
        try:
            first, last, rows = _asked(chosen, by, date_from, date_to)
        except UserError as error:
            raise request.not_found(str(error)) from error
        env = chosen.env
        heads = (
            _choices(env)[by], env._("Calls"), env._("Seconds"),
            env._("Amount without taxes"), env._("Currency"),
        )  # fmt: skip
        currency = chosen.account.currency_id.name
        lines = (
            (
                harmless(row["name"]), row["calls"], row["seconds"],
                plain(row["amount"]), currency,
            )
            for row in rows
        )  # fmt: skip
        name = f"usage-{chosen.code}-{first}-{last}.csv"
        return file_answer(name, written(heads, lines), "csv")

    @route("/my/voip/resold/calls", methods=["GET"], **PAGE)
    def calls(self, account="", number="", date_from="", date_to="", **_others):
        """The last calls between two days, by number where one is given."""
        chosen = Resold(account)
        values = chosen.values(
            "calls", number=number, date_from=date_from, date_to=date_to, calls=[],
            more="",
        )  # fmt: skip
        try:
            first, last, domain = calls.asked(chosen, number, date_from, date_to)
        except UserError as error:
            return request.render("voip_portal.resold_calls", wrong(values, error))
        since, domain = calls._nearest(chosen, number, first, last, domain)
        order = "started_at desc, id desc"
        found = _read(chosen, domain, calls.SHOWN + 1, order)
        values.update(
            calls=found[: calls.SHOWN],
            more=calls._more(chosen, len(found), first, since),
            date_from=first.isoformat(),
            date_to=last.isoformat(),
            query=f"account={chosen.code}&number={number}&date_from={first}"
            f"&date_to={last}",
        )
        return request.render("voip_portal.resold_calls", values)

    @route("/my/voip/resold/calls/file", methods=["GET"], **PAGE)
    def calls_file(self, account="", number="", date_from="", date_to="", **_others):
        """The same calls as CSV, unless they are too many for a file."""
        chosen = Resold(account)
        try:
            first, last, domain = calls.asked(chosen, number, date_from, date_to)
        except UserError as error:
            raise request.not_found(str(error)) from error
        found = _read(chosen, domain, calls.MOST + 1, "started_at, id")
        if len(found) > calls.MOST:
            told = chosen.env._(
                "More than %s calls: choose fewer days.", f"{calls.MOST:,}"
            )
            values = chosen.values(
                "calls", number=number, date_from=date_from, date_to=date_to, calls=[],
                more="",
            )  # fmt: skip
            return request.render("voip_portal.resold_calls", {**values, "wrong": told})
        name = f"calls-{chosen.code}-{first}-{last}.csv"
        return file_answer(name, _calls_csv(chosen, found), "csv")


def _choices(env):
    return {
        "day": env._("Day"),
        "service": env._("Service"),
        "destination": env._("Destination"),
    }


def _asked(chosen, by, date_from, date_to):
    """(first, last, rows) with ``name``, the group in words; nothing of our price."""
    if by not in GROUPS:
        raise UserError(chosen.env._("Choose what the usage is added up by."))
    first, last = chosen.days(date_from, date_to)
    rows = resale_sums(chosen.env, chosen.account, first, last, by)
    names = names_of(chosen.env, by, rows)
    if by == "day":
        rows.sort(key=lambda row: row["day"], reverse=True)
    kept = ("calls", "seconds", "amount")
    told = [{**{n: row[n] for n in kept}, "name": names(row[by])} for row in rows]
    return first, last, told


def _read(chosen, domain, limit, order):
    """Dicts of calls with their resale ``price``, exact, and no other."""
    found = chosen.env["voip.usage"].sudo()
    told = []
    for call in found.search_fetch(domain, READ, limit=limit, order=order):
        percent = chosen.percent(call.service_id.id, call.local_day)
        told.append(
            {
                "started_at": call.started_at,
                "caller": call.caller or "",
                "called": call.called or "",
                "label": call.label or "",
                "answered": call.answered,
                "seconds": (call.duration_ms or 0) / 1000,
                "billed_seconds": call.billed_seconds,
                "price": resold(Decimal(f"{call.amount:.8f}"), percent),
            }
        )
    return told


def _calls_csv(chosen, found):
    env = chosen.env
    heads = (
        env._("Start"), env._("From"), env._("To"), env._("Destination"),
        env._("Answered"), env._("Seconds"), env._("Billed seconds"), env._("Amount"),
        env._("Currency"),
    )  # fmt: skip
    currency = chosen.account.currency_id.name
    return written(
        heads,
        (
            (
                chosen.local(call["started_at"]).isoformat(sep=" "),
                harmless(call["caller"]), harmless(call["called"]),
                harmless(call["label"]), int(call["answered"]), call["seconds"],
                call["billed_seconds"], plain(call["price"]), currency,
            )
            for call in found
        ),
    )  # fmt: skip
