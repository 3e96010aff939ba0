from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, TransactionCase, tagged

from ..charge.transaction import copy_lines
from ..engine import copy_lines as text
from ..engine.grouping import Interner, KeyInterner
from ..engine.rounding import tax_estimates

PROPERTY = settings(
    max_examples=100, deadline=None, suppress_health_check=list(HealthCheck)
)
AMOUNT = st.integers(-(10**17), 10**17)
NONE = -(2**62)
PRINTABLE = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"))


@tagged("post_install", "-at_install")
class TestColumns(BaseCase):
    @PROPERTY
    @given(st.lists(AMOUNT), st.decimals(0, 1, places=8))
    def test_taxes_equal_exact_arithmetic(self, amounts, ratio):
        found = tax_estimates(np.array(amounts, np.int64), ratio).tolist()
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
    @given(st.lists(st.tuples(*[st.integers(0, 3)] * 3), min_size=1))
    def test_equal_keys_have_equal_numbers(self, keys):
        columns = [np.array(column, np.int64) for column in zip(*keys, strict=True)]
        numbers, rows = KeyInterner(3).of(columns)
        self.assertEqual(len(set(zip(numbers.tolist(), keys, strict=True))), len(rows))
        self.assertEqual(sorted({keys[row] for row in rows}), sorted(set(keys)))


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
