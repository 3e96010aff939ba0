"""Independent rating of call records, one by one, with Decimal and plain loops.

The demo compares the product with this. It shares no code with the product or with the
generator and knows only the documented rules: here what a record must be and who pays,
in the tests' ``reference`` what a call costs (longest active prefix, increments, fees,
one rounding).
"""

import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation, localcontext
from pathlib import Path
from zoneinfo import ZoneInfo

# Behind everything else: the folder has a ``common`` too.
sys.path.append(
    str(Path(__file__).resolve().parents[2] / "addons" / "voip_rating" / "tests")
)

import reference  # noqa: E402

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TRUE, FALSE = ("1", "t", "true", "y", "yes"), ("", "0", "f", "false", "n", "no")
ZERO = Decimal(0)


class Refused(Exception):
    """A record that cannot be rated; the argument is the API's error code."""


@dataclass(frozen=True)
class Settings:
    """How a deck computes.

    :param zone: of its dates
    :param moment: ``answer`` or ``setup`` decides which version is active
    :param duration_rounding: milliseconds to seconds: up, nearest or down
    """

    currency: str = "USD"
    zone: str = "UTC"
    formula: str = "A"
    decimals: int = 6
    rounding: str = "half_up"
    duration_rounding: str = "up"
    moment: str = "answer"


@dataclass(frozen=True)
class Limits:
    """Which records are taken.

    :param now: aware datetime, the moment of arrival
    :param switch_zone: zone of times without offset
    """

    now: datetime
    switch_zone: str = "UTC"
    tolerance: timedelta = timedelta(minutes=10)
    max_age: timedelta = timedelta(days=400)
    max_hours: int = 24


@dataclass(frozen=True)
class Outcome:
    """What became of a record; amounts in the account's, cost in the company's
    currency, ``deck_amount`` and ``deck_cost`` in the decks' own."""

    index: int
    call_id: str
    status: str  # rated, zero, duplicate, conflict or an error code
    answered: bool = False
    account: str = ""
    day: date | None = None
    destination: str = ""
    price: Decimal = ZERO
    seconds: int = 0
    amount: Decimal = ZERO
    cost: Decimal = ZERO
    deck_amount: Decimal = ZERO
    deck_cost: Decimal = ZERO


@dataclass
class Totals:
    """Sums over calls: attempts, answered calls, billed seconds, exact money."""

    attempts: int = 0
    calls: int = 0
    seconds: int = 0
    amount: Decimal = ZERO
    cost: Decimal = ZERO

    def add(self, outcome):
        self.attempts += 1
        self.calls += outcome.answered
        self.seconds += outcome.seconds
        self.amount += outcome.amount
        self.cost += outcome.cost


@dataclass
class Report:
    """Counts by status and totals by account, destination and price, local day."""

    statuses: Counter = field(default_factory=Counter)
    by_account: dict = field(default_factory=lambda: defaultdict(Totals))
    by_line: dict = field(default_factory=lambda: defaultdict(Totals))
    by_day: dict = field(default_factory=lambda: defaultdict(Totals))

    def add(self, outcome):
        self.statuses[outcome.status] += 1
        if outcome.status in ("rated", "zero"):
            who = outcome.account
            self.by_account[who].add(outcome)
            self.by_line[who, outcome.destination, outcome.price].add(outcome)
            self.by_day[who, outcome.day].add(outcome)


def moment(text, zone):
    """Return an aware UTC datetime; a time without offset is one of ``zone``."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Refused("bad_time") from None
    return (at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)


def digits(text):
    """Return E.164 digits of a dialled number in international form."""
    number = "".join(char for char in text if char not in " -.()")
    for sign in ("+", "00", "011"):
        if number.startswith(sign):
            number = number[len(sign) :]
            break
    usable = number.isascii() and number.isdigit() and 1 <= len(number) <= 15
    if not usable or number[0] == "0":
        raise Refused("bad_number")
    return number


def microseconds(at):
    return (at - EPOCH) // timedelta(microseconds=1)


def flag(text):
    text = str(text).lower()
    if text not in TRUE + FALSE:
        raise ValueError(f"{text!r} is neither true nor false")
    return text in TRUE


def optional(text):
    return Decimal(text) if text else None


class Deck:
    """Rates of a deck (dicts with the keys of ``voip.rate.deck.load``)."""

    def __init__(self, rows, settings):
        self.rows, self.settings = rows, settings
        rates = [self.version(number, row) for number, row in enumerate(rows)]
        self.deck = reference.Deck(
            tuple(rates),
            formula=settings.formula,
            rounding=settings.rounding,
            decimals=settings.decimals,
            duration_rounding=settings.duration_rounding,
            decides=settings.moment,
        )

    def version(self, number, row):
        """The rate of a row, known by its position."""
        begin, end = (
            microseconds(moment(text, self.settings.zone)) if text else None
            for text in (row["effective_from"], row["effective_to"])
        )
        return reference.Rate(
            number,
            row["prefix"],
            Decimal(row["price_per_minute"]),
            first_price=optional(row.get("first_price")),
            attempt_fee=Decimal(row.get("attempt_fee") or 0),
            connect_fee=Decimal(row["connect_fee"] or 0),
            min_charge=Decimal(row["min_charge"] or 0),
            initial=int(row["initial_increment"]),
            next=int(row["next_increment"]),
            effective_from=begin or 0,
            effective_to=end,
            blocked=flag(row["blocked"]),
        )

    def charge(self, number, start, answer, duration):
        """Return (row, billed seconds, amount in the deck's currency).

        :param duration: Decimal seconds, None of a call that nobody answered: free
            but for the fee of its attempt, whether priced or not
        :raise Refused: no_rate or blocked
        """
        call = reference.Call(
            number,
            microseconds(start),
            int((duration or ZERO) * 1000),
            answered=duration is not None,
            answer_us=answer and microseconds(answer),
        )
        rated = reference.rate_call(self.deck, call)
        status, position, _price, _seconds, billed, _free, amount = rated
        if status not in ("ok", "zero"):
            raise Refused(status)
        return None if position is None else self.rows[position], billed, amount


class Reference:
    """Rates a stream of records.

    :param accounts, suppliers: dicts as in the generator (trunk_code, zone, currency,
        deck; account_code)
    :param decks: {code: (rates, :class:`Settings`)}
    :param limits: :class:`Limits`
    :param company_currency: currency of the cost
    :param exchange: {day: {currency: units of it for one of the company's}}; the last
        day not after the call's local day counts
    """

    def __init__(
        self, accounts, suppliers, decks, limits, company_currency="USD", exchange=None
    ):
        self.accounts = {a["account_code"]: a for a in accounts}
        self.accounts |= {a["trunk_code"]: a for a in accounts}
        self.suppliers = {s["trunk_code"]: s for s in suppliers}
        self.decks = {code: Deck(*deck) for code, deck in decks.items()}
        self.limits = limits
        self.company_currency = company_currency
        self.exchange = sorted((exchange or {}).items(), reverse=True)
        self.seen = {}

    def rate_all(self, records):
        """Return (:class:`Report`, [:class:`Outcome`])."""
        report, outcomes = Report(), []
        for outcome in self.rate(records):
            report.add(outcome)
            outcomes.append(outcome)
        return report, outcomes

    def rate(self, records):
        """Yield one :class:`Outcome` per record."""
        for index, record in enumerate(records):
            try:
                yield self.outcome(index, record)
            except Refused as refused:
                yield Outcome(index, record.get("call_id", ""), str(refused))

    def outcome(self, index, record):
        for key in ("call_id", "called", "start"):
            if not record.get(key):
                raise Refused("missing_field")
        number = digits(record["called"])
        start, answer, duration = self.times(record)
        self.unseen(record)
        account, supplier = self.parties(record)
        day = start.astimezone(ZoneInfo(account["zone"])).date()
        call = number, start, answer, duration
        sale = self.decks[account["deck"]]
        rate, seconds, amount = sale.charge(*call)
        source = sale.settings.currency
        cost = company_cost = ZERO
        if supplier:
            bought = self.decks[supplier["deck"]]
            _rate, _billed, cost = bought.charge(*call)
            company_cost = self.convert(
                cost, bought.settings.currency, self.company_currency, day
            )
        return Outcome(
            index=index,
            call_id=record["call_id"],
            status="zero" if duration is None and not amount else "rated",
            answered=duration is not None,
            account=account["account_code"],
            day=day,
            destination=rate["destination"] if rate else "",
            price=Decimal(rate["price_per_minute"]) if rate else ZERO,
            seconds=seconds,
            amount=self.convert(amount, source, account["currency"], day),
            cost=company_cost,
            deck_amount=amount,
            deck_cost=cost,
        )

    def parties(self, record):
        """Return (account, supplier or None) by trunk, the account also by code."""
        trunk, name = record.get("trunk"), record.get("supplier_trunk")
        account = self.accounts.get(trunk or record.get("account"))
        supplier = self.suppliers.get(name)
        if (trunk and account is None) or (name and supplier is None):
            raise Refused("unknown_trunk")
        if account is None:
            raise Refused("no_account")
        return account, supplier

    def times(self, record):
        """Return (start, answer or None, answered Decimal seconds or None), all
        checked."""
        limits, zone = self.limits, self.limits.switch_zone
        given = (record.get(key) for key in ("start", "answer", "end"))
        start, answer, end = (moment(text, zone) if text else None for text in given)
        if start > limits.now + limits.tolerance:
            raise Refused("future")
        if start < limits.now - limits.max_age:
            raise Refused("too_old")
        order = [at for at in (start, answer, end) if at]
        if order != sorted(order):
            raise Refused("bad_time")
        stated = self.stated(record.get("duration"))
        answered = record.get("answered")
        answered = answer is not None if answered in (None, "") else flag(answered)
        if not answered:
            return start, answer, None
        if answer is None and "answer" in record:
            raise Refused("bad_time")
        return start, answer, self.duration(stated, answer, end)

    def stated(self, text):
        """Return the Decimal seconds of a text, or None."""
        if not text:
            return None
        try:
            seconds = Decimal(text)
        except InvalidOperation:
            raise Refused("bad_duration") from None
        if not seconds.is_finite() or seconds < 0:
            raise Refused("bad_duration")
        return seconds

    def duration(self, stated, answer, end):
        """Return the Decimal seconds of an answered call."""
        span = None
        if answer and end:
            span = Decimal((end - answer) // timedelta(microseconds=1)) / 1_000_000
        if stated is None and span is None:
            raise Refused("missing_duration")
        if None not in (stated, span) and abs(stated - span) > 1:
            raise Refused("bad_duration")
        seconds = span if stated is None else stated
        if seconds > self.limits.max_hours * 3600:
            raise Refused("bad_duration")
        return seconds.quantize(Decimal("0.001"), ROUND_HALF_UP)

    def unseen(self, record):
        """Refuse a record whose call id and leg came before."""
        key = record["call_id"], record.get("leg") or "a"
        content = {name: value for name, value in record.items() if value != ""}
        known = self.seen.setdefault(key, content)
        if known is not content:
            raise Refused("duplicate" if known == content else "conflict")

    def convert(self, amount, source, target, day):
        """Return ``amount`` in another currency at the day's rate, 6 decimals."""
        if source == target:
            return amount
        with localcontext(reference.CONTEXT):
            factor = self.factor(target, day) / self.factor(source, day)
        return reference.convert(amount, factor, 6, "half_up")

    def factor(self, currency, day):
        """Return the units of a currency for one of the company's."""
        if currency == self.company_currency:
            return Decimal(1)
        known = (rates for first, rates in self.exchange if first <= day)
        for rates in known:
            if currency in rates:
                return Decimal(rates[currency])
        raise ValueError(f"no exchange rate of {currency} on {day}")
