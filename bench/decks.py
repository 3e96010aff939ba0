"""Many decks of 60,000 rates: storage, memory of compiled decks, first calls; and what
is done with whole decks: a mark-up of five, the export of one, a comparison.

python bench/decks.py --decks 50

With ``--keep`` the database stays, and ``--db voip_test_decks --decks 1000`` measures
in it again; decks that it lacks are added.
"""

import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from common import (
    backend_cpu,
    drop_database,
    environment,
    make_database,
    parser,
    peak_megabytes,
    show,
)

CHANGED, CHANGED_DECKS = 10, 100
TOLD = 100
# Codes of 3 to 7 digits in the order of their zones, as sheets have them; prices differ
# from deck to deck.
_CODES = """
CREATE TEMP TABLE bench_code AS
SELECT n, n::text AS prefix, 'Zone ' || n %% 900 AS label
  FROM (SELECT CASE WHEN i < 800 THEN 100 + i ELSE 1000000 + i * 137 END AS n
          FROM generate_series(1, %s) i) codes
 ORDER BY label, n
"""
_FILL = """
INSERT INTO voip_rate
    (deck_id, company_id, prefix, label, price_per_minute, price_intra, price_local,
     price_indeterminate, first_price, connect_fee, min_charge, max_charge,
     attempt_fee, initial_increment, next_increment, grace_seconds, blocked, payback,
     manual, effective_from)
SELECT d.id, d.company_id, c.prefix, c.label,
       ((c.n * 7919::bigint + d.id * 104729) %% 900000 + 100) / 1000000.0,
       -1, -1, -1, -1, 0, 0, 0, 0, 60, 6, 0, FALSE, FALSE, FALSE, '1970-01-01'
  FROM voip_rate_deck d CROSS JOIN bench_code c
 WHERE d.id = %s
 ORDER BY c.label, c.n
"""
_CHANGE = """
UPDATE voip_rate SET effective_to = '2099-01-01'
 WHERE id IN (SELECT id FROM voip_rate WHERE deck_id = %s ORDER BY id LIMIT %s)
"""
_BYTES = """
SELECT count(*), count(DISTINCT deck_id), pg_total_relation_size('voip_rate'),
       pg_table_size('voip_rate')
  FROM voip_rate
"""


def main():
    options = parser("Many decks of many rates", 0)
    options.add_argument("--decks", type=int, default=12)
    options = options.parse_args()
    name = options.db or make_database("voip_test_decks", options)
    try:
        with environment(name) as env:
            run(env, options)
            env.cr.rollback()
    finally:
        if not (options.db or options.keep):
            drop_database(name)


def run(env, options):
    decks = make_decks(env, options)
    report_storage(env)
    report_calls(env, decks)
    show("peak memory of the process", peak_megabytes(), "MB", 0)
    report_work(env, decks)
    show("peak memory with whole decks", peak_megabytes(), "MB", 0)


def make_decks(env, options):
    """Decks with their rates, committed; those of a kept database stay as they are."""
    decks = env["voip.rate.deck"].search([("code", "=like", "bench-%")], order="id")
    missing = range(len(decks), options.decks)
    fresh = decks.create(
        [
            {
                "name": f"Deck {number}",
                "code": f"bench-{number}",
                "side": "supplier",
                "tz": "UTC",
            }
            for number in missing
        ]
    )
    env.cr.commit()
    start = time.perf_counter()
    fill(env, fresh, options.prefixes)
    show(f"{len(fresh):,} decks filled", time.perf_counter() - start, "s", 0)
    return (decks | fresh)[: options.decks]


def fill(env, decks, codes):
    """Rates by INSERT in the database, each deck in a transaction of its own.

    Foreign keys and the count of a deck's revisions, which cost more than the rows, are
    not looked at; constraints of a row and all indexes are.
    """
    env.cr.execute("SET session_replication_role = replica")
    env.cr.execute(_CODES, [codes])
    env.cr.commit()
    start = time.perf_counter()
    for number, deck in enumerate(decks, 1):
        env.cr.execute(_FILL, [deck.id])
        env.cr.commit()
        if number % TOLD == 0:
            show(f"... {number:,} decks after", time.perf_counter() - start, "s", 0)
    env.cr.execute("RESET session_replication_role")
    env.cr.execute("ANALYZE voip_rate")
    env.cr.commit()
    env.invalidate_all()


def report_storage(env):
    env.cr.execute(_BYTES)
    rates, decks, total, table = env.cr.fetchone()
    show("rates in the database", rates, "", 0)
    show("their decks", decks, "", 0)
    show("on disk, indexes included", total / 2**30, "GB", 2)
    show("bytes per rate, indexes included", total / rates, "B", 0)
    show("bytes per rate, table alone", table / rates, "B", 0)
    show("megabytes per deck", total / decks / 2**20, "MB", 1)


# === First calls === #


def report_calls(env, decks):
    from odoo.addons.voip_rating.sheets import compiled as cache

    cold, warm = [], []
    before = resident()
    for deck in decks:
        cold.append(call(env, deck))
        warm.append(call(env, deck))
    kept = len(cache._decks)
    show("decks kept compiled", kept, "", 0)
    show("bound of compiled decks", cache.BYTES_KEPT / 2**20, "MB", 0)
    show("their bytes", sum(cache._sizes.values()) / 2**20, "MB", 0)
    show("memory of the process for them", resident() - before, "MB", 0)
    show_calls("first call of a cold deck", cold)
    next_call = statistics.median(wall for wall, _busy in warm)
    show("next call of the deck, median", next_call * 1000, "ms", 2)
    changed = []
    for deck in decks[:CHANGED_DECKS]:
        call(env, deck)
        env.cr.execute(_CHANGE, [deck.id, CHANGED])
        changed.append(call(env, deck))
    show_calls(f"first call after {CHANGED} rates changed", changed)


def show_calls(name, times):
    walls, busy = zip(*times, strict=True)
    show(f"{name}, median", statistics.median(walls) * 1000, "ms", 0)
    show(f"{name}, slowest", max(walls) * 1000, "ms", 0)
    show(f"{name}, processor, mean", statistics.mean(busy) * 1000, "ms", 0)


def call(env, deck):
    """Seconds until a call is rated, from the question to the price.

    :return: ``(wall, processor of this process and the database's)``; the database's
        is counted in hundredths, so only a mean of many tells
    """
    question = deck._quote_call("1137000123", None, "2026-06-01T12:00:00Z", 60, "UTC")
    server = env.cr._obj.connection.info.backend_pid
    busy = time.process_time() + backend_cpu(server)
    start = time.perf_counter()
    deck._quote_side(question)
    wall = time.perf_counter() - start
    return wall, time.process_time() + backend_cpu(server) - busy


def resident():
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


# === Whole decks === #


def report_work(env, decks):
    made = env["voip.rate.deck"].create({"name": "Made", "code": "made", "tz": "UTC"})
    sources = [(0, 0, {"deck_id": deck.id, "weight": deck.id}) for deck in decks[:5]]
    generator = env["voip.rate.generator"].create(
        {"deck_id": made.id, "source_ids": sources, "markup_percent": 12.5}
    )
    for basis in ("cheapest", "average", "weighted"):
        generator.basis = basis
        clock(f"mark-up of 5 decks, {basis}: preview", generator._new_import)
    clock("apply", generator._waiting()._apply)
    now = env.cr.now()
    for kind in ("csv", "xlsx"):
        clock(f"export as {kind}", lambda kind=kind: made.export_file(kind, now, now))
    comparison = env["voip.rate.comparison"].create(
        {"sale_deck_ids": made.ids, "cost_deck_ids": decks[:5].ids}
    )
    clock("comparison with five decks", comparison._compare)
    clock("comparison as xlsx", comparison._file)


def clock(name, work):
    start = time.perf_counter()
    work()
    show(name, time.perf_counter() - start, "s", 1)


if __name__ == "__main__":
    main()
