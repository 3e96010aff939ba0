"""Counted events by type and source: messages, mails, queries; from sums of days."""

from datetime import timedelta
from decimal import Decimal
from urllib.parse import urlencode

from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import Controller, request, route

from odoo.addons.voip_billing_base.downloads import file_answer
from odoo.addons.voip_billing_base.reader.values import harmless

from .chart import columns
from .common import PAGE, Chosen, first_rows, words, wrong
from .csv_file import written

SHOWN = 500
CHART_DAYS = 30


class VoipEvents(Controller):
    @route("/my/voip/events", methods=["GET"], **PAGE)
    def events(
        self, account="", category="", kind="", source="", date_from="", date_to="",
        **_others,
    ):  # fmt: skip
        """Events and units between two days, by type and source.

        :param category: of types, or "" for all; ``kind``: code of a type, or "";
            ``source``: who sent them, or ""
        """
        chosen = Chosen(account)
        asked = {"category": category, "kind": kind, "source": source}
        values = chosen.values(
            "events", **asked, date_from=date_from, date_to=date_to, rows=[],
            categories={}, kinds=[], sources=[], count=_count,
        )  # fmt: skip
        try:
            first, last, domain = _asked(chosen, asked, date_from, date_to)
        except UserError as error:
            return request.render("voip_portal.events", wrong(values, error))
        rows = _sums(chosen, domain)
        values.update(
            _choices(chosen, first, last),
            date_from=first.isoformat(),
            date_to=last.isoformat(),
            **first_rows(chosen.env, rows, SHOWN),
            query=urlencode(
                {
                    "account": chosen.code,
                    **asked,
                    "date_from": first,
                    "date_to": last,
                }
            ),
            **_charted(chosen, domain, last),
        )
        return request.render("voip_portal.events", values)

    @route("/my/voip/events/file", methods=["GET"], **PAGE)
    def file(
        self, account="", category="", kind="", source="", date_from="", date_to="",
        **_others,
    ):  # fmt: skip
        """The same as CSV, day by day."""
        chosen = Chosen(account)
        asked = {"category": category, "kind": kind, "source": source}
        try:
            first, last, domain = _asked(chosen, asked, date_from, date_to)
        except UserError as error:
            raise request.not_found(str(error)) from error
        rows = _sums(chosen, domain, "local_day:day")
        name = f"events-{chosen.code}-{first}-{last}.csv"
        return file_answer(name, _csv(chosen, rows), "csv")


def _asked(chosen, asked, date_from, date_to):
    """(first, last, domain) of what the customer asks for.

    :param asked: ``category``, ``kind`` and ``source``, "" for all
    :raises UserError: wrong days, or a category that there is not
    """
    first, last = chosen.days(date_from, date_to)
    domain = Domain(
        [
            ("account_id", "in", chosen.family().ids),
            ("local_day", ">=", first),
            ("local_day", "<=", last),
        ]
    )
    if category := asked.get("category"):
        if category not in _categories(chosen):
            raise UserError(chosen.env._("Choose one of the categories."))
        domain &= Domain("category", "=", category)
    for name, field in (("kind", "type_id.code"), ("source", "source")):
        if word := asked.get(name):
            domain &= Domain(field, "=", word.replace("\0", ""))
    return first, last, domain


def _categories(chosen):
    return words(chosen.env, "voip.usage.event.type", "category")


def _days(chosen):
    """Sums of days; whose they are was checked."""
    return chosen.env["voip.usage.event.day"].sudo()


def _sums(chosen, domain, *by):
    """[(group of ``by`` …, type, source, events, units)], the last day first."""
    rows = _days(chosen)._read_group(
        domain, [*by, "type_id", "source"], ["events:sum", "units:sum"]
    )
    if by:
        return sorted(rows, key=lambda row: row[0], reverse=True)
    return sorted(rows, key=lambda row: -row[-2])


def _choices(chosen, first, last):
    """Categories, and types and sources of what was counted in these days."""
    _first, _last, domain = _asked(chosen, {}, str(first), str(last))
    found = _days(chosen)._read_group(domain, ["type_id", "source"])
    kinds = {kind.code: kind.name for kind, _source in found}
    return {
        "categories": _categories(chosen),
        "kinds": sorted(kinds.items(), key=lambda one: one[1]),
        "sources": sorted({source for _kind, source in found}),
    }


def _charted(chosen, domain, last):
    """The last 30 days of what is asked for, by category."""
    days = [last - timedelta(days=n) for n in reversed(range(CHART_DAYS))]
    rows = _days(chosen)._read_group(
        domain & Domain("local_day", ">=", days[0]),
        ["local_day:day", "category"],
        ["events:sum"],
    )
    series = {}
    for day, category, events in rows:
        series.setdefault(category, {})[day] = Decimal(int(events))
    names = _categories(chosen)
    made = columns(days, [(names[one], series[one]) for one in names if one in series])
    highest = chosen.env._("At most %s a day", _count(made["top"]))
    return {"chart": made, "highest": highest}


def _count(number):
    return f"{int(number):,}"


def _csv(chosen, rows):
    env = chosen.env
    names = _categories(chosen)
    heads = (
        env._("Day"), env._("Category"), env._("Type"), env._("Source"),
        env._("Events"), env._("Units"), env._("Unit"),
    )  # fmt: skip
    return written(
        heads,
        (
            (
                f"{day:%Y-%m-%d}",
                names[kind.category],
                harmless(kind.name),
                harmless(source),
                int(events),
                int(units),
                harmless(kind.unit),
            )
            for day, kind, source, events, units in rows
        ),
    )
