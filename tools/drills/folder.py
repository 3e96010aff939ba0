"""Looks into a watched folder that SIGKILL ends anywhere: each file is taken once.

Some files come twice under another name, one is no file of calls. Children look again
and again and are killed at random times, so in each step of a file: when it is seen,
read, stored, rated, moved. Then looks without kills go on with what is left.
"""

import csv
import os
import random
import time
from pathlib import Path

import common
from common import Failed, World, check, expect, query, tell

FILES, CALLS, TWICE, ROUNDS = 40, 40, 4, 20
# Longest time that a child looks before it is killed; two files take about as long.
LONGEST = 0.5
WAIT_SECONDS = 120
LEFT = """
SELECT (SELECT count(*) FROM voip_cdr_batch WHERE state = 'waiting')
       + (SELECT count(*) FROM voip_intake_file WHERE is_moved IS NOT TRUE)
"""
NOW = """
UPDATE voip_cdr_batch SET retry_at = NULL WHERE retry_at IS NOT NULL;
UPDATE voip_intake_folder SET retry_at = NULL WHERE retry_at IS NOT NULL
"""
RECORDS = """
SELECT count(*), count(DISTINCT call_id) FROM voip_cdr_row r
  JOIN voip_cdr_batch b ON b.id = r.batch_id WHERE b.switch_id = %s
"""
STATES = """
SELECT state, count(*) FROM voip_intake_file WHERE switch_id = %s GROUP BY 1
"""


def write_files(world, place, numbers):
    """Files, whole at once, as a switch renames them."""
    place.mkdir(parents=True, exist_ok=True)
    for number in numbers:
        records = [world.record(number * CALLS + row) for row in range(CALLS)]
        path = place / f"calls-{number:02}.csv"
        with open(place / f"{path.name}.part", "w", newline="") as part:
            writer = csv.DictWriter(part, records[0])
            writer.writeheader()
            writer.writerows(records)
        os.rename(part.name, path)
        if number < TWICE:
            (place / f"again-{number:02}.csv").write_bytes(path.read_bytes())
        if not number:
            (place / "picture.csv").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")


def look(registry, folder):
    """Look once, then rate what waits, as the scheduled actions do."""
    # Found only after the registry has set the path of the add-ons.
    from odoo.addons.voip_rating.models import voip_intake_file

    voip_intake_file.REST_SECONDS = 0
    with common.transaction(registry) as env:
        env["voip.intake.folder"].browse(folder)._work()
    with registry.cursor() as cr:
        cr.execute(NOW)
    with common.transaction(registry) as env:
        env["voip.cdr.batch"]._cron_rate()


def disturb(registry, world, folder, place, rng):
    """(children killed at work, times that a kill left something half done)"""
    killed = left = 0
    for turn in range(ROUNDS):
        write_files(world, place, range(turn, FILES, ROUNDS))

        def work(_send):
            while True:
                look(registry, folder)

        pid, receiving = common.fork(work)
        killed += common.kill_after(pid, rng.uniform(0.02, LONGEST))
        os.close(receiving)
        left += bool(query(registry, LEFT)[0][0])
    return killed, left


def main(database):
    registry = common.open_registry(database)
    seed = random.SystemRandom().randrange(10**6)
    tell(f"  seed {seed}")
    world = World(registry, "folder")
    with common.transaction(registry) as env:
        folder = env["voip.intake.folder"].create(
            {"name": "Drill", "switch_id": world.switch}
        )
        place, folder = Path(folder.place), folder.id
    killed, left = disturb(registry, world, folder, place, random.Random(seed))
    end = time.monotonic() + WAIT_SECONDS
    while query(registry, LEFT)[0][0] or any(place.glob("*.csv")):
        if time.monotonic() > end:
            raise Failed("files are left")
        look(registry, folder)
    calls = FILES * CALLS
    expect(query(registry, RECORDS, [world.switch])[0], (calls, calls), "records")
    charged = "SELECT count(*) FROM voip_usage_row WHERE account_id = %s"
    expect(query(registry, charged, [world.accounts[0]])[0][0], calls, "charged")
    states = dict(query(registry, STATES, [world.switch]))
    expect(states, {"done": FILES, "repeated": TWICE, "failed": 1}, "files")
    expect(len(list((place / "done").glob("*.csv"))), FILES, "files in done/")
    expect(len(list((place / "failed").glob("*.csv"))), TWICE + 1, "in failed/")
    tell(
        f"  {FILES + TWICE + 1} files, {killed} looks killed, {left} of them with"
        f" files half done; {calls} calls charged once"
    )
    check(registry)


if __name__ == "__main__":
    common.run(main)
