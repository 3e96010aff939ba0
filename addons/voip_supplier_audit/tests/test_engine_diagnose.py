from dataclasses import replace
from random import Random

import numpy as np

from odoo.tests import BaseCase, tagged

from odoo.addons.voip_supplier_audit.engine import explain, rules, supposed

from . import audit_steps as steps
from . import audit_world
from .audit_world import CENT, HOUR, PERIOD, PLANTS, Terms, World, planted


def money(amount):
    return f"{amount / 10**8:.2f}"


def term_names(name):
    """What a plant changes: two of one name cannot be planted together."""
    plant = PLANTS[name][1]
    if not hasattr(plant, "of_terms"):
        return {name}
    changed = plant(None, Terms())
    names = Terms.__dataclass_fields__
    # A price for all the month leaves no other date; minutes leave no formula.
    also = {"price_over": "change", "initial": "formula"}
    found = {n for n in names if getattr(Terms(), n) != getattr(changed, n)}
    return found | {also[n] for n in found if n in also}


def triples(random, count):
    result = []
    while len(result) < count:
        names = random.sample(sorted(PLANTS), 3)
        changed = [n for name in names for n in term_names(name)]
        kinds = {PLANTS[name][0] for name in names}
        if len(changed) == len(set(changed)) and len(kinds) == 3:
            result.append(names)
    return result


@tagged("voip_engine")
@tagged("post_install", "-at_install")
class TestDiagnose(BaseCase):
    def check(self, bill, found, kinds):
        self.assertEqual(set(found.explained()), kinds)
        wrong = [line for line in found.lines if not line.within_tolerance]
        self.assertEqual(wrong, [])
        for line in found.lines:
            parts = sum(one.amount for one in line.explanations)
            self.assertEqual(line.ours + parts + line.unexplained, line.theirs)

    def test_each_error_is_named_and_exact(self):
        for name, (kind, _plant, needs_records) in PLANTS.items():
            for with_records in (True,) if needs_records else (False, True):
                with self.subTest(name, with_records=with_records):
                    bill = planted(World(), [name])
                    found = steps.explain(bill, with_records)
                    self.check(bill, found, {kind})

    def test_a_single_error_explains_the_difference_of_every_line_to_the_cent(self):
        clean = World().bill().summed(World().bill().amount)
        for name in ("minutes", "late increase", "duplicates", "connect fee"):
            with self.subTest(name):
                bill = planted(World(), [name])
                want = bill.summed(bill.amount) - clean
                found = steps.explain(bill, True)
                got = [sum(e.amount for e in line.explanations) for line in found.lines]
                self.assertEqual(got, want.tolist())

    def test_three_errors_at_once(self):
        for number, names in enumerate(triples(Random(3), 8)):
            with self.subTest(names):
                bill = planted(World(seed=200 + number), names)
                found = steps.explain(bill, True)
                self.check(bill, found, {PLANTS[name][0] for name in names})

    def test_an_invoice_in_parts_is_explained_as_the_whole_one(self):
        for name in ("price of a line", "swapped names", "duplicates"):
            with self.subTest(name):
                found = [
                    steps.explain(
                        planted(World(lines=24), [name]), PLANTS[name][2], parts=parts
                    )
                    for parts in (None, 12)
                ]
                self.assertEqual(*found)
                self.assertEqual(set(found[1].explained()), {PLANTS[name][0]})

    def test_nothing_is_claimed_of_clean_invoices(self):
        for seed in range(4):
            for with_records in (False, True):
                with self.subTest(seed=seed, with_records=with_records):
                    bill = World(seed=seed).bill()
                    self.check(bill, steps.explain(bill, with_records), set())

    def test_nothing_is_claimed_of_a_period_that_is_cut_in_the_agreed_zone(self):
        bill = World().bill(Terms(zone=2 * HOUR))
        period = PERIOD[0] - 2 * HOUR, PERIOD[1] - 2 * HOUR
        bill.world.old = bill.world.price  # a price that changes is dated in the zone
        bill = bill.world.bill(Terms(zone=2 * HOUR))
        self.check(bill, steps.explain(bill, True, period=period), set())

    def test_nothing_is_claimed_of_coarsely_printed_minutes(self):
        """Amounts of minutes that were printed to one decimal, nearest."""
        world = World()
        world.initial[:] = world.following[:] = 1
        world.old = world.price
        bill = world.bill()
        billed = bill.summed(bill.seconds)
        tenths = (2 * billed + 6) // 12
        bill.line_amount = tenths * world.price // 10
        lines = steps.lines_of(bill)
        lines = replace(lines, seconds_ms=tenths * 6_000, minute_unit=6_000)
        pricing = steps.pricing_of(world, lines)
        found = steps.diagnose(pricing, steps.AGREED, self.usual(pricing))
        self.check(bill, found, set())

    def usual(self, pricing):
        return steps.usual.usual(pricing, steps.AGREED, (2 * HOUR,), steps.FACTORS)

    def test_a_sum_that_only_happens_to_agree_is_no_claim(self):
        """One line is too dear by just what minutes would have cost."""
        world = World()
        bill = world.bill()
        dearer = world.bill(Terms(initial=60, following=60))
        amount = bill.summed(bill.amount)
        amount[4] = dearer.summed(dearer.amount)[4]
        bill.line_amount = amount
        for with_records in (False, True):
            found = steps.explain(bill, with_records, price=False)
            self.assertEqual(found.explained(), {})
            self.assertFalse(found.lines[4].within_tolerance)

    def test_random_amounts_are_not_explained(self):
        world = World()
        bill = world.bill()
        noise = np.random.default_rng(1).integers(-300, 300, world.lines) * CENT
        bill.line_amount = bill.summed(bill.amount) + noise
        for with_records in (False, True):
            found = steps.explain(bill, with_records, price=False)
            claimed = [line for line in found.lines if line.explanations]
            self.assertEqual(claimed, [])

    def test_calls_that_nobody_took_are_no_evidence_for_anything_else(self):
        """Ours have no length: nothing gives the money that they were billed."""
        for seed in range(11, 17):
            with self.subTest(seed=seed):
                world = World(calls=4_000, seed=seed)
                bill = planted(world, ["unanswered"])
                world.seconds = np.where(world.answered, world.seconds, 0)
                self.assertEqual(steps.explain(bill, False).explained(), {})

    def test_lines_without_rates_fees_taxes_and_the_total(self):
        world = World(lines=6, calls=900)
        bill = world.bill()
        amount, calls = bill.printed()
        amount = np.append(amount, [700 * CENT, 500 * CENT, 300 * CENT])
        kinds = {7: "fee", 8: "tax"}
        lines = supposed.Lines.of(amount, np.append(calls, [3, -1, -1]), kinds=kinds)
        pricing = steps.pricing_of(world, lines)
        total = int(amount.sum()) + 200 * CENT
        found = steps.diagnose(pricing, steps.AGREED, (), total=total)
        want = {"unknown_code": 700, "fee": 500, "tax": 300, "sum": 200}
        cents = {kind: value // CENT for kind, value in found.explained().items()}
        self.assertEqual(cents, want)

    def test_two_that_give_the_same_money_are_both_shown_simpler_first(self):
        """Formula B and C are one where the initial increment is the next one."""
        world = World()
        world.initial[:] = world.following[:] = 60
        bill = world.bill(Terms(initial=30, following=30))
        pricing = steps.pricing_of(world, steps.lines_of(bill))
        twins = [
            rules.Supposition("increments", {"initial": 30, "following": 30}),
            rules.Supposition(
                "formula", {"initial": 30, "following": 30, "formula": "C"}
            ),
        ]
        found = steps.diagnose(pricing, steps.AGREED, twins)
        self.assertEqual(found.whole, ("increments",))
        self.assertEqual(found.ties, (("formula",),))

    def test_sentences_say_what_and_how_much(self):
        bill = planted(World(), ["minutes", "zone +2"])
        found = steps.explain(bill, True)
        difference = sum(line.theirs - line.ours for line in found.lines)
        kinds = found.explained()
        text = explain.summary(kinds, difference, found.unexplained, money)
        self.assertRegex(text, r"^Explained 99\.\d %: increments [\d.]+; time_zone")
        texts = [
            explain.sentence(one, money)
            for line in found.lines
            for one in line.explanations
        ]
        self.assertTrue(any("Increments of 60/60 seconds" in text for text in texts))
        self.assertTrue(any("UTC+2" in text for text in texts))

    def test_a_late_increase_is_told_with_both_dates(self):
        bill = planted(World(), ["late increase"])
        found = steps.explain(bill, False)
        for line in found.lines:
            for one in line.explanations:
                text = explain.sentence(one, money)
                self.assertIn("from 2026-10-09 on, agreed from 2026-10-16", text)

    def test_every_kind_has_a_sentence(self):
        self.assertEqual(set(explain.TEXTS), set(rules.KINDS))

    def test_a_kind_that_does_not_exist_is_refused(self):
        with self.assertRaisesRegex(ValueError, "no kind"):
            rules.Supposition("moon", {})

    def test_what_sets_the_same_thing_is_never_combined(self):
        one = rules.Supposition("increments", {"initial": 60})
        two = rules.Supposition("formula", {"initial": 30, "formula": "B"})
        other = rules.Supposition("unanswered", {"unanswered": True})
        found = rules.combined((one, two, other), 3)
        self.assertEqual(found, [(), (0,), (1,), (2,), (0, 2), (1, 2)])
        self.assertEqual(audit_world.NEVER, np.iinfo(np.int64).max)
