"""Judge an Odoo test run: ``judge_log.py DATABASE``, its log on standard input.

``judge_log.py --install`` judges an installation, which counts no tests.

Shows what went wrong as it happens and closes with ``N passed, N failed``. A run
fails on a failed test, on a skipped test, on no test at all, on any line of level
WARNING or above that concerns this project or that is written while modules load,
and when Odoo ends without reporting its counts.
"""

import re
import sys
from dataclasses import dataclass, field

LINE = re.compile(
    r"^\d{4}-\d\d-\d\d [\d:,]+ \d+ (?P<level>[A-Z]+) \S+ "
    r"(?P<logger>[\w.]+): (?P<text>.*)"
)
COUNTS = re.compile(r"(\d+) failed, (\d+) error\(s\) of (\d+) tests")
TEST_LOGGERS = re.compile(r"^odoo\.(tests|addons\.\w+\.tests)\b")
# Known lines of the distribution's Odoo that say nothing about this project.
HARMLESS = re.compile(
    r"selfie_segmentation|Running as user 'root'|PyPDF2|"
    r"(odoo\.addons\.)?queue_job.*(deprecat|runner)",
    re.IGNORECASE,
)
SERIOUS = {"WARNING", "ERROR", "CRITICAL"}


@dataclass
class Verdict:
    """What a run came to; ``passed`` and ``failed`` count tests."""

    loaded: bool = False
    ran: int = 0
    failures: int = 0
    counted: bool = False
    skipped: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    # Whether the lines that follow belong to a record that is shown (a traceback).
    showing: bool = False

    def read(self, line: str) -> str | None:
        """Take one line; return what is worth showing of it."""
        match = LINE.match(line)
        if not match:
            return line.rstrip() if self.showing else None
        shown = self._read_record(line, match)
        self.showing = shown is not None and match["level"] in SERIOUS
        return shown

    def _read_record(self, line: str, match: re.Match) -> str | None:
        level, logger, text = match["level"], match["logger"], match["text"]
        if logger == "odoo.registry" and "Registry loaded" in text:
            self.loaded = True
        counts = COUNTS.search(text)
        if counts and logger.startswith("odoo.tests"):
            failed, errors, self.ran = map(int, counts.groups())
            self.failures, self.counted = failed + errors, True
            return None
        if TEST_LOGGERS.match(logger):
            return self._read_test_line(level, text)
        if level in SERIOUS and self._concerns(line):
            self.complaints.append(line.rstrip())
            return line.rstrip()
        return None

    def _read_test_line(self, level: str, text: str) -> str | None:
        if text.startswith("skipped "):
            self.skipped.append(text)
            return text
        if level in SERIOUS:
            return text
        return None

    def _concerns(self, line: str) -> bool:
        if HARMLESS.search(line):
            return False
        return not self.loaded or "voip_" in line or "voip." in line

    @property
    def failed(self) -> int:
        """Failed tests, and one more for each reason that is no test of its own."""
        failed = self.failures + len(self.skipped) + len(self.complaints)
        if not self.counted or not self.ran:
            failed += 1
        return failed

    @property
    def passed(self) -> int:
        return max(self.ran - self.failures - len(self.skipped), 0)


def report(verdict: Verdict, database: str) -> None:
    if not verdict.counted:
        print("Odoo ended before it had counted its tests.")
    elif not verdict.ran:
        print("No test was run.")
    for title, lines in (
        ("skipped, which counts as failed", verdict.skipped),
        ("warnings and errors in the log", verdict.complaints),
    ):
        if lines:
            print(f"{len(lines)} {title}")
    if verdict.failed:
        print(f"The database {database} is kept until the next run.")
    print(f"{verdict.passed} passed, {verdict.failed} failed")


def report_install(verdict: Verdict) -> bool:
    """Whether the add-ons were installed without a word of complaint."""
    if not verdict.loaded:
        print("Odoo ended before its modules were loaded.")
    if verdict.complaints:
        print(f"{len(verdict.complaints)} warnings and errors in the log")
    return verdict.loaded and not verdict.complaints


def main() -> int:
    verdict = Verdict()
    for line in sys.stdin:
        shown = verdict.read(line)
        if shown:
            print(shown, flush=True)
    if sys.argv[1] == "--install":
        return 0 if report_install(verdict) else 1
    report(verdict, sys.argv[1])
    return 1 if verdict.failed else 0


if __name__ == "__main__":
    sys.exit(main())
