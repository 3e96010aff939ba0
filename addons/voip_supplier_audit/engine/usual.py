"""The suppositions that are tried when nobody says which."""

import numpy as np

from .rules import OLD, STATED, Supposition, combined, merged
from .tally import NEVER

INCREMENTS = ((60, 60), (30, 6), (6, 6), (60, 1), (30, 30), (1, 1))
ROUNDINGS = (("up", 4), ("half_up", 4), ("up", 2), ("half_up", 2))
MINUTES = (("up", 0), ("nearest", 0), ("down", 0), ("up", 1))
_ALIKE = 0.5  # of the lines or calls say the same fee
_LEAST_SHARE = 0.05  # of the calls have the least amount
_FEES = 2
_FEE_STEP = 10_000  # fees are told to the hundredth of a cent


def usual(
    pricing, rule, zones=(), factors=(), least=(), edges=(), facts=(), calls=None
):
    """List what may be different, simplest first.

    :param pricing: :class:`~.supposed.Pricing`; ``rule``: as agreed
    :param zones: microseconds to try, where there are no records to show the zone
    :param factors: ``(kind, (over, under), evidence)`` of currencies and taxes
    :param least: minimum charges (scaled) that this supplier is known for
    :param edges: ``(before, after)`` in microseconds that its period may be longer
    :param facts: of the records; ``calls``: ours with the records' amounts
    """
    found = _prices(pricing) + _seconds(pricing, rule)
    found += [
        Supposition("rounding", {"rounding": mode, "decimals": places})
        for mode, places in ROUNDINGS
        if (mode, places) != (rule.rounding, rule.decimals)
    ]
    found += [Supposition("time_zone", {"zone_us": zone}) for zone in zones]
    found += [Supposition("period_edge", {"edge_us": edge}) for edge in edges]
    found.append(Supposition("unanswered", {"unanswered": True}))
    if calls is not None:
        least = dict.fromkeys((*least, *least_charges(calls)))
    found += [Supposition("minimum", {"min_charge": charge}) for charge in least]
    found += [
        Supposition("connect_fee", {"connect_fee": fee})
        for fee in guessed_fees(pricing, rule, found, facts, calls)
    ]
    found += [Supposition(kind, {"factor": f}, e) for kind, f, e in factors]
    if (pricing.lines.price >= 0).any():
        found += [Supposition("precision", {"minutes": way}) for way in MINUTES]
    return found


def _seconds(pricing, rule):
    found = [
        Supposition("increments", {"initial": first, "following": then})
        for first, then in INCREMENTS
        if _matters(pricing, rule, initial=first, following=then)
    ]
    found += [
        Supposition("formula", {"formula": formula})
        for formula in "ABC"
        if formula != rule.formula and _matters(pricing, rule, formula=formula)
    ]
    return found


def _prices(pricing):
    agreed, lines = pricing.tally.agreed, pricing.lines
    found = []
    if (lines.price >= 0).any():
        found.append(Supposition("rate", {"printed_rate": True}))
    changed = agreed.price != agreed.old_price
    if changed.any():
        found.append(Supposition("old_rate", {"effective": OLD}))
    if (changed & (agreed.stated_us != agreed.agreed_us)).any():
        dates = np.unique(agreed.stated_us[changed])
        dates = dates[np.abs(dates) != NEVER].tolist()
        found.append(
            Supposition("late_increase", {"effective": STATED}, {"stated_us": dates})
        )
    return found


def _matters(pricing, rule, **change):
    """Whether a rule for seconds bills any call otherwise."""
    supposed = Supposition("increments", change).on(rule)
    billed, _free = pricing.billed(supposed)
    return bool((billed != pricing.billed(rule)[0]).any())


def guessed_fees(pricing, rule, suppositions, facts=(), calls=None):
    """Fees per call that most calls, or half of the lines, would come right with.

    Other suppositions may hold beside it, so it is looked for under each of them. A fee
    is only a supposition: what it explains is computed like any other's.

    :return: list of scaled fees, the one that most say first
    """
    extra = sum((fact.amount for fact in facts), np.zeros(len(pricing.lines), np.int64))
    votes, own = {}, _fee_of(pricing)
    for chosen in combined(suppositions, 2):
        supposed = merged(rule, [suppositions[place] for place in chosen])
        fee, share = _fee_of_lines(pricing, supposed, extra)
        if calls is not None and len(chosen) < 2 and share < _ALIKE:
            fee, share = _fee_of_calls(pricing, supposed, calls)
        if fee > 0 and share >= _ALIKE:
            votes[fee + own] = max(votes.get(fee + own, 0), share)
    return sorted(votes, key=lambda fee: (-votes[fee], fee))[:_FEES]


def _fee_of_lines(pricing, rule, extra):
    """What most lines have per call beyond a rule, and their share."""
    figures = pricing.figures(rule)
    rows = np.flatnonzero(figures.calls > 0)
    if rows.size < 2:
        return 0, 0
    gap = pricing.lines.amount[rows] - figures.amount[rows] - extra[rows]
    fee = np.rint(gap / figures.calls[rows] / _FEE_STEP).astype(np.int64) * _FEE_STEP
    return _most(fee)


def _fee_of_calls(pricing, rule, calls):
    """What most calls have beyond a rule, and their share."""
    known = calls.their_amount >= 0
    if not known.any():
        return 0, 0
    return _most(calls.their_amount[known] - pricing.call_amounts(rule)[known])


def _most(values):
    distinct, counts = np.unique(values, return_counts=True)
    return int(distinct[np.argmax(counts)]), counts.max() / values.size


def least_charges(calls):
    """The least amount of theirs, if many calls have just that; a list."""
    amounts = calls.their_amount[calls.their_amount > 0]
    if not amounts.size:
        return []
    lowest = amounts.min()
    return [int(lowest)] if (amounts == lowest).mean() >= _LEAST_SHARE else []


def _fee_of(pricing):
    """The fee that the rates have already, if all have the same."""
    fees = np.unique(pricing.tally.agreed.connect_fee)
    return int(fees[0]) if fees.size == 1 else 0
