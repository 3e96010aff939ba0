"""The month of the demo is over, in every zone, when it is told."""

import sys
import unittest
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "demo"))

from world import last_full_month  # noqa: E402


class TestDemoMonth(unittest.TestCase):
    def test_a_month_that_just_ended_somewhere_is_not_over(self):
        for now, month in (
            (datetime(2026, 12, 1, 2, tzinfo=UTC), "2026-10"),
            (datetime(2026, 12, 4, 23, tzinfo=UTC), "2026-10"),
            (datetime(2026, 12, 5, 1, tzinfo=UTC), "2026-11"),
            (datetime(2026, 11, 30, tzinfo=UTC), "2026-10"),
            (datetime(2027, 1, 2, tzinfo=UTC), "2026-11"),
            (datetime(2027, 1, 9, tzinfo=UTC), "2026-12"),
        ):
            with self.subTest(now=now):
                self.assertEqual(last_full_month(now), month)


if __name__ == "__main__":
    unittest.main()
