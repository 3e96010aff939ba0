"""What an account calls, and when: destinations, numbers, business hours, clock."""

from collections import Counter
from datetime import UTC, datetime
from itertools import cycle, islice
from zoneinfo import ZoneInfo

from decks import NOT_SOLD

# How much more often these countries are called than others.
POPULAR = {"US": 60, "GB": 60, "IN": 40, "DE": 30, "FR": 25, "PK": 20, "BD": 20}
POPULAR |= {"NG": 15, "PH": 15, "ES": 15, "IT": 15, "CA": 15, "MX": 10, "BR": 10}
OTHERS = 0.4  # of any other country
DAY_CURVE = (2, 1, 1, 1, 1, 2, 4, 10, 30, 48, 55, 52, 44, 46, 52, 50, 44, 34, 24, 18)
DAY_CURVE += (14, 10, 6, 3)  # calls by local hour
WEEKEND = 0.35
QUARTER = 900  # seconds; every zone's offset is a multiple of it
MINUTES = [
    [f"{s // 60:02d}:{s % 60:02d}" for s in range(start, start + QUARTER)]
    for start in range(0, 3600, QUARTER)
]
MILLIS = [f".{ms:03d}" for ms in range(1000)]


def month_bounds(month, zone):
    """Return the first moment of a local month and of the next one, UTC seconds."""
    year, number = map(int, month.split("-"))
    first = datetime(year, number, 1, tzinfo=ZoneInfo(zone))
    following = datetime(year + number // 12, number % 12 + 1, 1, tzinfo=first.tzinfo)
    return int(first.timestamp()), int(following.timestamp())


class Clock:
    """Writes milliseconds since 1970 as ISO 8601 in one zone, quickly.

    :param style: ``utc`` (Z), ``offset`` (zone's time with offset) or ``local``
        (zone's time without any)
    """

    def __init__(self, month, zone, style):
        begin, end = month_bounds(month, "UTC")
        self.base = begin - 2 * 86_400
        tz = UTC if style == "utc" else ZoneInfo(zone)
        self.slots = []
        for second in range(self.base, end + 3 * 86_400, QUARTER):
            at = datetime.fromtimestamp(second, tz)
            suffix = {"utc": "Z", "local": ""}.get(style) if style != "offset" else None
            suffix = at.isoformat()[19:] if suffix is None else suffix
            head = at.strftime("%Y-%m-%dT%H:")
            self.slots.append((head, MINUTES[at.minute // 15], suffix))

    def text(self, ms):
        second, ms = divmod(ms, 1000)
        slot, rest = divmod(second - self.base, QUARTER)
        head, minutes, suffix = self.slots[slot]
        return head + minutes[rest] + MILLIS[ms] + suffix


class Prefixes:
    """Longest match over the prefixes of a deck, whatever the version."""

    def __init__(self, rates):
        self.rates = {rate["prefix"]: rate for rate in rates}

    def find(self, number):
        for end in range(len(number), 0, -1):
            if number[:end] in self.rates:
                return self.rates[number[:end]]
        return None


def popularity(zones):
    """Return the weight of every zone: its country's, half of it for the fixed zone,
    the rest among the mobile networks by the number of their prefixes."""
    sizes = Counter()
    for zone in zones:
        if zone.kind == "mobile":
            sizes[zone.country] += len(zone.prefixes) ** 2
    weights = []
    for zone in zones:
        share = 1
        if zone.kind == "mobile":
            share = len(zone.prefixes) ** 2 / sizes[zone.country]
        weights.append(POPULAR.get(zone.country, OTHERS) * share)
    return weights


class Mix:
    """What one account calls: 5 to 20 destinations with Zipf weights, 30 numbers
    each, and when: a business-hour curve in its own zone."""

    def __init__(self, rng, account, month, zones, matchers, costs):
        self.account = account
        self.bounds = month_bounds(month, account["zone"])
        self.sale, self.costs = matchers[account["deck"]], costs
        digits = account.get("caller_prefix", "999")
        self.callers = [digits.ljust(11, "0")[:6] + self.tail(rng) for _i in range(20)]
        self.called = self.numbers(rng, zones)
        self.slots = self.curve(account["zone"])
        self.blocked, self.unsold = self.refused(rng, zones)
        self.next_blocked = cycle(self.blocked).__next__
        self.next_unsold = cycle(self.unsold).__next__

    @staticmethod
    def tail(rng):
        return f"{rng.randrange(100_000):05d}"

    def dial(self, rng, prefix):
        """Return a number of usual length below a prefix."""
        length = max(11 if prefix[0] == "1" else 12, len(prefix) + 3)
        # A 0 after a country code is dialled within the country only.
        first = rng.choice("123456789")
        rest = rng.choices("0123456789", k=length - len(prefix) - 1)
        return prefix + first + "".join(rest)

    def fits(self, number, name):
        found = self.sale.find(number)
        priced = found and found["destination"] == name and not found["blocked"]
        costs = [cost.find(number) for cost in self.costs] if priced else [None]
        return all(cost and not cost["blocked"] for cost in costs)

    def numbers(self, rng, zones):
        count, pools = rng.randint(5, 20), []
        usual = [z for z in zones if z.kind in ("fixed", "mobile")]
        drawn = rng.choices(usual, popularity(usual), k=20 * count)
        for zone in dict.fromkeys(drawn):
            usable = [p for p in zone.prefixes if p in self.sale.rates]
            tried = (self.dial(rng, rng.choice(usable)) for _i in range(200) if usable)
            pool = list(islice((n for n in tried if self.fits(n, zone.name)), 30))
            if pool and len(pools) < count:
                pools.append(pool)
        return [
            pool[i % len(pool)]
            for rank, pool in enumerate(pools, 1)
            for i in range(600 // rank)
        ]

    def curve(self, zone):
        """Return quarter hours (UTC seconds), each as often as it is busy."""
        tz, slots = ZoneInfo(zone), []
        for second in range(*self.bounds, QUARTER):
            at = datetime.fromtimestamp(second, tz)
            busy = DAY_CURVE[at.hour] * (WEEKEND if at.weekday() > 4 else 1)
            slots += [second] * max(1, round(busy))
        return slots

    def edges(self):
        """Return (start, talk) at both edges of the month, in milliseconds."""
        begin, end = (1000 * bound for bound in self.bounds)
        return [(begin, 61_500), (end - 1, 7000), (end - 40_000, 120_250)]

    def refused(self, rng, zones):
        """Return (blocked numbers, numbers without rate) of the sale deck."""
        barred = sorted(p for p, rate in self.sale.rates.items() if rate["blocked"])
        rows = [self.dial(rng, rng.choice(barred)) for _i in range(200) if barred]
        blocked = [n for n in rows if self.sale.find(n)["blocked"]]
        unsold = [p for z in zones if z.code in NOT_SOLD for p in z.prefixes]
        rows = [self.dial(rng, rng.choice(unsold)) for _i in range(200) if unsold]
        return blocked, [n for n in rows if not self.sale.find(n)]
