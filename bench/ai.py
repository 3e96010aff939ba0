"""AI sessions rated in the engine, on one core: totals taken apart, prices found by
level and kind on both sides, included units, rounding, minimum; against a plain loop
with Decimal over the same sessions, which must agree. Needs no database."""

import statistics
import sys
import time
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "bench"))

import common  # noqa: E402,F401

from odoo.tools import config  # noqa: E402

config.parse_config([f"--addons-path={ROOT / 'addons'}"])
from odoo.modules.module import initialize_sys_path  # noqa: E402

initialize_sys_path()
from odoo.addons.voip_ai_usage.engine.book import Book, Price  # noqa: E402
from odoo.addons.voip_ai_usage.engine.kinds import (  # noqa: E402
    CHAINS,
    TOKENS,
    split,
)
from odoo.addons.voip_ai_usage.engine.rate import (  # noqa: E402
    NO_POOL,
    NONE,
    UNSAID,
    Lines,
    Terms,
    costs,
    rate,
)

SESSIONS = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
BASELINE = min(20_000, SESSIONS)
ACCOUNTS, MODELS, PROVIDERS = 500, 40, 6
INCLUDED = 200_000  # tokens of each account
FIRST = (date(2026, 1, 1) - date(1970, 1, 1)).days
MINIMUM = 2_000_000
RUNS = 3


def make_prices(side):
    """Prices of each model and kind that change in mid-month; some accounts' own."""
    prices = []
    for model in range(1, MODELS + 1):
        for kind in ("input", "input.cached", "input.audio", "output"):
            for first, last in ((0, FIRST + 14), (FIRST + 15, 10**7)):
                price = 1000 * (model + len(kind)) + first % 7
                prices.append((price, 0, model, kind, first, last))
    if side == "sale":
        prices += [
            (777 + account, account, model, "input", 0, 10**7)
            for account in range(1, 21)
            for model in (1, 2)
        ]
    return [
        Price(
            number,
            price=price * 100,
            account_id=account,
            provider_id=1 + model % PROVIDERS,
            model_id=model,
            kind=kind,
            first=first,
            last=last,
        )
        for number, (price, account, model, kind, first, last) in enumerate(prices)
    ]


def make_sessions(random):
    """Totals that hold each other, and what names the sessions' prices."""
    leaves = random.integers(0, 3000, (SESSIONS, len(TOKENS)))
    leaves[random.random((SESSIONS, len(TOKENS))) < 0.4] = 0
    text, audio, cached, both, short, hour, output, spoken, thought = leaves.T
    totals = np.column_stack(
        [
            text + audio + cached + both + short + hour,
            audio + both,
            cached + both,
            both,
            short + hour,
            hour,
            output + spoken + thought,
            spoken,
            thought,
        ]
    )
    return {
        "totals": totals,
        "account": random.integers(1, ACCOUNTS + 1, SESSIONS),
        "model": random.integers(1, MODELS + 1, SESSIONS),
        "day": FIRST + random.integers(0, 30, SESSIONS),
    }


def rated(given, sale, cost, count):
    """(amounts, costs) of the first sessions, by session."""
    totals = given["totals"][:count]
    leaves = split(totals)
    if (leaves < 0).any():
        sys.exit("totals contradict")
    session, kind = np.nonzero(leaves)
    units = leaves[session, kind]
    account, model, day = (given[n][session] for n in ("account", "model", "day"))
    named = (1 + model % PROVIDERS, model, kind, day)
    found = sale.find(account, *named)
    asked = cost.find(np.zeros_like(account), *named)
    if (found == NONE).any() or (asked == NONE).any():
        sys.exit("a price is missing")
    none = np.zeros(len(units), np.int64)
    lines = Lines(
        session=session,
        units=units,
        price=np.array([p.price for p in sale.prices])[found],
        per=none + 1000,
        given=none + UNSAID,
        pool=account if INCLUDED else none + NO_POOL,
    )
    every = np.zeros(count, np.int64)
    terms = Terms(every + MINIMUM, every + 6, every, np.ones(count, bool))
    pools = np.full(ACCOUNTS + 1, INCLUDED)
    slices, _after = rate(lines, terms, pools, np.zeros_like(pools))
    amounts, spent = every.copy(), every.copy()
    np.add.at(amounts, slices.session, slices.amount)
    prices = np.array([p.price for p in cost.prices])[asked]
    np.add.at(spent, session, costs(units, prices, none + 1000))
    return amounts, spent


def plain(given, sale, cost, count):
    """The same by a loop over sessions with Decimal."""
    unit, cent = Decimal("0.000001"), Decimal("0.00000001")
    left = dict.fromkeys(range(ACCOUNTS + 1), INCLUDED)
    amounts, spent = [], []
    books = [_by_model(one.prices) for one in (sale, cost)]
    for number in range(count):
        totals = dict(zip(TOKENS, given["totals"][number].tolist(), strict=True))
        account = int(given["account"][number])
        key = int(given["model"][number]), int(given["day"][number])
        amount = own = Decimal(0)
        for kind, units in _leaves(totals).items():
            if not units:
                continue
            free = min(units, left[account])
            left[account] -= free
            price = _price(books[0], account, kind, *key)
            worth = Decimal((units - free) * price) / 1000 / 10**8
            amount += worth.quantize(unit, ROUND_HALF_UP)
            price = _price(books[1], 0, kind, *key)
            own += (Decimal(units * price) / 1000 / 10**8).quantize(cent, ROUND_HALF_UP)
        amounts.append(max(amount, Decimal(MINIMUM) / 10**8))
        spent.append(own)
    return [[int(value * 10**8) for value in column] for column in (amounts, spent)]


def _leaves(t):
    both = t["input.cached.audio"]
    return {
        "input": t["input"]
        - t["input.audio"]
        - t["input.cached"]
        - t["input.cache_write"]
        + both,
        "input.audio": t["input.audio"] - both,
        "input.cached": t["input.cached"] - both,
        "input.cached.audio": both,
        "input.cache_write": t["input.cache_write"] - t["input.cache_write.1h"],
        "input.cache_write.1h": t["input.cache_write.1h"],
        "output": t["output"] - t["output.audio"] - t["output.reasoning"],
        "output.audio": t["output.audio"],
        "output.reasoning": t["output.reasoning"],
    }


def _by_model(prices):
    found = {}
    for price in prices:
        found.setdefault(price.model_id, []).append(price)
    return found


def _price(book, account, kind, model, day):
    prices = [p for p in book[model] if p.first <= day <= p.last]
    for owner in dict.fromkeys((account, 0)):
        for name in CHAINS[kind]:
            for price in prices:
                if price.account_id == owner and price.kind == name:
                    return price.price
    raise LookupError(kind)


def main():
    random = np.random.default_rng(20)
    given = make_sessions(random)
    prices = make_prices("sale"), make_prices("cost")

    def books():
        return [Book(some) for some in prices]

    engine = [c.tolist() for c in rated(given, *books(), BASELINE)]
    start = time.perf_counter()
    if plain(given, *books(), BASELINE) != engine:
        sys.exit("engine and plain loop disagree")
    loop = BASELINE / (time.perf_counter() - start)
    seconds = []
    for _run in range(RUNS):
        start = time.process_time()
        amounts, _spent = rated(given, *books(), SESSIONS)
        seconds.append(time.process_time() - start)
    fast = SESSIONS / statistics.median(seconds)
    print(f"sessions                 {SESSIONS:>12,}")
    print(f"lines                    {np.count_nonzero(split(given['totals'])):>12,}")
    print(f"amount                   {Decimal(int(amounts.sum())).scaleb(-8):>12,}")
    print(f"plain loop, Decimal      {loop:>12,.0f} sessions/s")
    print(f"engine, processor time   {fast:>12,.0f} sessions/s (bar: 100,000)")
    print(f"ratio                    {fast / loop:>12,.1f}")


if __name__ == "__main__":
    main()
