"""Totals of tokens are taken apart, against tables by hand and genai-prices' rule."""

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..engine.book import NONE, Book, Price
from ..engine.kinds import CODE, TOKENS, contradiction, per_of, split
from ..engine.names import Catalogue, Named

COUNTS = st.integers(0, 10**11)

EXAMPLES = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


CODES = {kind.replace(".", "_"): CODE[kind] for kind in TOKENS}


def leaves(**totals):
    """{kind: leaf} that is not 0; kinds are written with _ for a dot."""
    row = np.zeros((1, len(TOKENS)), np.int64)
    for kind, units in totals.items():
        row[0, CODES[kind]] = units
    found = split(row)
    why = contradiction(row[0], found[0])
    return why or {k: n for k, n in zip(TOKENS, found[0].tolist(), strict=True) if n}


@tagged("post_install", "-at_install")
class TestKinds(BaseCase):
    def test_a_token_is_in_one_leaf_whatever_holds_it(self):
        for totals, wanted in (
            ({"input": 100}, {"input": 100}),
            ({"input": 100, "input_cached": 40}, {"input": 60, "input.cached": 40}),
            ({"input": 100, "input_audio": 90}, {"input": 10, "input.audio": 90}),
            # A flat sum of these says 325.
            (
                {
                    "input": 100,
                    "input_audio": 90,
                    "input_cached": 70,
                    "input_cached_audio": 65,
                },
                {
                    "input": 5,
                    "input.audio": 25,
                    "input.cached": 5,
                    "input.cached.audio": 65,
                },
            ),
            (
                {"output": 50, "output_audio": 30, "output_reasoning": 20},
                {"output.audio": 30, "output.reasoning": 20},
            ),
            ({}, {}),
        ):
            with self.subTest(totals):
                self.assertEqual(leaves(**totals), wanted)

    def test_what_is_written_to_a_cache_is_a_leaf_of_its_own(self):
        """For five minutes, and for an hour."""
        found = leaves(
            input=100, input_cached=20, input_cache_write=50, input_cache_write_1h=10
        )
        self.assertEqual(
            found,
            {
                "input": 30,
                "input.cached": 20,
                "input.cache_write": 40,
                "input.cache_write.1h": 10,
            },
        )

    def test_totals_that_contradict_are_refused_with_both_figures(self):
        for totals, wanted in (
            (
                {"input": 10, "input_cached": 11},
                "input: 10 in all, but 11 in the kinds below it",
            ),
            (
                {"input_audio": 5},
                "input: 0 in all, but 5 in the kinds below it",
            ),
            (
                {"input": 9, "input_audio": 5, "input_cached_audio": 6},
                "input.audio: 5 in all, but 6 in the kinds below it",
            ),
            (
                {"output": 1_000, "output_audio": 600, "output_reasoning": 401},
                "output: 1,000 in all, but 1,001 in the kinds below it",
            ),
        ):
            with self.subTest(totals):
                self.assertEqual(leaves(**totals), wanted)

    @EXAMPLES
    @given(st.tuples(*[COUNTS] * len(TOKENS)))
    def test_leaves_add_up_to_what_they_were_made_of(self, parts):
        """Totals made from leaves give the leaves back."""
        text, audio, cached, both, short, hour, output, spoken, thought = parts
        totals = [
            text + audio + cached + both + short + hour,
            audio + both,
            cached + both,
            both,
            short + hour,
            hour,
            output + spoken + thought,
            spoken,
            thought,
        ]
        found = split(np.array([totals], np.int64))[0].tolist()
        self.assertEqual(found, list(parts))


@tagged("post_install", "-at_install")
class TestNames(BaseCase):
    def test_the_nearest_name_counts_and_two_alike_are_nobodys_guess(self):
        catalogue = Catalogue(
            [
                Named(1, 1, "openai", ("gpt-4o", "gpt-4o-2024-*")),
                Named(2, 1, "openai", ("gpt-4o-mini", "gpt-4o-mini-*")),
                Named(3, 1, "openai", ("gpt-*",)),
                Named(4, 2, "azure", ("gpt-4o",)),
                Named(5, 2, "azure", ("odd[1]*",)),
            ]
        )
        for name, provider, wanted in (
            ("gpt-4o", "openai", 1),
            ("GPT-4o ", "OpenAI", 1),
            ("gpt-4o", "azure", 4),
            ("gpt-4o", "", "ambiguous_model"),
            ("gpt-4o-2024-08-06", "", 1),
            ("gpt-4o-mini-2024", "", 2),
            ("gpt-5", "", 3),
            ("gpt-5", "azure", "unknown_model"),
            ("odd[1]x", "", 5),
            ("odd1x", "", "unknown_model"),
            ("", "", "unknown_model"),
        ):
            with self.subTest(name=name, provider=provider):
                found, error = catalogue.find(name, provider)
                self.assertEqual(error or found.id, wanted)


@tagged("post_install", "-at_install")
class TestBook(BaseCase):
    def _found(self, prices, kind, day=10, account=7, provider=2, model=3):
        columns = ([n] for n in (account, provider, model, CODE[kind], day))
        place = Book(prices).find(*(np.array(c) for c in columns))[0]
        return prices[place].id if place != NONE else None

    def test_a_kind_without_a_price_takes_its_parents(self):
        prices = [Price(1, model_id=3, kind="input")]
        prices += [Price(2, model_id=3, kind="input.cached")]
        for kind, wanted in (
            ("input", 1),
            ("input.audio", 1),
            ("input.cached", 2),
            ("input.cached.audio", 2),
            ("input.cache_write", 1),
            ("output", None),
            ("speech_to_text", None),
        ):
            with self.subTest(kind):
                self.assertEqual(self._found(prices, kind), wanted)

    def test_levels_come_before_kinds(self):
        prices = [
            Price(1, kind="input.cached"),
            Price(2, provider_id=2, markup=0),
            Price(3, provider_id=2, kind="input"),
            Price(4, model_id=3, kind="output"),
            Price(5, account_id=8, kind="input"),
        ]
        self.assertEqual(self._found(prices, "input.cached"), 3)
        self.assertEqual(self._found(prices, "output"), 4)
        self.assertEqual(self._found(prices, "output", model=4), 2)
        self.assertEqual(self._found(prices, "input.cached", provider=9), 1)
        self.assertEqual(self._found(prices, "input.cached", account=8), 5)

    def test_a_price_counts_from_its_first_to_its_last_day(self):
        prices = [Price(1, kind="input", first=5, last=9)]
        prices += [Price(2, kind="input", first=10)]
        for day, wanted in ((4, None), (5, 1), (9, 1), (10, 2), (999_999, 2)):
            with self.subTest(day):
                self.assertEqual(self._found(prices, "input", day), wanted)

    def test_many_are_found_as_one_is(self):
        prices = [
            Price(1, kind="input", last=9),
            Price(2, account_id=7, kind="input", first=8),
            Price(3, model_id=4, kind="", markup=1),
        ]
        rows = [
            (account, 2, model, CODE[kind], day)
            for account in (6, 7, 8)
            for model in (3, 4)
            for kind in ("input", "input.cached", "tool")
            for day in (7, 8, 9, 10)
        ]
        together = Book(prices).find(*np.array(rows).T)
        alone = [Book(prices).find(*np.array([row]).T)[0] for row in rows]
        self.assertEqual(together.tolist(), alone)

    def test_a_price_is_for_a_minute_or_a_thousand(self):
        self.assertEqual(per_of("speech_to_text"), 60)
        self.assertEqual(per_of("input.cached"), 1000)
