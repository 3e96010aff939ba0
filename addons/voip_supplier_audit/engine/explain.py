"""Sentences that a person can send.

The templates are English and named; who shows them translates the template and fills it
with :func:`values`.
"""

from datetime import UTC, datetime

from .rules import KINDS

TEXTS = {
    "rate": "A price of %(price)s a minute, which is not the one agreed: %(amount)s.",
    "old_rate": "The price of before the change was charged: %(amount)s.",
    "late_increase": "An increase was charged from %(stated)s on, agreed from"
    " %(agreed)s: %(amount)s.",
    "increments": "Increments of %(initial)s/%(following)s seconds: %(amount)s.",
    "formula": "Seconds rounded by formula %(formula)s: %(amount)s.",
    "rounding": "Each call rounded %(rounding)s to %(decimals)s decimals: %(amount)s.",
    "precision": "Minutes rounded %(rounding)s before the price: %(amount)s.",
    "connect_fee": "A connect fee of %(fee)s for each call: %(amount)s.",
    "minimum": "A minimum charge of %(fee)s for each call: %(amount)s.",
    "time_zone": "The period was cut in zone UTC%(zone)s: %(amount)s.",
    "period_edge": "%(calls)s calls outside the period were charged: %(amount)s.",
    "duplicate": "%(calls)s calls were charged twice: %(amount)s.",
    "unanswered": "Calls that nobody answered were charged: %(amount)s.",
    "duration": "Calls are longer in the supplier's records: %(amount)s.",
    "missing_here": "Calls that are not in our records were charged: %(amount)s.",
    "missing_there": "Calls that we know of were not charged: %(amount)s.",
    "unknown_code": "Codes that the agreed rates do not have: %(amount)s.",
    "swapped_names": "The figures are those of line %(line)s: %(amount)s.",
    "currency": "Amounts are in another currency: %(amount)s.",
    "tax": "Tax is contained that was not agreed: %(amount)s.",
    "fee": "A fee that was not agreed: %(amount)s.",
    "credit": "%(calls)s credits that our records do not have: %(amount)s.",
    "sum": "The total is not the sum of the lines: %(amount)s.",
}
ALREADY = "Billed already on invoice %(number)s: %(amount)s."
TWICE = "Billed already on another line of this invoice: %(amount)s."
OTHER_CURRENCY = (
    "Our cost of these days is in %(ours)s, the invoice in %(theirs)s: nothing is"
    " compared. Where the supplier bills in %(ours)s, set that on the agreement and"
    " enter the invoice again; else rate the calls from a deck in %(theirs)s."
)
PART_CURRENCY = (
    "Part of our cost is in %(ours)s, the invoice in %(theirs)s: that part is not"
    " compared, and nothing is claimed. Rate the calls from a deck in %(theirs)s."
)
WIDER = (
    "Our rate is that of the wider code %(ours)s, whose cost of %(amount)s is on no"
    " line: nothing is compared, and nothing is claimed. Rate the calls by code"
    " %(theirs)s."
)
TIES = "The same money: %(kinds)s."
BOTH = " and "
BOUND = "Causes are looked for up to %(most)s calls."
SUMMARY = "Explained %(percent)s %%: %(parts)s; unexplained %(rest)s."

_SECONDS_PER_US = 1_000_000


def values(explanation, money, zone=UTC):
    """Values that the template of an explanation's kind names.

    :param explanation: :class:`~.results.Explanation`
    :param money: turns a scaled amount into text
    :param zone: in which dates are told
    :return: {name: text}
    """
    evidence = explanation.evidence
    result = {name: str(value).replace("_", " ") for name, value in evidence.items()}
    result["amount"] = money(explanation.amount)
    for name in ("connect_fee", "min_charge"):
        if name in evidence:
            result["fee"] = money(evidence[name])
    if "price" in evidence:
        result["price"] = money(evidence["price"])
    if "minutes" in evidence:
        rounding, decimals = evidence["minutes"]
        result["rounding"] = rounding.replace("_", " ")
        result["decimals"] = str(decimals)
    for name in ("stated", "agreed"):
        if name in evidence:
            moment = datetime.fromtimestamp(evidence[name] // _SECONDS_PER_US, zone)
            result[name] = moment.date().isoformat()
    if "zone_us" in evidence:
        result["zone"] = zone_text(evidence["zone_us"])
    return result


def sentence(explanation, money, templates=None, zone=UTC):
    """One sentence; ``templates`` are :data:`TEXTS`, or what they are translated to."""
    template = (templates or TEXTS)[explanation.kind]
    return template % values(explanation, money, zone)


def zone_text(zone_us):
    """``+2``, ``-5``, ``+5:30``."""
    minutes = abs(zone_us) // (60 * _SECONDS_PER_US)
    hours, rest = divmod(minutes, 60)
    sign = "-" if zone_us < 0 else "+"
    return f"{sign}{hours}" + (f":{rest:02d}" if rest else "")


def explained_tenths(difference, unexplained):
    """Tenths of a percent of a difference that are explained, rounded down.

    More than the difference may be explained one way and the other: then it is what is
    left beside the whole that counts.
    """
    whole = abs(difference)
    if not whole:
        return 1000 if not unexplained else 0
    return max(1000 - -(-abs(unexplained) * 1000 // whole), 0)


def summary(found, difference, rest, money, label=str, template=SUMMARY):
    """``Explained 98.4 %: …; unexplained 24.70.`` of a whole invoice.

    :param found: {kind: scaled amount}, over all lines
    :param difference: theirs minus ours, scaled; ``rest``: what is left of it
    :param label: turns a kind into text
    """
    parts = [f"{label(kind)} {money(found[kind])}" for kind in KINDS if found.get(kind)]
    tenths = explained_tenths(difference, rest)
    return template % {
        "percent": f"{tenths // 10}.{tenths % 10}",
        "parts": "; ".join(parts) or "-",
        "rest": money(rest),
    }
