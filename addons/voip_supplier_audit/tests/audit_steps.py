"""From a planted bill to its diagnosis, as a reconciliation goes."""

from unittest.mock import patch

import numpy as np

from odoo.addons.voip_supplier_audit.engine import (
    classify,
    pair,
    records,
    rules,
    supposed,
    tally,
    usual,
)
from odoo.addons.voip_supplier_audit.engine import parts as engine_parts
from odoo.addons.voip_supplier_audit.engine.diagnose import DEPTH, diagnose
from odoo.addons.voip_supplier_audit.engine.parts import Parts, diagnose_parts

from .audit_world import CENT, CHANGE, DAY, HOUR, PERIOD, STATED

AGREED = rules.Rule()
FACTORS = (("currency", (113, 100), {}), ("tax", (119, 100), {}))


def agreed_rates(world):
    return tally.Agreed.of(
        world.price,
        old_price=world.old,
        agreed_us=np.full(world.lines, CHANGE),
        stated_us=np.full(world.lines, STATED),
        initial=world.initial,
        following=world.following,
    )


def records_of(side, order=slice(None)):
    return records.Records.of(
        caller=side.caller[order],
        called=side.called[order],
        start_us=side.start[order],
        duration_ms=side.seconds[order] * 1000,
    )


def expected(world, period=PERIOD):
    """What we expect of each of our calls, priced by the rating engine."""
    pricing = pricing_of(world, None, period)
    return pricing.call_amounts(AGREED)


def our_calls(world, **known):
    return tally.OurCalls.of(
        world.line,
        world.line,
        world.start,
        world.seconds * 1000,
        world.answered,
        **known,
    )


def pricing_of(world, lines, period=PERIOD, **known):
    agreed = agreed_rates(world)
    tries = [rules.Rule(zone_us=n * HOUR) for n in (-5, 2)]
    tries.append(rules.Rule(edge_us=(DAY, 0)))
    cuts = supposed.borders(agreed, period, tries)
    counted = tally.tally(our_calls(world, **known), agreed, cuts)
    if lines is None:
        lines = supposed.Lines.of(np.zeros(world.lines, np.int64))
    return supposed.Pricing(counted, lines, period)


def lines_of(bill, price=True):
    amount, calls = bill.printed()
    return supposed.Lines.of(
        amount, calls, price=bill.printed_price if price else None, unit=CENT
    )


def explain(bill, with_records, price=True, period=PERIOD, parts=None):
    """Diagnose a bill, by its lines alone or by its records, too.

    :param parts: so many lines at once
    """
    world, lines = bill.world, lines_of(bill, price)
    known, facts, proven = {}, (), ()
    zones, edges = (2 * HOUR, -5 * HOUR), ((DAY, 0),)
    if with_records:
        known, facts, proven = found_in_records(bill, period)
        zones, edges = (), ()
    pricing = pricing_of(world, lines, period, **known)
    calls = our_calls(world, **known)

    def tries(pricing, calls, facts):
        return usual.usual(
            pricing,
            rules.merged(AGREED, proven),
            zones,
            FACTORS,
            least=() if with_records else (4 * CENT,),
            edges=edges,
            facts=facts,
            calls=calls,
        )

    if parts:
        whole = Parts(pricing, calls, facts, with_records)
        with patch.object(engine_parts, "AT_ONCE", parts):
            return diagnose_parts(whole, AGREED, tries, proven, DEPTH)
    evidence = calls if with_records else None
    found = tries(pricing, evidence, facts)
    return diagnose(pricing, AGREED, found, facts, proven, calls=evidence)


def found_in_records(bill, period):
    """What matching and classifying the supplier's records say."""
    world = bill.world
    order = world.random.permutation(len(bill.of))
    is_credit = bill.amount[order] < 0
    matched = pair.match(records_of(world), records_of(bill, order), is_credit)
    new = world.start >= CHANGE
    prices = world.price[world.line], world.old[world.line]
    ours = classify.Charged(
        world.line,
        expected(world, (period[0] - DAY, period[1] + DAY)),
        np.where(new, *prices),
        np.where(new, *prices[::-1]),
        world.seconds * 1000,
        world.answered,
    )
    theirs = classify.Charged(
        bill.line[order],
        bill.amount[order],
        bill.price[order],
        np.full(len(order), classify.UNKNOWN),
        bill.seconds[order] * 1000,
        np.ones(len(order), bool),
    )
    limits = classify.Limits(period)
    classes = classify.classify(matched, ours, theirs, world.start, limits)
    facts = classify.facts(classes, matched, theirs, world.lines)
    known = classify.known_of_ours(classes, matched, ours, theirs)
    return known, facts, classify.proven(classes, ours, known)
