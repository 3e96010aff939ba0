"""What documents of a supplier's invoice tell, in exact figures."""

from decimal import Decimal

from odoo.addons.voip_supplier_audit.invoices.figures import exact
from odoo.addons.voip_supplier_audit.reconcile.voip_supplier_match import RIGHT

# So many calls are in a table at most; pages show the first of them.
MOST_CALLS = 20_000
SHOWN_CALLS = 150
REFUSED = ("disputed", "rejected")
MS = Decimal(1000)
ZERO = Decimal(0)


def lines_of(lines):
    """Lines as exact values, of an environment that the reader may read them in.

    :param lines: ``voip.supplier.invoice.line`` records
    :return: list of dicts
    """
    found = lines._fields["found"]._description_selection(lines.env)
    decisions = lines._fields["decision"]._description_selection(lines.env)
    return [_line(line, dict(found), dict(decisions)) for line in lines]


def _line(line, classes, decisions):
    usage, compared = line.kind == "usage", line.kind in line._compared_kinds()
    minutes = exact(line.minutes) if line.minutes else None
    return {
        "id": line.id,
        "prefix": line.prefix or "",
        "name": line.name or line.destination_id.name or "",
        "day": line.day.isoformat() if line.day else "",
        "kind": line.kind,
        "is_compared": compared,
        "rate": exact(line.rate) if line.rate else None,
        "calls": line.calls or None,
        "minutes": minutes,
        "amount": exact(line.amount),
        "ours_calls": line.ours_calls if usage else None,
        "ours_minutes": exact(line.ours_minutes) if usage else None,
        "ours_amount": exact(line.ours_amount) if compared else None,
        "difference": exact(line.difference) if compared else None,
        "found": line.found or "",
        "found_text": classes.get(line.found, ""),
        "reasons": [one["text"] for one in line.explanations or []],
        "decision": line.decision,
        "decision_text": decisions[line.decision],
        "disputed": disputed_of(line),
        "reason": line.reason or "",
    }


def unbilled(ours, name):
    """Our cost that no line of the invoice is about, as a line."""
    nothing = dict.fromkeys(("rate", "calls", "minutes", "ours_calls", "ours_minutes"))
    empty = dict.fromkeys(("prefix", "day", "decision", "decision_text", "reason"), "")
    return {
        **nothing,
        **empty,
        "id": 0,
        "name": name,
        "kind": "usage",
        "is_compared": True,
        "amount": ZERO,
        "ours_amount": ours,
        "difference": -ours,
        "found": "missing_there",
        "found_text": "",
        "reasons": [],
        "disputed": ZERO,
    }


def is_refused(line):
    """Whether a line is disputed or rejected."""
    return line.decision in REFUSED


def disputed_of(line):
    """What is not accepted of a line."""
    if line.decision == "rejected":
        return exact(line.amount)
    return exact(line.disputed_amount)


def calls_of(invoice, lines=None):
    """Calls that differ, theirs beside ours.

    :param lines: those on these lines only that the supplier charged too dear, without
        what may as well be another call
    :return: (how many there are, the first :data:`MOST_CALLS` as list of dicts)
    """
    matches = invoice.env["voip.supplier.match"]
    domain = [("invoice_id", "=", invoice.id), ("found", "not in", RIGHT)]
    if lines is not None:
        domain += [("line_id", "in", lines.ids), ("ambiguous", "=", False)]
        domain += [("sides", "!=", "ours")]
    count = matches.search_count(domain)
    found = matches.search(domain, limit=MOST_CALLS, order="line_id, id")
    names = dict(matches._fields["found"]._description_selection(invoice.env))
    calls = [_call(match, names) for match in found]
    return count, [x for x in calls if lines is None or x["difference"] > 0]


def _call(match, names):
    has_theirs, has_ours = match.sides != "ours", match.sides != "theirs"
    line = match.line_id
    return {
        "line": line.id,
        "prefix": line.prefix or "",
        "name": line.name or "",
        "call_id": match.call_id or "",
        "caller": match.caller or "",
        "called": match.called or "",
        "their_start": _moment(match.their_start),
        "our_start": _moment(match.our_start),
        "their_seconds": _seconds(match.their_ms) if has_theirs else None,
        "our_seconds": _seconds(match.our_ms) if has_ours else None,
        "their_amount": exact(match.their_amount) if has_theirs else None,
        "our_amount": exact(match.our_amount) if has_ours else None,
        "difference": exact(match.difference),
        "found": match.found,
        "found_text": names[match.found],
        "is_ambiguous": match.ambiguous,
    }


def _moment(value):
    return value.replace(microsecond=0).isoformat(" ") if value else ""


def _seconds(ms):
    return Decimal(ms) / MS
