"""What the demo is about: two companies, their customers, suppliers and calls.

Plain data, no Odoo, so that the reference is computed in a process of its own.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import decks as rates
import generator

SEED = 1
ACCOUNT_KEYS = (
    "account_code",
    "trunk_code",
    "zone",
    "currency",
    "deck",
    "caller_prefix",
    "name",
    "kind",
    "payer",
    "tax_percent",
)
SUPPLIER_KEYS = ("supplier_code", "trunk_code", "zone", "currency", "deck", "name")


@dataclass(frozen=True)
class World:
    """One company of the demo.

    :param weeks: units of EUR for one of the company's currency, week by week from
        the day before the month
    """

    name: str
    currency: str
    switch: str
    calls: int
    accounts: tuple
    suppliers: tuple
    weeks: tuple = ()
    rows: int = 25_000

    def account_dicts(self):
        return [dict(zip(ACCOUNT_KEYS, row, strict=True)) for row in self.accounts]

    def supplier_dicts(self):
        return [dict(zip(SUPPLIER_KEYS, row, strict=True)) for row in self.suppliers]

    def exchange(self, month):
        """{first day: {currency: units for one of the company's}}."""
        before = first_day(month) - timedelta(days=1)
        return {
            before + timedelta(days=7 * week): {"EUR": rate}
            for week, rate in enumerate(self.weeks)
        }

    def decks(self, month, zones):
        """{deck code: rates as ``voip.rate.deck.load`` takes them}."""
        decks = {}
        for party in self.account_dicts() + self.supplier_dicts():
            sale = "account_code" in party
            build = rates.sale_deck if sale else rates.supplier_deck
            code = party["deck"]
            if code not in decks:
                decks[code] = build(f"{SEED}/{code}", self.rows, month, zones)
        return decks

    def records(self, month, decks, zones):
        """All records as sent, duplicates, conflicts and bad rows among them."""
        return list(
            generator.cdrs(
                SEED,
                self.calls,
                month,
                self.account_dicts(),
                self.supplier_dicts(),
                decks,
                zones,
            )
        )


MERIDIAN = World(
    name="Meridian Voice Inc.",
    currency="USD",
    switch="sbc-east",
    calls=100_000,
    accounts=(
        ("ACME", "acme-gw", "Europe/London", "USD", "SALE", "4420",
         "Acme Contact Centre Ltd", "call_center", "ACME", "0"),
        ("BAYOU", "bayou-gw", "America/New_York", "USD", "SALE", "1504",
         "Bayou Logistics LLC", "enterprise", "BAYOU", "15"),
        ("CASTOR", "castor-gw", "Asia/Kolkata", "EUR", "SALE", "9122",
         "Castor Telecom Pvt", "wholesaler", "CASTOR", "0"),
        ("CASTOR-NP", "castor-np-gw", "Asia/Kathmandu", "EUR", "SALE", "9771",
         "Castor Nepal", "wholesaler", "CASTOR", "0"),
    ),
    suppliers=(
        ("NORTHTEL", "northtel-out", "UTC", "USD", "NORTHTEL", "Northtel Carrier SA"),
        ("ORIENT", "orient-out", "Asia/Singapore", "EUR", "ORIENT", "Orient Transit"),
    ),
    weeks=("0.92", "0.9145", "0.9231", "0.9087", "0.9166", "0.9203"),
)  # fmt: skip
# The same codes, zones and call ids as its neighbour, on purpose.
THAMES = World(
    name="Thames Voice Ltd",
    currency="GBP",
    switch="sbc-east",
    calls=400,
    accounts=(
        ("ACME", "acme-gw", "Europe/London", "GBP", "SALE", "4420",
         "Acme Ltd, London branch", "enterprise", "ACME", "0"),
    ),
    suppliers=(
        ("NORTHTEL", "northtel-out", "UTC", "GBP", "NORTHTEL", "Northtel Carrier SA"),
    ),
    rows=6_000,
)  # fmt: skip


def first_day(month):
    return date.fromisoformat(f"{month}-01")


def next_month(day):
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


# A month is over in every zone, late records had their time, and it may be sealed.
OVER = timedelta(days=4)


def last_full_month(now=None):
    """The last month that ended OVER ago, as YYYY-MM, UTC."""
    day = ((now or datetime.now(UTC)) - OVER).date()
    return f"{day.replace(day=1) - timedelta(days=1):%Y-%m}"


# === Corrections of bad records === #

MENDED = ("unknown_trunk", "bad_time", "no_rate")  # the others are dismissed


def correction(record, code, accounts):
    """Fields that put a bad record right: staff reads them off the record itself.

    An unknown trunk is that of the account whose numbers call; swapped times are
    swapped back; a missing rate is loaded, which changes no field.
    """
    if code == "unknown_trunk":
        for account in accounts:
            if record["caller"].startswith(account["caller_prefix"]):
                return {"trunk": account["trunk_code"]}
        raise ValueError(f"no account calls from {record['caller']}")
    if code == "bad_time":
        return {"start": record["end"], "end": record["start"]}
    return {}


def missing_rates(zones, month, millionths):
    """Rates for the zones that no deck sells, in force since the year before."""
    begin = f"{int(month[:4]) - 1}-01-01T00:00:00"
    terms = {
        "price_per_minute": rates.money(millionths),
        "connect_fee": "0.000000",
        "initial_increment": "60",
        "next_increment": "60",
        "min_charge": "0.000000",
        "effective_from": begin,
        "effective_to": "",
        "blocked": "",
    }
    return [
        {"prefix": prefix, "destination": zone.name, **terms}
        for zone in zones
        if zone.code in rates.NOT_SOLD
        for prefix in zone.prefixes
    ]


def mended_decks(world, month, zones):
    """{deck code: rates that were missing}: sold at 1.90, bought at 1.20 a minute."""
    decks = {a["deck"]: 1_900_000 for a in world.account_dicts()}
    decks |= {s["deck"]: 1_200_000 for s in world.supplier_dicts()}
    return {code: missing_rates(zones, month, price) for code, price in decks.items()}
