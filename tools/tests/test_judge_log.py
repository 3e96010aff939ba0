"""What makes a test run fail."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from judge_log import Verdict  # noqa: E402

HEAD = "2026-01-02 03:04:05,678 42 {level} db {logger}: {text}"
LOADED = HEAD.format(level="INFO", logger="odoo.registry", text="Registry loaded in 1s")


def counts(failed=0, errors=0, ran=5):
    text = f"{failed} failed, {errors} error(s) of {ran} tests when loading database"
    return HEAD.format(level="INFO", logger="odoo.tests.result", text=text)


def judge(*lines):
    verdict = Verdict()
    shown = [verdict.read(line) for line in lines]
    return verdict, [line for line in shown if line]


class TestJudgeLog(unittest.TestCase):
    def test_a_clean_run_passes(self):
        verdict, shown = judge(LOADED, counts())
        self.assertEqual((verdict.passed, verdict.failed, shown), (5, 0, []))

    def test_failures_and_errors_are_counted(self):
        verdict, _ = judge(LOADED, counts(failed=1, errors=2))
        self.assertEqual((verdict.passed, verdict.failed), (2, 3))

    def test_a_skipped_test_fails(self):
        skip = HEAD.format(
            level="INFO", logger="odoo.addons.x.tests.test_x", text="skipped a : no"
        )
        verdict, _ = judge(LOADED, skip, counts())
        self.assertEqual((verdict.passed, verdict.failed), (4, 1))

    def test_no_test_and_no_counts_fail(self):
        self.assertEqual(judge(LOADED, counts(ran=0))[0].failed, 1)
        self.assertEqual(judge(LOADED)[0].failed, 1)
        self.assertEqual(judge()[0].failed, 1)

    def test_a_warning_while_loading_fails(self):
        line = HEAD.format(level="WARNING", logger="odoo.fields", text="odd field")
        self.assertEqual(judge(line, LOADED, counts())[0].failed, 1)
        self.assertEqual(judge(LOADED, line, counts())[0].failed, 0)

    def test_a_warning_of_this_project_fails_at_any_time(self):
        line = HEAD.format(
            level="WARNING", logger="odoo.addons.voip_rating.models.x", text="odd"
        )
        self.assertEqual(judge(LOADED, line, counts())[0].failed, 1)

    def test_known_lines_of_the_distribution_are_harmless(self):
        text = "Could not get content for mail/selfie_segmentation.js"
        line = HEAD.format(level="ERROR", logger="odoo.assetsbundle", text=text)
        self.assertEqual(judge(line, LOADED, counts())[0].failed, 0)

    def test_the_traceback_of_a_failure_is_shown(self):
        fail = HEAD.format(
            level="ERROR", logger="odoo.addons.x.tests.test_x", text="FAIL: T.test_a"
        )
        _, shown = judge(LOADED, fail, "Traceback:", "  assert", counts(failed=1))
        self.assertEqual(shown, ["FAIL: T.test_a", "Traceback:", "  assert"])


if __name__ == "__main__":
    unittest.main()
