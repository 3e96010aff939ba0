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


    def run(self, full=False):
        self.asked = {"full": full}
        return self.results


class TestCheck(unittest.TestCase):
    def status(self, checks, *words):
        with contextlib.redirect_stdout(io.StringIO()):
            return main({"voip.check": checks}, *words)

    def test_full_is_passed_on(self):
        for words, full in ((("--full",), True), ((), False)):
            with self.subTest(words=words):
                checks = Checks(0)
                self.assertEqual(self.status(checks, *words), 0)
                self.assertEqual(checks.asked, {"full": full})

    def test_a_violation_or_no_check_at_all_fails(self):
        self.assertEqual(self.status(Checks(0, 0)), 0)
        self.assertEqual(self.status(Checks(0, 1)), 1)
        self.assertEqual(self.status(Checks()), 1)
        with contextlib.redirect_stdout(io.StringIO()):
            self.assertEqual(main({}), 1)


if __name__ == "__main__":
    unittest.main()
