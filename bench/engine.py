"""Speed of the rating engine on one core.

Longest prefix match on 60,000 prefixes against a plain Python loop over a dict, and the
full rating of calls. Prints the median of five runs; both matchers must agree.
"""

import os
import statistics
import sys
import time
from pathlib import Path

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[_name] = "1"

import numpy as np  # noqa: E402

ROOT = Path(os.environ.get("VOIP_ROOT") or Path(__file__).resolve().parents[1])
sys.path.insert(0, str(ROOT / "addons" / "voip_rating"))

from engine import Calls, CompiledDeck, Rates, rate_calls  # noqa: E402
from engine.columns import POW10  # noqa: E402

PREFIXES = 60_000
CALLS = 1_000_000
BASELINE_CALLS = 100_000
RUNS = 5
MOMENT = 1_760_000_000_000_000


def make_rates(random):
    """Return 60,000 distinct nested prefixes of 1 to 9 digits as rates."""
    lengths = random.choice(np.arange(1, 10), 4 * PREFIXES)
    low = POW10[lengths - 1]
    prefixes = np.unique(random.integers(low, 10 * low))
    prefixes = random.permutation(prefixes)[:PREFIXES]
    return Rates.of(
        rate_id=np.arange(1, PREFIXES + 1),
        prefix=prefixes,
        prefix_len=np.array([len(str(value)) for value in prefixes.tolist()]),
        price=random.integers(0, 5 * 10**7, PREFIXES),
        connect_fee=random.choice([0, 0, 0, 10**6], PREFIXES),
        initial=random.choice([1, 30, 60], PREFIXES),
        next=random.choice([1, 6, 60], PREFIXES),
    )


def make_calls(random, rates):
    """Return calls to the deck's prefixes; four in ten are unanswered."""
    pick = random.integers(0, PREFIXES, CALLS)
    lengths = np.maximum(random.integers(9, 14, CALLS), rates.prefix_len[pick])
    spare = POW10[lengths - rates.prefix_len[pick]]
    answered = random.random(CALLS) < 0.6
    return Calls.of(
        number=rates.prefix[pick] * spare + random.integers(0, spare),
        number_len=lengths,
        setup_us=np.full(CALLS, MOMENT),
        duration_ms=np.where(answered, random.integers(1, 900_000, CALLS), 0),
    )


def plain_match(numbers, table, longest):
    """Find the longest prefix of each text by trying a dict from long to short."""
    found = []
    for number in numbers:
        row = -1
        for length in range(min(longest, len(number)), 0, -1):
            row = table.get(number[:length], -1)
            if row >= 0:
                break
        found.append(row)
    return found


def median_rate(count, work):
    """Return items per second, the median of the runs."""
    seconds = []
    for _run in range(RUNS):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return count / statistics.median(seconds)


def main():
    random = np.random.default_rng(20)
    rates = make_rates(random)
    calls = make_calls(random, rates)
    deck = CompiledDeck(rates)

    start = time.perf_counter()
    deck.match(*(column[:1] for column in match_columns(calls)))
    compiled = time.perf_counter() - start

    table = {str(value): row for row, value in enumerate(rates.prefix.tolist())}
    texts = [str(value) for value in calls.number[:BASELINE_CALLS].tolist()]
    longest = int(rates.prefix_len.max())
    matched = deck.match(*match_columns(calls))
    if matched[:BASELINE_CALLS].tolist() != plain_match(texts, table, longest):
        sys.exit("engine and plain loop disagree")

    engine = median_rate(CALLS, lambda: deck.match(*match_columns(calls)))
    plain = median_rate(BASELINE_CALLS, lambda: plain_match(texts, table, longest))
    full = median_rate(CALLS, lambda: rate_calls(deck, calls))
    print(f"prefixes                 {PREFIXES:>12,}")
    print(f"compile one epoch        {compiled * 1000:>12,.1f} ms")
    print(f"longest prefix, engine   {engine:>12,.0f} numbers/s")
    print(f"longest prefix, dict     {plain:>12,.0f} numbers/s")
    print(f"ratio                    {engine / plain:>12,.1f}")
    print(f"full rating, engine      {full:>12,.0f} calls/s")


def match_columns(calls):
    """Return the columns that decide the rate of a call."""
    return (
        calls.number,
        calls.number_len,
        calls.caller,
        calls.caller_len,
        calls.setup_us,
    )


if __name__ == "__main__":
    main()
