"""Seeded demo data: call records, as strings, in the keys of the API.

Pure Python, no Odoo. The same arguments always give the same data.

- :func:`sale_deck`, :func:`supplier_deck`: lists of rates for ``voip.rate.deck.load``
- :func:`cdrs`: iterator of generic call records for ``voip.cdr.ingest``
- :func:`write_csv`: records to a file

Command line: ``generator.py FOLDER --calls 100000 --month 2026-10 --seed 1``
"""

import argparse
import csv
import sys
from dataclasses import dataclass
from itertools import cycle
from operator import itemgetter
from pathlib import Path
from random import Random

from decks import RATE_FIELDS, load_zones, sale_deck, supplier_deck
from mix import MILLIS, Clock, Mix, Prefixes

FIELDS = (
    "call_id",
    "leg",
    "caller",
    "called",
    "start",
    "answer",
    "end",
    "duration",
    "answered",
    "trunk",
    "supplier_trunk",
    "direction",
    "sip_code",
    "hangup_cause",
    "pdd_ms",
    "mos",
    "packet_loss",
    "jitter_ms",
)
UNANSWERED = (("486", "USER_BUSY"), ("487", "ORIGINATOR_CANCEL")) * 4
UNANSWERED += (("480", "NO_ANSWER"),) * 3 + (("404", "UNALLOCATED_NUMBER"),) * 2
UNANSWERED += (("503", "NORMAL_TEMPORARY_FAILURE"),)


@dataclass(frozen=True)
class Faults:
    """Shares of injected records; bad rows take all cases of :data:`BAD` in turn."""

    duplicates: float = 0.005
    conflicts: float = 0.0005
    bad: float = 0.005


def default_accounts():
    """Return three accounts in three zones and two currencies."""
    rows = (
        ("ACME", "acme-gw", "Europe/London", "USD", "SALE", "4420"),
        ("BAYOU", "bayou-gw", "America/New_York", "USD", "SALE", "1504"),
        ("CASTOR", "castor-gw", "Asia/Kolkata", "EUR", "SALE", "9122"),
    )
    keys = ("account_code", "trunk_code", "zone", "currency", "deck", "caller_prefix")
    return [dict(zip(keys, row, strict=True)) for row in rows]


def default_suppliers():
    """Return two suppliers, one in another zone."""
    rows = (
        ("NORTHTEL", "northtel-out", "UTC", "USD", "NORTHTEL"),
        ("ORIENT", "orient-out", "Asia/Singapore", "USD", "ORIENT"),
    )
    keys = ("supplier_code", "trunk_code", "zone", "currency", "deck")
    return [dict(zip(keys, row, strict=True)) for row in rows]


def later(text, years=4):
    return f"{int(text[:4]) + years}{text[4:]}" if text else ""


# case -> (code of the API, change of a good answered record)
BAD = {
    "called_missing": ("missing_field", lambda r, mix: {"called": ""}),
    "called_letters": (
        "bad_number",
        lambda r, mix: {"called": f"{r['called'][:5]}CALLME"},
    ),
    "end_before_start": (
        "bad_time",
        lambda r, mix: {"start": r["end"], "end": r["start"]},
    ),
    "negative_duration": ("bad_duration", lambda r, mix: {"duration": "-12"}),
    "nan_duration": ("bad_duration", lambda r, mix: {"duration": "NaN"}),
    "unknown_trunk": ("unknown_trunk", lambda r, mix: {"trunk": "no-such-trunk"}),
    "no_rate": ("no_rate", lambda r, mix: {"called": mix.next_unsold()}),
    "blocked": ("blocked", lambda r, mix: {"called": mix.next_blocked()}),
    "future_start": (
        "future",
        lambda r, mix: {key: later(r[key]) for key in ("start", "answer", "end")},
    ),
}


class Traffic:
    """A month of calls of all accounts; see :func:`cdrs`."""

    def __init__(self, seed, month, mixes, trunks, clock, faults):
        self.rng = Random(f"calls/{seed}/{month}")
        self.random = self.rng.random
        self.mixes, self.trunks, self.faults = mixes, trunks, faults
        self.text = clock.text
        self.name = f"{seed}-{month}"
        self.serial = 0
        self.recent = []
        # Tables: one draw costs a lookup.
        self.talk = [self.talk_time() for _i in range(8192)]
        self.reasons = [self.rng.choice(UNANSWERED) for _i in range(512)]
        self.bad = self.bad_cases()

    def talk_time(self):
        """Return answered milliseconds: median 65 s, at most 3 hours, half of them
        in whole seconds as many switches write them."""
        ms = min(int(self.rng.lognormvariate(11.1, 1.15)), 10_800_000)
        return max(ms // 1000 * 1000, 1000) if self.rng.random() < 0.5 else max(ms, 1)

    def bad_cases(self):
        names = [
            name
            for name in BAD
            if not (name == "blocked" and not all(m.blocked for m in self.mixes))
            and not (name == "no_rate" and not all(m.unsold for m in self.mixes))
        ]
        return cycle(names)

    def call(self, mix, start=None, talk=None):
        """Return one record.

        :param start: milliseconds since 1970, drawn when None
        :param talk: answered milliseconds, 0 for unanswered, drawn when None
        """
        random = self.random
        if start is None:
            slot = mix.slots[int(random() * len(mix.slots))]
            start = slot * 1000 + int(random() * 900_000)
        if talk is None:
            talk = self.talk[int(random() * 8192)] if random() > 0.35 else 0
        self.serial += 1
        pdd = 300 + int(random() ** 2 * 5000)
        ringing = pdd + int(random() * 18_000)
        called = mix.called[int(random() * len(mix.called))]
        end = start + ringing + talk
        code, cause = self.reasons[int(random() * 512)]
        measured = talk and random() < 0.4
        stated = not talk or random() > 0.1
        return {
            "call_id": f"{self.name}-{self.serial:08d}",
            "leg": "a",
            "caller": mix.callers[int(random() * 20)],
            "called": called if random() > 0.2 else "+" + called,
            "start": self.text(start),
            "answer": self.text(start + ringing) if talk else "",
            "end": self.text(end),
            "duration": duration_text(talk) if stated else "",
            "answered": "true" if talk else "false",
            "trunk": mix.account["trunk_code"],
            "supplier_trunk": self.trunks[int(random() ** 1.5 * len(self.trunks))],
            "direction": "outbound",
            "sip_code": "200" if talk else code,
            "hangup_cause": "NORMAL_CLEARING" if talk else cause,
            "pdd_ms": str(pdd),
            "mos": f"{3 + int(random() * 150) / 100:.2f}" if measured else "",
            "packet_loss": f"{int(random() * 200) / 100:.2f}" if measured else "",
            "jitter_ms": str(int(random() * 40)) if measured else "",
        }

    def edge_calls(self):
        """Yield calls at both edges of every account's month."""
        for mix in self.mixes:
            for start, talk in mix.edges():
                yield self.call(mix, start, talk)

    def fault(self, draw):
        """Return (case, code, record) of an injected fault."""
        faults, position = self.faults, int(self.random() * len(self.recent))
        if draw < faults.duplicates:
            return "duplicate", "duplicate", dict(self.recent[position])
        if draw < faults.duplicates + faults.conflicts:
            # Taken out, so that it is not copied again.
            record = dict(self.recent.pop(position))
            change = {"hangup_cause": "MEDIA_TIMEOUT"}
            return "conflict", "conflict", {**record, **change}
        case = next(self.bad)
        code, change = BAD[case]
        mix = self.mixes[int(self.random() * len(self.mixes))]
        record = self.call(mix, talk=self.talk[int(self.random() * 8192)])
        return case, code, {**record, **change(record, mix)}

    def records(self, n, labels):
        faults, mixes, random = self.faults, self.mixes, self.random
        share = faults.duplicates + faults.conflicts + faults.bad
        edges = self.edge_calls()
        for index in range(n):
            draw = random()
            if draw < share and self.recent:
                case, code, record = self.fault(draw)
                keys = ("index", "call_id", "case", "code")
                values = (index, record["call_id"], case, code)
                labels.append(dict(zip(keys, values, strict=True)))
            else:
                record = next(edges, None)
                record = record or self.call(mixes[int(random() * len(mixes))])
                if len(self.recent) < 1000:
                    self.recent.append(record)
                elif draw > 0.9:
                    self.recent[index % 1000] = record
            yield record


def duration_text(ms):
    """Return seconds, with decimals only where there are any."""
    return f"{ms // 1000}{MILLIS[ms % 1000] if ms % 1000 else ''}"


def cdrs(
    seed,
    n,
    month="2026-10",
    accounts=None,
    suppliers=None,
    decks=None,
    zones=None,
    switch_zone="UTC",
    times="utc",
    faults=None,
    labels=None,
):
    """Yield ``n`` generic call records of one month, injected faults included.

    :param accounts: dicts {account_code, trunk_code, zone, currency, deck,
        caller_prefix}; calls lie in the month of the account's own zone
    :param suppliers: dicts {supplier_code, trunk_code, zone, currency, deck}
    :param decks: {code: rates}, needed to know what is priced, blocked or unsold;
        built from ``seed`` when None
    :param switch_zone: zone of the times unless ``times`` is "utc"
    :param times: "utc", "offset" or "local" (without offset)
    :param faults: :class:`Faults`, shares of duplicates, conflicts and bad rows
    :param labels: list that receives {index, call_id, case, code} of every fault
    """
    accounts = accounts or default_accounts()
    suppliers = suppliers or default_suppliers()
    zones = zones or load_zones()
    decks = decks or default_decks(seed, month, accounts, suppliers, zones)
    matchers = {code: Prefixes(rates) for code, rates in decks.items()}
    costs = [matchers[supplier["deck"]] for supplier in suppliers]
    mixes = [
        Mix(Random(f"{seed}/{a['account_code']}"), a, month, zones, matchers, costs)
        for a in accounts
    ]
    trunks = [supplier["trunk_code"] for supplier in suppliers]
    clock = Clock(month, switch_zone, times)
    traffic = Traffic(seed, month, mixes, trunks, clock, faults or Faults())
    return traffic.records(n, [] if labels is None else labels)


def default_decks(seed, month, accounts, suppliers, zones):
    """Return {code: rates} for the decks that the accounts and suppliers name."""
    decks = {
        account["deck"]: sale_deck(f"{seed}/{account['deck']}", 25_000, month, zones)
        for account in {a["deck"]: a for a in accounts}.values()
    }
    for supplier in suppliers:
        code = supplier["deck"]
        decks[code] = supplier_deck(f"{seed}/{code}", 25_000, month, zones)
    return decks


def write_csv(path, records, fields=FIELDS):
    """Write records (all with the keys of ``fields``) to a CSV file with header."""
    with open(path, "w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(fields)
        writer.writerows(map(itemgetter(*fields), records))


def main():
    parser = argparse.ArgumentParser(description="Write decks and call records as CSV")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--calls", type=int, default=100_000)
    parser.add_argument("--month", default="2026-10")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    zones, labels = load_zones(), []
    parties = default_accounts(), default_suppliers()
    decks = default_decks(options.seed, options.month, *parties, zones)
    for code, rates in decks.items():
        write_csv(options.folder / f"deck-{code}.csv", rates, RATE_FIELDS)
    start = options.seed, options.calls, options.month
    records = cdrs(*start, *parties, decks, zones, labels=labels)
    write_csv(options.folder / "calls.csv", records)
    keys = ("index", "call_id", "case", "code")
    write_csv(options.folder / "faults.csv", labels, keys)
    return 0


if __name__ == "__main__":
    sys.exit(main())
