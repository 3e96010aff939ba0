"""Seeded A-Z decks from the shipped destinations, for ``voip.rate.deck.load``.

A zone's market price depends on nothing but its code, so that decks of different
seeds fit together; money is computed in integers and written as decimal strings.
"""

import csv
from collections import namedtuple
from itertools import islice
from operator import itemgetter
from pathlib import Path
from random import Random

ROOT = Path(__file__).resolve().parents[2]
DESTINATIONS = ROOT / "addons" / "voip_rating" / "data" / "destinations.csv"
RATE_FIELDS = (
    "prefix",
    "destination",
    "price_per_minute",
    "connect_fee",
    "initial_increment",
    "next_increment",
    "min_charge",
    "effective_from",
    "effective_to",
    "blocked",
)
# Market price per minute in millionths, lowest and highest, by kind of zone.
MARKET = {
    "fixed": (2_000, 80_000),
    "mobile": (16_000, 330_000),
    "toll_free": (2_000, 30_000),
    "shared": (30_000, 200_000),
    "voip": (5_000, 90_000),
    "uan": (20_000, 150_000),
    "pager": (50_000, 300_000),
    "personal": (100_000, 400_000),
    "premium": (300_000, 1_100_000),
    "satellite": (700_000, 1_100_000),
    "special": (200_000, 900_000),
}
INCREMENTS = (("1", "1"),) * 14 + (("30", "6"),) * 4 + (("60", "60"),) * 2
NOT_SOLD = ("GLOBAL-UAN", "GLOBAL-PREMIUM")  # zones without a rate in any deck

Zone = namedtuple("Zone", "code name country kind prefixes")


def load_zones(path=DESTINATIONS):
    """Return the zones of a destinations file."""
    with open(path, newline="", encoding="utf-8") as stream:
        return [
            Zone(*row[:4], tuple(row[4].split()))
            for row in islice(csv.reader(stream), 1, None)
        ]


def money(millionths):
    return f"{millionths // 1_000_000}.{millionths % 1_000_000:06d}"


def market_price(zone):
    """Return a zone's price in millionths; the same for every deck."""
    low, high = MARKET[zone.kind]
    rng = Random(f"market/{zone.code}")
    # The country sets the level, the network moves it a little.
    level = Random(f"market/{zone.country}").random() ** 2
    return low + int((high - low) * (0.85 * level + 0.15 * rng.random()))


def chosen_prefixes(zones, rows, rng):
    """Return ``rows`` (zone, prefix) pairs, at least the shortest of every zone."""
    first = [(zone, zone.prefixes[0]) for zone in zones]
    rest = [(zone, prefix) for zone in zones for prefix in zone.prefixes[1:]]
    rest.sort(key=lambda pair: (len(pair[1]), pair[1]))
    if len(first) + len(rest) < rows:
        raise ValueError(f"only {len(first) + len(rest)} prefixes for {rows} rows")
    wanted = max(rows - len(first), 0)
    kept = sorted(rng.sample(range(len(rest)), wanted))
    return sorted(first + [rest[i] for i in kept], key=itemgetter(1))


def build_deck(name, zones, rows, month, factor):
    """Return a deck; ``factor(rng, zone)`` is its price in thousandths of the market,
    and True where the zone is blocked."""
    sold = [zone for zone in zones if zone.code not in NOT_SOLD]
    year, number = map(int, month.split("-"))
    begin = f"{year - 1}-01-01T00:00:00"
    terms = {}
    for zone in sold:
        rng = Random(f"{name}/{zone.code}")
        thousandths, blocked = factor(rng, zone)
        price = market_price(zone) * thousandths // 1000
        versions = [(price, begin, "")]
        if rng.random() < 0.08:
            day = f"{year}-{number:02d}-{rng.randint(8, 22):02d}T00:00:00"
            later = price * rng.choice((850, 930, 1080, 1200)) // 1000
            versions = [(price, begin, day), (later, day, "")]
        fee = rng.randint(5, 50) * 1000 if rng.random() < 0.02 else 0
        least = rng.randint(2, 20) * 1000 if rng.random() < 0.015 else 0
        terms[zone.code] = versions, money(fee), money(least), blocked
    return [
        rate(zone, prefix, version, terms[zone.code])
        for zone, prefix in chosen_prefixes(sold, rows, Random(name))
        for version in terms[zone.code][0]
    ]


def rate(zone, prefix, version, terms):
    price, begin, end = version
    _versions, fee, least, blocked = terms
    increments = Random(f"market/increments/{zone.country}").choice(INCREMENTS)
    values = (prefix, zone.name, money(price), fee, *increments, least, begin, end)
    return dict(zip(RATE_FIELDS, (*values, "true" if blocked else ""), strict=True))


def sale_deck(seed, rows=25_000, month="2026-10", zones=None):
    """Return an A-Z sale deck: 5 to 35 % above the market, a third of the premium
    zones blocked, some zones with a second version from within the month.

    :param rows: number of prefixes; versions come on top
    """

    def factor(rng, zone):
        blocked = zone.kind == "premium" and rng.random() < 0.33
        return rng.randint(1050, 1350), blocked

    return build_deck(f"sale/{seed}", zones or load_zones(), rows, month, factor)


def supplier_deck(seed, rows=25_000, month="2026-10", zones=None):
    """Return an A-Z supplier deck: below the market, one zone in 25 far above it, so
    that it is sold at a loss."""

    def factor(rng, _zone):
        loss = rng.random() < 0.04
        return rng.randint(1400, 1900) if loss else rng.randint(700, 980), False

    return build_deck(f"supplier/{seed}", zones or load_zones(), rows, month, factor)
