from dataclasses import replace
from decimal import Decimal

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.voip_rating import engine

from . import reference
from .test_engine_common import PROPERTY, call_columns, compile_deck

Call, Deck, Rate = reference.Call, reference.Deck, reference.Rate
rate = engine.rate
explain = engine.explain.explain
STATUSES = rate.STATUSES

# Few digits and few moments, so that nested, adjacent and equal ones are common.
PREFIXES = st.text("01", max_size=3).map(lambda text: text and f"4{text}")
ORIGINS = st.sampled_from(["", "", "", "1", "12", "123", "3"])
CALLERS = st.sampled_from(["", "1", "12", "1234", "129", "3", "4"])
PRICES = st.decimals("0", "2", places=4) | st.decimals(
    "0", "999999999.99999999", places=8
)
RATES = st.builds(
    Rate,
    rate_id=st.just(0),
    prefix=PREFIXES,
    price=PRICES,
    origin=ORIGINS,
    price_intra=st.none() | PRICES,
    price_local=st.none() | PRICES,
    price_indeterminate=st.none() | PRICES,
    first_price=st.none() | PRICES,
    connect_fee=st.just(Decimal(0)) | PRICES,
    min_charge=st.just(Decimal(0)) | PRICES,
    max_charge=st.none() | PRICES,
    initial=st.integers(1, 60) | st.integers(1, 86_400),
    next=st.integers(1, 60) | st.integers(1, 86_400),
    grace=st.just(0) | st.integers(0, 20),
    effective_from=st.integers(0, 4),
    effective_to=st.none() | st.integers(5, 9),
    blocked=st.sampled_from([False, False, False, True]),
    payback=st.sampled_from([False, False, False, True]),
    attempt_fee=st.just(Decimal(0)) | PRICES,
).map(lambda r: replace(r, attempt_fee=Decimal(0)) if r.payback else r)
DECKS = st.builds(
    Deck,
    rates=st.lists(RATES, max_size=12).map(
        lambda rates: tuple(replace(r, rate_id=n) for n, r in enumerate(rates, 1))
    ),
    formula=st.sampled_from(engine.seconds.FORMULAS),
    rounding=st.sampled_from(engine.money.ROUNDINGS),
    decimals=st.integers(0, 8),
    duration_rounding=st.sampled_from(engine.seconds.DURATION_ROUNDINGS),
    grace_kind=st.sampled_from(engine.seconds.GRACE_KINDS),
    decides=st.sampled_from(engine.deck.MOMENTS),
)
CALLS = st.builds(
    Call,
    number=st.text("01", max_size=5).map(lambda text: f"4{text}"),
    setup_us=st.integers(-1, 10),
    duration_ms=st.sampled_from([0, 1, 400, 500, 360_000_000])
    | st.integers(0, 200_000)
    | st.integers(0, 360_000_000),
    caller=CALLERS,
    answer_us=st.none() | st.integers(-1, 10),
    jurisdiction=st.sampled_from(engine.deck.JURISDICTIONS),
    answered=st.sampled_from([None, True, False]),
    multiplier=st.sampled_from([Decimal(1), Decimal("0.5"), Decimal("1.333333")])
    | st.decimals("0", "100", places=6),
)


def as_reference(rated, row):
    """Return one row of the engine's result as the reference states it."""
    scaled = engine.money.from_scaled
    found = rated.rate_index[row] >= 0
    return (
        STATUSES[rated.status[row]],
        int(rated.rate_id[row]) if found else None,
        scaled(rated.price[row]) if found else None,
        int(rated.seconds[row]),
        int(rated.billed[row]),
        bool(rated.free[row]),
        scaled(rated.amount[row]),
    )


def rate_one(deck, call):
    rated = rate.rate_calls(compile_deck(deck), call_columns([call]))
    return as_reference(rated, 0)


UK = Rate(1, "44", Decimal("1.00"), initial=30, next=6, connect_fee=Decimal("0.15"))


@tagged("post_install", "-at_install", "voip_engine")
class TestEngineRate(BaseCase):
    def test_worked_calls(self):
        # price, initial, next, connect fee, seconds, billed, amount
        table = (
            ("1.00", 30, 6, "0.15", 32, 36, "0.75"),
            ("0.0085", 1, 1, "0", 47, 47, "0.006658"),
            ("0.05", 60, 60, "0", 61, 120, "0.10"),
            ("0", 1, 1, "0", 61, 61, "0"),
        )
        for price, initial, following, fee, seconds, billed, amount in table:
            with self.subTest(price=price):
                one = Rate(
                    1, "44", Decimal(price), initial=initial, next=following,
                    connect_fee=Decimal(fee),
                )  # fmt: skip
                result = rate_one(Deck((one,)), Call("441", 0, seconds * 1000))
                self.assertEqual(result[0], "ok")
                self.assertEqual(result[4], billed)
                self.assertEqual(result[6], Decimal(amount))

    def test_nothing_is_zero_for_want_of_a_rate(self):
        status, rate_id, price, *_rest = rate_one(Deck((UK,)), Call("33", 0, 1000))
        self.assertEqual((status, rate_id, price), ("no_rate", None, None))

    def test_a_blocked_prefix_never_falls_back(self):
        blocked = Rate(2, "4479", Decimal(1), blocked=True)
        status, rate_id, *_rest, amount = rate_one(
            Deck((UK, blocked)), Call("447900", 0, 1000)
        )
        self.assertEqual((status, rate_id, amount), ("blocked", 2, 0))

    def test_an_answered_call_that_rounds_to_0_pays_its_fee_and_needs_a_rate(self):
        least = replace(UK, rate_id=2, prefix="447", min_charge=Decimal("0.20"))
        deck = Deck((UK, least), duration_rounding="down")
        for milliseconds in (0, 1, 999):
            for number, status, amount in (
                ("441", "ok", "0.15"),
                ("447", "ok", "0.20"),
                ("33", "no_rate", "0"),
            ):
                call = Call(number, 0, milliseconds, answered=True)
                with self.subTest(milliseconds=milliseconds, number=number):
                    result = rate_one(deck, call)
                    self.assertEqual((result[0], result[3]), (status, 0))
                    self.assertEqual((result[4], result[6]), (0, Decimal(amount)))

    def test_what_was_not_answered_is_free_whatever_it_lasted(self):
        for number in ("441", "33"):
            call = Call(number, 0, 25_000, answered=False)
            with self.subTest(number=number):
                result = rate_one(Deck((UK,)), call)
                self.assertEqual((result[0], *result[3:]), ("zero", 0, 0, True, 0))

    def test_unanswered_calls_are_zero_and_keep_their_rate(self):
        blocked = replace(UK, rate_id=2, prefix="447", blocked=True)
        deck = Deck((UK, blocked))
        for number, rate_id in (("441", 1), ("33", None), ("447", 2)):
            with self.subTest(number=number):
                result = rate_one(deck, Call(number, 0, 0))
                self.assertEqual(result[:2], ("zero", rate_id))
                self.assertEqual(result[5:], (True, 0))

    def test_payback_negates_the_amount(self):
        deck = Deck((replace(UK, payback=True),))
        self.assertEqual(rate_one(deck, Call("441", 0, 32_000))[6], Decimal("-0.75"))
        price = Decimal("0.0000005")
        deck = Deck((Rate(1, "44", price, payback=True),))
        result = rate_one(deck, Call("441", 0, 60_000))
        self.assertEqual(result[6], Decimal("-0.000001"))

    def test_one_rate_per_call_at_the_moment_that_decides(self):
        old = replace(UK, effective_to=10)
        new = Rate(2, "44", Decimal(2), effective_from=10)
        # decides, set-up, answer, rate
        table = (
            ("answer", 9, 10, 2),
            ("setup", 9, 10, 1),
            ("answer", 9, None, 1),
            ("answer", 10, None, 2),
            ("setup", 10, 10, 2),
        )
        for decides, setup, answer, expected in table:
            with self.subTest(decides=decides, setup=setup, answer=answer):
                deck = Deck((old, new), decides=decides)
                call = Call("441", setup, 3_600_000, answer_us=answer)
                self.assertEqual(rate_one(deck, call)[1], expected)

    def test_grace_and_the_connect_fee(self):
        with_grace = replace(UK, grace=5)
        table = (
            ("threshold", 5, "0"),
            ("threshold", 6, "0.65"),
            ("deduction", 5, "0.15"),
            ("deduction", 6, "0.65"),
            ("addition", 26, "0.75"),
        )
        for kind, seconds, amount in table:
            with self.subTest(kind=kind, seconds=seconds):
                deck = Deck((with_grace,), grace_kind=kind)
                result = rate_one(deck, Call("441", 0, seconds * 1000))
                self.assertEqual(result[6], Decimal(amount))

    def test_bad_calls_are_refused(self):
        good = {"number": [44], "number_len": [2], "setup_us": [0], "duration_ms": [1]}
        bad = (
            {"number_len": [3]},
            {"number": [10**15]},
            {"duration_ms": [-1]},
            {"duration_ms": [360_000_001]},
            {"setup_us": [0, 1]},
            {"setup_us": None},
            {"jurisdiction": [4]},
            {"multiplier": [-1]},
            {"caller": [1], "caller_len": [0]},
            {"colour": [1]},
        )
        self.assertEqual(len(rate.Calls.of(**good)), 1)
        for columns in bad:
            with self.subTest(**columns), self.assertRaises(ValueError):
                rate.Calls.of(**(good | columns))

    def test_explains_every_step(self):
        one = replace(
            UK, origin="1", grace=5, min_charge=Decimal("0.9"), max_charge=Decimal(3)
        )
        deck = compile_deck(Deck((one,), grace_kind="addition", formula="B"))
        call = Call("44790", 1709288430_000_000, 26_400, caller="12",
                    multiplier=Decimal("0.5"))  # fmt: skip
        steps = explain(deck, call_columns([call]))
        self.assertEqual(
            [(step["step"], step["value"]) for step in steps],
            [
                ("called", "44790"),
                ("caller", "12"),
                ("moment", "2024-03-01T10:20:30Z"),
                ("rate", "1"),
                ("prefix", "44"),
                ("origin", "1"),
                ("price", "1"),
                ("duration", "27"),
                ("grace", "5"),
                ("billed", "36"),
                ("charge", "0.75"),
                ("multiplier", "0.375"),
                ("minimum", "0.9"),
                ("maximum", "3"),
                ("bounded", "0.9"),
                ("rounded", "0.9"),
                ("amount", "0.9"),
            ],
        )
        self.assertTrue(all(step["text"] for step in steps))

    def test_explains_what_was_not_charged(self):
        blocked = Rate(2, "4479", Decimal(1), blocked=True)
        deck = compile_deck(Deck((replace(UK, grace=5), blocked)))
        table = (
            (Call("33", 0, 1000), "no_rate", "rate"),
            (Call("4479", 0, 1000), "blocked", "blocked"),
            (Call("441", 0, 0), "zero", "duration"),
            (Call("441", 0, 5000), "ok", "free"),
        )
        for call, status, before in table:
            with self.subTest(status=status):
                steps = explain(deck, call_columns([call]))
                self.assertEqual(steps[-1]["text"], status)
                self.assertEqual(steps[-1]["value"], "0")
                self.assertEqual(steps[-2]["step"], before)

    def test_explains_only_one_call(self):
        deck = compile_deck(Deck((UK,)))
        for count in (0, 2):
            with self.subTest(count=count), self.assertRaises(ValueError):
                explain(deck, call_columns([Call("44", 0, 0)] * count))

    def test_shows_a_fraction_that_does_not_end(self):
        one = Rate(1, "44", Decimal("0.0085"))
        call = Call("441", 0, 47_000)
        steps = explain(compile_deck(Deck((one,))), call_columns([call]))
        values = {step["step"]: step["value"] for step in steps}
        self.assertEqual(values["charge"], "0.006658333333…")
        self.assertEqual(values["amount"], "0.006658")

    @PROPERTY
    @given(DECKS, st.lists(CALLS, min_size=1, max_size=12))
    def test_equals_the_reference(self, deck, calls):
        rated = rate.rate_calls(compile_deck(deck), call_columns(calls))
        for row, call in enumerate(calls):
            self.assertEqual(
                as_reference(rated, row), reference.rate_call(deck, call), call
            )

    @PROPERTY
    @given(DECKS, CALLS)
    def test_explains_the_amount_that_was_charged(self, deck, call):
        columns = call_columns([call])
        compiled = compile_deck(deck)
        rated = rate.rate_calls(compiled, columns)
        steps = explain(compiled, columns)
        self.assertEqual(steps[-1]["step"], "amount")
        self.assertEqual(steps[-1]["text"], STATUSES[rated.status[0]])
        amount = engine.money.from_scaled(rated.amount[0])
        self.assertEqual(Decimal(steps[-1]["value"]), amount)
        for step in steps:
            self.assertEqual({type(value) for value in step.values()}, {str})
            if step["step"] == "rounded":
                self.assertEqual(Decimal(step["value"]), abs(amount))

    @PROPERTY
    @given(DECKS, st.lists(CALLS, min_size=2, max_size=8), st.randoms())
    def test_a_call_is_rated_the_same_in_any_company(self, deck, calls, random):
        compiled = compile_deck(deck)
        together = rate.rate_calls(compiled, call_columns(calls))
        order = list(range(len(calls)))
        random.shuffle(order)
        shuffled = rate.rate_calls(compiled, call_columns([calls[i] for i in order]))
        self.assertEqual(
            [as_reference(together, row) for row in order],
            [as_reference(shuffled, row) for row in range(len(calls))],
        )

    @PROPERTY
    @given(RATES, st.integers(0, 300), st.sampled_from(engine.seconds.FORMULAS))
    def test_a_longer_call_never_costs_less(self, one, start, formula):
        one = replace(one, rate_id=1, prefix="4", origin="", effective_from=0)
        one = replace(one, blocked=False, payback=False)
        deck = compile_deck(Deck((one,), formula=formula))
        durations = np.arange(start, start + 120) * 1000
        size = durations.size
        calls = rate.Calls.of(
            number=np.full(size, 44), number_len=np.full(size, 2),
            setup_us=np.ones(size, np.int64), duration_ms=durations,
        )  # fmt: skip
        amounts = rate.rate_calls(deck, calls).amount
        self.assertTrue((np.diff(amounts) >= 0).all())

    def test_a_rated_column_is_as_long_as_its_calls(self):
        deck = compile_deck(Deck((UK,)))
        for count in (0, 1, 3):
            rated = rate.rate_calls(deck, call_columns([Call("44", 0, 1000)] * count))
            for name in rated.__slots__:
                with self.subTest(count=count, name=name):
                    self.assertEqual(getattr(rated, name).shape, (count,))
