"""What ``./voip check`` asks of the database, and what makes it fail."""

import contextlib
import io
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from check import main  # noqa: E402


class Checks:
    """Stands in for ``voip.check``; notes how it was asked."""

    def __init__(self, *violations):
        self.results = [
            {"name": f"n{row}", "title": "t", "violations": count}
            for row, count in enumerate(violations)
        ]
        self.asked = None


class Short(Checks):
    def run(self):
        self.asked = {}
        return self.results


class Long(Checks):
    def run(self, full=False):
        self.asked = {"full": full}
        return self.results


class TestCheck(unittest.TestCase):
    def status(self, checks, *words):
        with contextlib.redirect_stdout(io.StringIO()):
            return main({"voip.check": checks}, *words)

    def test_full_is_passed_on_to_checks_that_know_it(self):
        for checks, words, asked in (
            (Long(0), ("--full",), {"full": True}),
            (Long(0), (), {"full": False}),
            (Short(0), ("--full",), {}),
            (Short(0), (), {}),
        ):
            with self.subTest(words=words, asked=asked):
                self.assertEqual(self.status(checks, *words), 0)
                self.assertEqual(checks.asked, asked)

    def test_a_violation_or_no_check_at_all_fails(self):
        self.assertEqual(self.status(Short(0, 0)), 0)
        self.assertEqual(self.status(Short(0, 1)), 1)
        self.assertEqual(self.status(Short()), 1)
        with contextlib.redirect_stdout(io.StringIO()):
            self.assertEqual(main({}), 1)


if __name__ == "__main__":
    unittest.main()
