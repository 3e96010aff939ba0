"""Months: a new one in the middle of a file, and calls on both sides of a border."""

import csv
import io
from datetime import datetime, timedelta

import common
from common import (
    World,
    check,
    expect,
    in_money_transaction,
    ingest,
    query,
    tell,
    threads,
)

CHUNK = 25_000
BORDER = datetime(2026, 3, 1)
CALLS, DOORS = 300, 6


def record(world, number, start):
    """A call of 30 seconds that begins at ``start``."""
    return {
        **world.record(number),
        "start": f"{start:%Y-%m-%dT%H:%M:%SZ}",
        "duration": "30",
        "answered": True,
    }


def new_month(registry, world):
    """A file whose first calls lie in two months, and the last ones in a third, new.

    The partition is made while the batch holds locks on the tables of all months.
    """
    starts = [BORDER + timedelta(minutes=n % 2 * 2 - 1) for n in range(2 * CHUNK)]
    starts += [BORDER - timedelta(days=100)] * CHUNK
    rows = [record(world, number, start) for number, start in enumerate(starts)]
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0].keys())
    writer.writeheader()
    writer.writerows(rows)

    def take(env):
        switch = env["voip.switch"].browse(world.switch)
        data = text.getvalue().encode()
        return env["voip.cdr.batch"]._take_file(switch, data, "months.csv").id

    with common.transaction(registry) as env:
        batch = take(env)
    with common.transaction(registry) as env:
        env.cr.execute("SET statement_timeout = '60s'")
        env["voip.cdr.batch"].browse(batch)._work()
    stored = query(
        registry, "SELECT count(*) FROM voip_usage_row WHERE batch_id = %s", [batch]
    )
    expect(stored[0][0], len(rows), "calls of the file charged")
    tell(f"  a month was made in the middle of a file: {len(rows)} calls charged")


def border(registry, world):
    """The same calls begin on either side of a month's end, at once, by two doors."""
    sides = [BORDER - timedelta(seconds=1), BORDER]
    answers = []

    def send(start):
        records = [record(world, 10**6 + n, start) for n in range(CALLS)]
        answers.append(
            in_money_transaction(registry, lambda env: ingest(env, world, records))
        )

    threads(*(lambda s=start: send(s) for start in sides))
    accepted = sorted(answer["accepted"] for answer in answers)
    conflicts = sorted(answer["conflicts"] for answer in answers)
    expect((accepted, conflicts), ([0, CALLS], [0, CALLS]), "accepted, conflicts")
    tell(f"  {CALLS} calls on both sides of a month's end at once: each taken once")


def together(registry, world):
    """The first calls of a month come in by six doors at once."""
    for month in range(4, 9):
        start, answers = BORDER.replace(month=month) + timedelta(days=9), []
        calls = [record(world, 10**7 + month * DOORS + n, start) for n in range(DOORS)]

        def send(call, answers=answers):
            answers.append(
                in_money_transaction(registry, lambda env: ingest(env, world, [call]))
            )

        threads(*(lambda c=call, s=send: s(c) for call in calls))
        accepted = [answer["accepted"] for answer in answers]
        expect(accepted, [1] * DOORS, "first calls of a month accepted")
    tell(f"  5 months begun by {DOORS} intakes at once each")


def main(database):
    registry = common.open_registry(database)
    world = World(registry, "months")
    new_month(registry, world)
    border(registry, world)
    together(registry, world)
    check(registry)


if __name__ == "__main__":
    common.run(main)
