from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from unittest.mock import patch

import numpy as np
import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, TransactionCase, tagged

from ..charge.transaction import copy_lines
from ..charge.writer import UsageWriter
from ..engine import copy_lines as text
from ..engine import grouping
from ..engine.exact import narrow, put, sum_groups
from ..engine.grouping import Interner, KeyInterner, mixed
from ..engine.rounding import tax_estimates

PROPERTY = settings(
    max_examples=100, deadline=None, suppress_health_check=list(HealthCheck)
)
FITS = 2**63 - 1
BORDERS = [2**31, FITS // 10**8 * 10**8, FITS, FITS + 1, 10**23, 10**23 + 1]
AMOUNT = (
    st.integers(-(10**17), 10**17)
    | st.integers(-(10**24), 10**24)
    | st.sampled_from([*BORDERS, *(-border for border in BORDERS)])
)
NONE = -(2**62)
PRINTABLE = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"))


def column(values):
    return narrow(np.array(values, object))


@tagged("post_install", "-at_install")
class TestColumns(BaseCase):
    @PROPERTY
    @given(st.lists(AMOUNT), st.decimals(0, 1, places=8))
    def test_taxes_equal_exact_arithmetic(self, amounts, ratio):
        found = tax_estimates(column(amounts), ratio).tolist()
        expected = [
            int(
                (Decimal(amount).scaleb(-8) * ratio)
                .quantize(Decimal("0.000001"), rounding=ROUND_HALF_UP)
                .scaleb(8)
            )
            for amount in amounts
        ]
        self.assertEqual(found, expected)

    @PROPERTY
    @given(st.lists(st.lists(st.tuples(st.integers(0, 2), AMOUNT))))
    def test_sums_are_exact_at_any_size(self, chunks):
        writer = UsageWriter(None, None, 1, "test")
        writer._columns["amount"] = np.zeros(3, np.int64)
        expected = [0, 0, 0]
        for chunk in chunks:
            groups = np.array([group for group, _value in chunk], np.int64)
            values = column([value for _group, value in chunk])
            writer._add("amount", groups, values)
            single = sum_groups(groups, 3, values).tolist()
            for group, value in chunk:
                expected[group] += value
                single[group] -= value
            self.assertEqual(single, [0, 0, 0])
        self.assertEqual(writer._columns["amount"].tolist(), expected)

    def test_sums_stay_machine_integers_while_they_are_small(self):
        writer = UsageWriter(None, None, 1, "test")
        writer._columns["amount"] = np.zeros(2, np.int64)
        large = FITS // 1024
        groups, values = np.array([0, 0, 1]), np.array([large, 1 - large, 7])
        for _chunk in range(100):
            writer._add("amount", groups, values)
        self.assertEqual(writer._columns["amount"].dtype, np.int64)
        self.assertEqual(writer._columns["amount"].tolist(), [100, 700])
        for _chunk in range(1_000):
            writer._add("amount", groups, abs(values))
        self.assertEqual(writer._columns["amount"].dtype, object)
        self.assertEqual(
            writer._columns["amount"].tolist(), [2_000 * large - 900, 7_700]
        )

    @PROPERTY
    @given(st.lists(AMOUNT))
    def test_a_column_is_as_narrow_as_its_values(self, values):
        wide = np.array(values, object)
        fits = all(abs(value) <= FITS for value in values)
        self.assertEqual(narrow(wide).dtype, np.int64 if fits else object)
        self.assertEqual(narrow(wide).tolist(), values)
        rows = np.arange(len(values))
        target = np.zeros(len(values) + 1, np.int64)
        self.assertEqual(put(target, rows, narrow(wide)).tolist(), [*values, 0])

    @PROPERTY
    @given(st.lists(st.lists(st.integers(-(2**63), 2**63 - 1))))
    def test_a_value_keeps_its_number(self, chunks):
        interner, known = Interner(), {}
        for chunk in chunks:
            numbers, rows = interner.of(np.array(chunk, np.int64))
            for row in rows.tolist():
                self.assertNotIn(chunk[row], known)
                known[chunk[row]] = len(known)
            self.assertEqual(numbers.tolist(), [known[value] for value in chunk])
        self.assertEqual(len(interner), len(known))

    @PROPERTY
    @given(st.lists(st.lists(st.tuples(*[st.integers(-2, 2)] * 3))), st.booleans())
    def test_equal_keys_have_equal_numbers(self, chunks, clash):
        interner, known = KeyInterner(3), {}
        hashes = {"side_effect": lambda keys, turn: mixed(keys, turn) % 2 + 2 * turn}
        with patch.object(grouping, "mixed", **(hashes if clash else {"new": mixed})):
            for chunk in chunks:
                columns = np.array(chunk, np.int64).reshape(-1, 3).T
                numbers, rows = interner.of(list(columns))
                for row in rows.tolist():
                    self.assertNotIn(chunk[row], known)
                    known[chunk[row]] = len(known)
                self.assertEqual(numbers.tolist(), [known[key] for key in chunk])


@tagged("post_install", "-at_install")
class TestCopyLines(TransactionCase):
    def _copied(self, kind, column):
        """What PostgreSQL reads from a column, as text."""
        cr = self.env.cr
        cr.execute(
            "CREATE TEMP TABLE IF NOT EXISTS copied (row serial, timestamp timestamp,"
            " numeric numeric, bigint bigint, text text, date date, boolean boolean);"
            "TRUNCATE copied RESTART IDENTITY"
        )
        copy_lines(cr, "copied", [kind], text.lines([column]))
        cr.execute(f"SELECT {kind}::text FROM copied ORDER BY row")
        return [row[0] for row in cr.fetchall()]

    def test_numbers_arrive_exactly(self):
        values = [0, 1, -1, 85_000, -(10**17) - 1, 2**63 - 1]
        array = np.array(values, np.int64)
        wide = [*values, 2**63, -(2**63), 2**64, 10**23, -(10**23), -(10**23) + 1]
        texts = self._copied("numeric", text.money(np.array(wide, object)))
        self.assertEqual(
            [Decimal(value) for value in texts],
            [Decimal(value).scaleb(-8) for value in wide],
        )
        self.assertEqual(
            [Decimal(value) for value in self._copied("numeric", text.money(array))],
            [Decimal(value).scaleb(-8) for value in values],
        )
        self.assertEqual(text.few_money(array), text.money(array))
        whole = self._copied("bigint", text.integers(array, none=1))
        self.assertEqual(whole[1], None)
        self.assertEqual([int(v or 1) for v in whole], values)

    def test_moments_and_days_arrive_exactly(self):
        moments = [0, 1, -1, 1_700_000_000_123_456, NONE]
        found = self._copied("timestamp", text.moments(np.array(moments), none=NONE))
        self.assertEqual(found.pop(), None)
        epoch = datetime(1970, 1, 1)
        self.assertEqual(
            [datetime.fromisoformat(value) for value in found],
            [epoch + timedelta(microseconds=moment) for moment in moments[:-1]],
        )
        days = [0, -1, 19_999]
        self.assertEqual(
            self._copied("date", text.days(np.array(days))),
            [str(date(1970, 1, 1) + timedelta(days=day)) for day in days],
        )

    def test_texts_arrive_as_they_are(self):
        @settings(parent=PROPERTY, max_examples=30)
        @given(st.lists(PRINTABLE, min_size=1))
        def check(values):
            array = pa.array(values, pa.string())
            self.assertEqual(self._copied("text", text.texts(array)), values)
            self.assertEqual(
                self._copied("text", text.optional(array))
                if any(values)
                else [None] * len(values),
                [value or None for value in values],
            )
            safe = text.texts(array).to_pylist()
            self.assertEqual([text.escaped(value) for value in values], safe)

        check()

    def test_a_plain_text_stands_for_a_whole_column(self):
        rows = text.lines(["7", text.integers(np.arange(3)), text.NOTHING])
        self.assertEqual(rows.to_pylist(), [f"7\t{n}\t\\N\n" for n in range(3)])
        self.assertEqual(bytes(text.content(rows.slice(1, 1))), b"7\t1\t\\N\n")

    def test_flags(self):
        flags = text.flags(np.array([True, False]))
        self.assertEqual(self._copied("boolean", flags), ["true", "false"])
