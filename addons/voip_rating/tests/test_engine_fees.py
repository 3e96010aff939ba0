"""The price of the first increment and the fee of an attempt, in worked numbers."""

from dataclasses import replace
from decimal import Decimal

import numpy as np

from odoo.tests import BaseCase, tagged

from odoo.addons.voip_rating import engine

from . import reference
from .test_engine_common import call_columns, compile_deck

Call, Deck, Rate = reference.Call, reference.Deck, reference.Rate
FIRST = Rate(
    1, "44", Decimal("0.60"), initial=30, next=6, first_price=Decimal("1.20")
)
FEE = Rate(1, "44", Decimal("0.60"), initial=30, next=6, attempt_fee=Decimal("0.002"))


def rated(deck, call):
    """(status, billed seconds, amount) by the engine, which the reference confirms."""
    found = engine.rate_calls(compile_deck(deck), call_columns([call]))
    result = (
        engine.rate.STATUSES[found.status[0]],
        int(found.billed[0]),
        engine.money.from_scaled(found.amount[0]),
    )
    status, _id, _price, _seconds, billed, _free, amount = reference.rate_call(
        deck, call
    )
    if result != (status, billed, amount):
        raise AssertionError(f"engine {result}, reference {status, billed, amount}")
    return result


@tagged("post_install", "-at_install", "voip_engine")
class TestEngineFees(BaseCase):
    def test_the_first_increment_has_a_price_of_its_own(self):
        table = (
            # seconds, changes of the rate, deck; billed, amount
            (1, {}, {}, 30, "0.60"),
            (30, {}, {}, 30, "0.60"),
            (32, {}, {}, 36, "0.66"),
            (60, {}, {}, 60, "0.90"),
            (32, {"connect_fee": Decimal("0.15")}, {}, 36, "0.81"),
            (32, {"first_price": Decimal(0)}, {}, 36, "0.06"),
            (32, {"first_price": Decimal("0.60")}, {}, 36, "0.36"),
            (32, {"first_price": None}, {}, 36, "0.36"),
            (1, {"min_charge": Decimal("0.70")}, {}, 30, "0.70"),
            (60, {"max_charge": Decimal("0.70")}, {}, 60, "0.70"),
            (32, {"payback": True}, {}, 36, "-0.66"),
            # Grace comes before the increments.
            (32, {"grace": 2}, {"grace_kind": "deduction"}, 30, "0.60"),
            (2, {"grace": 2}, {"grace_kind": "deduction"}, 0, "0"),
            (30, {"grace": 2}, {"grace_kind": "addition"}, 36, "0.66"),
            (2, {"grace": 2}, {}, 0, "0"),
            (3, {"grace": 2}, {}, 30, "0.60"),
            (32, {}, {"formula": "B"}, 36, "0.66"),
            (31, {"next": 20}, {"formula": "C"}, 40, "0.70"),
        )
        for seconds, changes, settings, billed, amount in table:
            with self.subTest(seconds=seconds, changes=changes, settings=settings):
                deck = Deck((replace(FIRST, **changes),), **settings)
                result = rated(deck, Call("441", 0, seconds * 1000, answered=True))
                self.assertEqual(result, ("ok", billed, Decimal(amount)))

    def test_it_is_rounded_once_with_the_rest(self):
        one = Rate(
            1, "44", Decimal("0.01"), initial=1, next=1, first_price=Decimal("0.05")
        )
        # 0.05 / 60 + 0.01 · 2 / 60 = 0.00116666…; rounded apart to 4 decimals the sum
        # would be 0.0011.
        for decimals, amount in ((3, "0.001"), (4, "0.0012"), (6, "0.001167")):
            with self.subTest(decimals=decimals):
                result = rated(Deck((one,), decimals=decimals), Call("441", 0, 3000))
                self.assertEqual(result[2], Decimal(amount))

    def test_a_price_of_a_jurisdiction_is_that_of_the_first_increment_too(self):
        table = (
            # jurisdiction, prices stated, amount of 30 seconds
            ("inter", {"price_intra": Decimal("0.10")}, "0.60"),
            ("intra", {}, "0.60"),
            ("intra", {"price_intra": Decimal("0.10")}, "0.05"),
            ("local", {"price_intra": Decimal("0.10")}, "0.60"),
            ("local", {"price_local": Decimal("0.10")}, "0.05"),
            ("indeterminate", {}, "0.60"),
            ("indeterminate", {"price_intra": Decimal("0.10")}, "0.60"),
            ("indeterminate", {"price_intra": Decimal("0.60")}, "0.60"),
            ("indeterminate", {"price_intra": Decimal("0.80")}, "0.40"),
            ("indeterminate", {"price_indeterminate": Decimal("0.10")}, "0.05"),
        )
        for jurisdiction, prices, amount in table:
            with self.subTest(jurisdiction=jurisdiction, prices=prices):
                call = Call("441", 0, 30_000, jurisdiction=jurisdiction)
                result = rated(Deck((replace(FIRST, **prices),)), call)
                self.assertEqual(result, ("ok", 30, Decimal(amount)))

    def test_a_rate_of_an_origin_has_its_own_and_inherits_none(self):
        origin = Rate(2, "44", Decimal("0.60"), origin="33", initial=30, next=6)
        deck = Deck((FIRST, origin))
        for caller, amount in (("49", "0.60"), ("331", "0.30")):
            with self.subTest(caller=caller):
                result = rated(deck, Call("441", 0, 30_000, caller=caller))
                self.assertEqual(result[2], Decimal(amount))

    def test_each_attempt_pays_its_fee_once(self):
        table = (
            # answered, seconds, changes of the rate, deck; status, billed, amount
            (False, 0, {}, {}, "zero", 0, "0.002"),
            (False, 40, {}, {}, "zero", 0, "0.002"),
            (True, 0, {}, {}, "ok", 0, "0.002"),
            (True, 32, {}, {}, "ok", 36, "0.362"),
            (False, 0, {"attempt_fee": Decimal(0)}, {}, "zero", 0, "0"),
            (False, 0, {"blocked": True}, {}, "zero", 0, "0"),
            (True, 2, {"grace": 2}, {}, "ok", 0, "0.002"),
            # Beside minimum and maximum, and never part of them.
            (False, 0, {"min_charge": Decimal("0.50")}, {}, "zero", 0, "0.002"),
            (True, 32, {"min_charge": Decimal("0.50")}, {}, "ok", 36, "0.502"),
            (True, 32, {"max_charge": Decimal("0.10")}, {}, "ok", 36, "0.102"),
            (False, 0, {"max_charge": Decimal("0.001")}, {}, "zero", 0, "0.002"),
            (False, 0, {"connect_fee": Decimal("0.1")}, {}, "zero", 0, "0.002"),
            (False, 0, {}, {"decimals": 2, "rounding": "up"}, "zero", 0, "0.01"),
            (False, 0, {}, {"decimals": 2}, "zero", 0, "0"),
            # Rounded once, with the minutes: 0.36 + 0.002 and no more.
            (True, 32, {}, {"decimals": 2, "rounding": "up"}, "ok", 36, "0.37"),
        )
        for answered, seconds, changes, settings, *expected, amount in table:
            with self.subTest(answered=answered, changes=changes, settings=settings):
                deck = Deck((replace(FEE, **changes),), **settings)
                call = Call("441", 0, seconds * 1000, answered=answered)
                self.assertEqual(rated(deck, call), (*expected, Decimal(amount)))

    def test_an_attempt_without_a_rate_stays_free(self):
        result = rated(Deck((FEE,)), Call("33", 0, 0, answered=False))
        self.assertEqual(result, ("zero", 0, Decimal(0)))

    def test_a_multiplier_is_not_of_the_fee(self):
        call = Call("441", 0, 30_000, multiplier=Decimal("0.5"))
        self.assertEqual(rated(Deck((FEE,)), call)[2], Decimal("0.152"))

    def test_the_greatest_fees_and_prices_are_exact(self):
        top = Decimal("999999999.99999999")
        one = Rate(
            1, "44", top, initial=86_400, next=86_400, first_price=top,
            connect_fee=top, attempt_fee=top,
        )  # fmt: skip
        deck = Deck((one,), decimals=8)
        for answered in (True, False):
            for multiplier in ("1", "100"):
                call = Call(
                    "441", 0, 360_000_000, answered=answered,
                    multiplier=Decimal(multiplier),
                )  # fmt: skip
                with self.subTest(answered=answered, multiplier=multiplier):
                    rated(deck, call)

    def test_a_payback_rate_has_no_fee(self):
        with self.assertRaisesRegex(ValueError, "payback"):
            compile_deck(Deck((replace(FEE, payback=True),)))

    def test_calls_of_one_deck_are_charged_each_by_its_rate(self):
        plain = Rate(2, "49", Decimal("0.60"), initial=30, next=6)
        deck = Deck((replace(FIRST, attempt_fee=Decimal("0.002")), plain))
        calls = [
            Call(number, 0, seconds * 1000, answered=seconds > 0)
            for number in ("441", "491", "33")
            for seconds in (0, 32)
        ]
        found = engine.rate_calls(compile_deck(deck), call_columns(calls))
        expected = [reference.rate_call(deck, call)[-1] for call in calls]
        amounts = [engine.money.from_scaled(n) for n in found.amount]
        self.assertEqual(amounts, expected)
        self.assertEqual(found.amount.dtype, np.int64)
        texts = ("0.002", "0.662", "0", "0.36", "0", "0")
        self.assertEqual(amounts, [Decimal(text) for text in texts])

    def test_both_are_explained(self):
        one = replace(FIRST, attempt_fee=Decimal("0.002"))
        table = (
            (Call("441", 0, 32_000), "charge",
             "Connect fee 0 + 1.2 × 30 / 60 + 0.6 × 6 / 60", "0.66"),
            (Call("441", 0, 32_000), "attempt_fee",
             "Fee of the attempt, answered or not", "0.002"),
            (Call("441", 0, 32_000), "rounded",
             "Rounded half up to 6 decimals", "0.662"),
            (Call("441", 0, 30_000), "charge",
             "Connect fee 0 + 1.2 × 30 / 60", "0.6"),
            (Call("441", 0, 0), "attempt_fee",
             "Fee of the attempt, answered or not", "0.002"),
            (Call("441", 0, 0), "amount", "zero", "0.002"),
        )  # fmt: skip
        for call, step, text, value in table:
            with self.subTest(step=step, seconds=call.duration_ms // 1000):
                deck = compile_deck(Deck((one,)))
                steps = engine.explain.explain(deck, call_columns([call]))
                self.assertIn({"step": step, "text": text, "value": value}, steps)
