"""Strict reading of the rates that files and interfaces bring."""

import re
from datetime import datetime, timedelta
from decimal import Decimal

from ..engine.money import NONE, to_scaled, to_text
from ..engine.parse import BadValue, parse_bool, parse_int, quote
from ..engine.seconds import INCREMENT_LIMIT
from ..engine.times import BadTime, parse_time, read_time, text_utc

GRACE_LIMIT = 3600
LABEL_LIMIT = 200
ALWAYS = "1970-01-01 00:00:00"
CHARGES = ("connect_fee", "min_charge", "max_charge", "attempt_fee")
# Prices per minute that stand for the price per minute where there are none.
OPTIONAL = ("price_intra", "price_local", "price_indeterminate", "first_price")
PRICES = ("price_per_minute", *OPTIONAL, *CHARGES)
DATES = ("effective_from", "effective_to")
FIELDS = frozenset(
    (
        "prefix",
        "origin_prefix",
        "destination",
        *PRICES,
        "initial_increment",
        "next_increment",
        "grace_seconds",
        "blocked",
        "payback",
        "service",
        *DATES,
    )
)
_PREFIX = re.compile(r"\+?([1-9][0-9]{0,14})")
# Below the limit of prices, and with no more decimals than they may have.
_PLAIN_PRICE = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,8})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_FRACTION = re.compile(r"[.,][0-9]*[1-9]")
_EPOCH = datetime(1970, 1, 1)
_ANY_DAY = "2000-01-01"
_MOST_LABELS = 50_000


def refused_charges(connect_fee, min_charge, max_charge, attempt_fee, payback):
    """Why these charges of a rate contradict each other, or an empty text."""
    if 0 < max_charge < min_charge:
        return "max_charge is below min_charge"
    if 0 < max_charge < connect_fee:
        return "max_charge is below connect_fee"
    if payback and (connect_fee or min_charge or attempt_fee):
        return (
            "a payback rate pays the customer by the minute: it has no connect_fee,"
            " no min_charge and no attempt_fee"
        )
    return ""


class BadRow(Exception):
    """A row that was refused: error code and reason."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


def _read(code, key, reader, *args, **options):
    try:
        return reader(*args, **options)
    except BadValue as error:
        raise BadRow(code, f"{key}: {error}") from error


def is_plain_price(text):
    """Whether a text is a price as COPY takes it, which no reader has to look at."""
    return _PLAIN_PRICE.fullmatch(text) is not None


def _absent(row, key):
    value = row.get(key)
    return value is None or value is False or value == ""


class RateReader:
    """Reads rows for one deck into the columns of the stage.

    :param tz: zone of times that state none
    :param initial, following: increments of rows that state none, seconds
    :param starts: UTC text, begin of rows that state none
    :param services: {code: id}
    """

    def __init__(self, tz, initial, following, starts, services):
        self.tz = tz
        self.initial = initial
        self.following = following
        self.starts = starts
        self.services = services
        self._prices = {}
        self._times = {}
        self._labels = {}

    def values(self, row):
        """Return the values of the stage, without index, as COPY texts.

        :raise BadRow: with the first reason
        """
        if not isinstance(row, dict):
            raise BadRow("missing_field", "a rate must be an object of named values")
        if unknown := row.keys() - FIELDS:
            names = ", ".join(quote(name) for name in sorted(unknown, key=str)[:5])
            raise BadRow("bad_value", f"{names}: a rate has no such field")
        blocked = self._flag(row, "blocked")
        if _absent(row, "price_per_minute") and not blocked:
            raise BadRow("missing_field", "price_per_minute is missing")
        prefix = self._prefix(row, "prefix")
        if not prefix:
            raise BadRow("missing_field", "prefix is missing")
        payback = self._flag(row, "payback")
        return (
            prefix,
            self._prefix(row, "origin_prefix"),
            self._label(row),
            self._price(row, "price_per_minute"),
            *(self._price(row, name, NONE) for name in OPTIONAL),
            *self._charges(row, payback),
            self._seconds(row, "initial_increment", self.initial, 1, INCREMENT_LIMIT),
            self._seconds(row, "next_increment", self.following, 1, INCREMENT_LIMIT),
            self._seconds(row, "grace_seconds", 0, 0, GRACE_LIMIT),
            "t" if blocked else "f",
            "t" if payback else "f",
            self._service(row),
            self._time(row, "effective_from") or self.starts,
            self._time(row, "effective_to") or "\\N",
        )

    def _prefix(self, row, key):
        if _absent(row, key):
            return ""
        value = row[key]
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        found = _PREFIX.fullmatch(value.strip(" ")) if isinstance(value, str) else None
        if not found:
            raise BadRow(
                "bad_number",
                f"{key}: {quote(value)} is not 1 to 15 digits beginning with 1 to 9",
            )
        return found[1]

    def _label(self, row):
        if _absent(row, "destination"):
            return "\\N"
        value = row["destination"]
        if not isinstance(value, str) or len(value) > LABEL_LIMIT:
            raise BadRow("bad_value", f"destination: {quote(value)} is not a name")
        if not value.isprintable():
            raise BadRow(
                "bad_value", f"destination: {quote(value)} has unprintable characters"
            )
        return value.strip().replace("\\", "\\\\")

    def _price(self, row, key, default=0):
        if _absent(row, key):
            return str(default)
        value = row[key]
        remember = type(value) is str
        if remember and is_plain_price(value):
            return value
        text = self._prices.get(value) if remember else None
        if text is None:
            scaled = _read("bad_price", key, to_scaled, value)
            text = to_text([scaled])[0]
            if remember:
                self._prices[value] = text
        return text

    def _charges(self, row, payback):
        """Connect fee, minimum and maximum charge, fee of the attempt."""
        charges = [self._price(row, name) for name in CHARGES]
        if why := refused_charges(*map(Decimal, charges), payback):
            raise BadRow("bad_price", why)
        return charges

    def _seconds(self, row, key, default, low, high):
        if _absent(row, key):
            return str(default)
        return str(_read("bad_duration", key, parse_int, row[key], low, high))

    def _flag(self, row, key):
        if _absent(row, key):
            return False
        return _read("bad_value", key, parse_bool, row[key])

    def _service(self, row):
        if _absent(row, "service"):
            return "\\N"
        service = self.services.get(row["service"]) if _is_text(row["service"]) else 0
        if not service:
            raise BadRow("bad_value", f"service: {quote(row['service'])} is not known")
        return str(service)

    def label_and_price(self, label, price):
        """COPY texts of a name and a price per minute, for a row like another one.

        :raise BadRow: they are none
        """
        text = self._labels.get(label)
        if text is None:
            text = self._label({"destination": label})
            if len(self._labels) < _MOST_LABELS:
                self._labels[label] = text
        if type(price) is not str or not is_plain_price(price):
            price = self._price({"price_per_minute": price}, "price_per_minute")
        return text, price

    def moment(self, text):
        """UTC text of a moment; without a text the begin of rows that state none.

        :raise BadRow: no moment in whole seconds
        """
        return self._time({"effective_from": text}, "effective_from") or self.starts

    def _time(self, row, key):
        """Return UTC text in whole seconds; a date alone means its first moment."""
        if _absent(row, key):
            return None
        value = row[key]
        if _is_text(value):
            known = self._times.get(value)
            if known is None:
                known = self._times[value] = self._moment(key, value.strip(" "))
            return known
        return self._moment(key, value)

    def _microseconds(self, value):
        """A date alone is its first moment, whatever the clocks do then.

        :raises BadTime: the clocks skip the time, or it comes twice
        """
        if _is_text(value) and _DATE.fullmatch(value):
            return parse_time(f"{value}T00:00:00", self.tz)
        moment, shift = read_time(value, self.tz)
        if shift:
            both = f"{text_utc(moment)} or {text_utc(moment + shift)}"
            raise BadTime(f"{quote(value)} comes twice in {self.tz}: say which, {both}")
        return moment

    def _moment(self, key, value):
        given = value
        always = _is_text(value) and value.startswith(ALWAYS[:10])
        if always:
            # A day that every zone can tell, to read the rest of the text.
            value = value.replace(ALWAYS[:10], _ANY_DAY, 1)
        try:
            seconds, rest = divmod(self._microseconds(value), 1_000_000)
        except BadValue as error:
            why = f"{quote(given)} is not a time" if always else error
            raise BadRow("bad_time", f"{key}: {why}") from error
        if rest or (_is_text(value) and _FRACTION.search(value)):
            raise BadRow("bad_time", f"{key}: {quote(given)} is not a whole second")
        return ALWAYS if always else str(_EPOCH + timedelta(seconds=seconds))


def _is_text(value):
    return isinstance(value, str)
