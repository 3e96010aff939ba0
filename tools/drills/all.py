"""Run every drill in turn: ``all.py DATABASE [LOG]``; exit code 1 when one fails.

Figures go to standard output, what Odoo logs to the file LOG.
"""

import subprocess
import sys
from pathlib import Path

DRILLS = (
    "tamper",
    "double_spend",
    "ledger",
    "replay",
    "kill",
    "wake",
    "months",
    "seal_kill",
    "audit_kill",
    "limits",
    "crash",
    "away",
    "posts",
    "folder",
    "deck_change",
    "outbox",
    "assign",
    "numbers_kill",
    "fetch_kill",
)
TIMEOUT = 900


def run(name, database, log):
    """Whether the drill passed."""
    script = Path(__file__).with_name(f"{name}.py")
    print(f"drill {name}", flush=True)
    try:
        done = subprocess.run(
            [sys.executable, str(script), database],
            stderr=log,
            stdin=subprocess.DEVNULL,
            timeout=TIMEOUT,
        )
    except subprocess.TimeoutExpired:
        print(f"{name}: FAILED: not done in {TIMEOUT} s", flush=True)
        return False
    return done.returncode == 0


def main(database, path="/dev/stderr"):
    with open(path, "ab") as log:
        failed = [name for name in DRILLS if not run(name, database, log)]
    print(f"drills: {len(DRILLS) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
