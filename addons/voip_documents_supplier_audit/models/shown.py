"""Exact figures of suppliers' documents as people of a language read them."""

from decimal import Decimal

from odoo.addons.voip_documents.engine import exact
from odoo.addons.voip_supplier_audit.cockpit.waterfall import placed

MONEY = ("amount", "ours_amount", "difference", "disputed")
CALL_MONEY = ("their_amount", "our_amount", "difference")


def places_of(values, least):
    """Decimals that all of ``values`` need, ``least`` at least."""
    digits = [exact.text_of(value).partition(".")[2].rstrip("0") for value in values]
    return max(least, max(map(len, digits), default=0))


def money(row, names, places, layout):
    """{name: exact text, name_text: formatted}; empty texts of None."""
    found = {}
    for name in names:
        value = row.get(name)
        known = value is not None
        rounded = exact.rounded(value, places) if known else None
        found[name] = exact.text_of(rounded) if known else ""
        text = exact.number_text(rounded, places, layout) if known else ""
        found[f"{name}_text"] = text
    return found


def line(row, places, layout):
    """A line of the invoice; minutes as m:ss."""
    shown = {
        name: row[name]
        for name in ("prefix", "name", "kind", "found", "found_text", "reasons")
        + ("decision", "decision_text", "reason")
    }
    for name in ("minutes", "ours_minutes"):
        known = row[name] is not None
        seconds = int(exact.rounded(row[name] * 60, 0)) if known else None
        shown[name.replace("minutes", "seconds")] = seconds
        shown[f"{name}_text"] = "" if seconds is None else exact.minutes_text(seconds)
    for name in ("calls", "ours_calls"):
        known = row[name] is not None
        shown[name] = row[name]
        shown[f"{name}_text"] = exact.number_text(row[name], 0, layout) if known else ""
    rate = row["rate"]
    return {
        **shown,
        **money(row, MONEY, places, layout),
        "day": row["day"],
        "day_text": exact.date_text(row["day"], layout["date"]),
        "rate": "" if rate is None else exact.text_of(rate).rstrip("0").rstrip("."),
        "rate_text": "" if rate is None else exact.rate_text(rate, layout),
        "why": " ".join(row["reasons"]),
    }


def call(row, places, layout):
    """A call; starts in UTC, seconds as they are."""
    shown = {
        name: row[name]
        for name in ("prefix", "name", "call_id", "caller", "called", "their_start")
        + ("our_start", "found", "found_text", "is_ambiguous")
    }
    for name in ("their_seconds", "our_seconds"):
        known = row[name] is not None
        shown[name] = exact.text_of(row[name].normalize()) if known else ""
        shown[f"{name}_text"] = exact.minutes_text(int(row[name])) if known else ""
    return {
        **shown,
        **money(row, CALL_MONEY, places, layout),
        "start": row["their_start"] or row["our_start"],
    }


def steps(found, labels, layout):
    """Steps of a waterfall with the place of each bar in percent."""
    _begin, bars = placed(found)
    return [
        {
            "key": step.key,
            "label": labels.get(step.key, step.key),
            "is_total": step.is_total,
            "is_dearer": step.is_cause and step.amount < 0,
            "amount": exact.text_of(step.amount),
            "amount_text": exact.money_text(step.amount, layout),
            "left": exact.text_of(left),
            "width": exact.text_of(width),
        }
        for step, (left, width) in zip(found, bars, strict=True)
    ]


def row_of_line(shown, text):
    """A line as a row of a table that has calls, too."""
    empty = {name: "" for name in _OF_CALLS}
    empty["call_difference"] = ""
    return {**empty, **shown, "row": "line", "row_text": text}


def row_of_call(shown, text):
    """A call as a row of a table: what is of lines is empty, so that sums are right."""
    empty = {name: None for name in _OF_LINES}
    kept = {name: shown[name] for name in ("prefix", "name", *_OF_CALLS)}
    kept |= {"found_text": shown["found_text"], "day": shown["start"][:10]}
    kept["call_difference"] = shown["difference"]
    return {**empty, **kept, "row": "call", "row_text": text}


_OF_CALLS = ("call_id", "caller", "called", "their_start", "our_start")
_OF_CALLS += ("their_seconds", "our_seconds", "their_amount", "our_amount")
_OF_LINES = ("calls", "ours_calls", "seconds", "ours_seconds", "rate", *MONEY)
_OF_LINES += ("why", "decision_text", "reason")


def total(values):
    """Sum of Decimals, None counts as nothing."""
    return sum((value for value in values if value is not None), Decimal(0))
