"""One call as its provider tells it, and readers of its values."""

import json
import math
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from hashlib import sha256

# No call costs more, has more tokens or takes longer: what does is no figure.
MOST_MONEY = Decimal(10**6)
MOST_TOKENS = 10**12
MOST_SECONDS = Decimal(10**7)
LONGEST_NAME = 128
CREDITS = "credits"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class BadRecord(ValueError):
    """A record that cannot be read; the message names the field and what it holds.

    :param code: error code of the machine doors
    """

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of what the provider charged.

    :param str kind: transport, stt, llm, tts, platform, analysis or other
    :param str name: as the provider calls it
    :param amount: in the unit of the charge
    :param units: how many of ``unit`` it is for; None where it does not say
    """

    kind: str
    name: str
    amount: Decimal
    units: Decimal | None = None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """A call, or a bucket of usage.

    :param str ref: the provider's own id of it
    :param bool provisional: it will be told otherwise later, and is read again
    :param str call_ref: id of the telephone call, by which a call record is found
    :param str account: code of our account where the provider was given it
    :param tuple names: what may say whose it is, the most particular first
    :param seconds: that the provider bills; None where it does not bill time
    :param measured: seconds from start to end; None where it does not say
    :param str unit: currency code in capitals, or ``credits``
    :param charged: what the provider says that it charged; None where it does not
    :param tuple sums: (name, amount) of what should be the same by its own fields
    :param tuple parts: :class:`Part` of the charge
    :param session: as ``voip.ai.session.ingest`` takes it, without account and charge;
        None where nothing was used
    :param tuple notes: what was strange, in words
    """

    ref: str
    provisional: bool
    started_at: datetime | None
    ended_at: datetime | None
    call_ref: str
    account: str
    names: tuple
    seconds: Decimal | None
    measured: Decimal | None
    unit: str
    charged: Decimal | None
    sums: tuple
    parts: tuple
    session: dict | None
    notes: tuple = ()

    @property
    def added(self):
        """What the fields add up to: of several sums the one furthest off; or None."""
        if self.charged is None or not self.sums:
            return None
        return max((s for _n, s in self.sums), key=lambda s: abs(self.charged - s))

    @property
    def difference(self):
        """What was charged beyond the sum of the fields; None without either."""
        return None if self.added is None else self.charged - self.added


def load(text):
    """JSON with exact numbers.

    :raises BadRecord: it is none, or says NaN or Infinity
    """
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise BadRecord("bad_value", "The answer is no JSON.") from error


def _no_number(text):
    raise ValueError(text)


def dump(value):
    """JSON text, the same for the same content; numbers as they were written."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=_plain)


def _plain(value):
    if isinstance(value, Decimal):
        # A float may be another number: it goes as text and is read alike.
        return format(value, "f")
    raise TypeError(type(value).__name__)


def digest(text):
    """SHA-256 of a text in hexadecimal."""
    return sha256(text.encode()).hexdigest()


def kept(record, names):
    """The fields ``names`` of a record: transcripts and recordings stay outside."""
    return {name: record[name] for name in names if record.get(name) is not None}


def mapping(record, name):
    """The object in a field; empty where there is none."""
    value = record.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise BadRecord("bad_value", f"{name}: {shown(value)} is no object.")
    return value


def objects(record, name):
    """The objects in a list; none where there is no list."""
    value = record.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(o, dict) for o in value):
        raise BadRecord("bad_value", f"{name}: {shown(value)} is no list of objects.")
    return value


def text(record, name, required=False):
    """A short text in a field; empty where there is none."""
    value = record.get(name)
    if value is None or value == "":
        if required:
            raise BadRecord("missing_field", f"{name} is missing.")
        return ""
    if not isinstance(value, str) or not value.isprintable():
        raise BadRecord("bad_value", f"{name}: {shown(value)} is no text.")
    if len(value) > LONGEST_NAME:
        raise BadRecord("bad_value", f"{name}: at most {LONGEST_NAME} characters.")
    return value.strip()


def number(record, name, most, least=0):
    """A number as Decimal; None where there is none."""
    value = record.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise BadRecord("bad_value", f"{name}: {shown(value)} is no number.")
    try:
        found = Decimal(value) if str(value).isascii() else Decimal("NaN")
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite():
        raise BadRecord("bad_value", f"{name}: {shown(value)} is no number.")
    if not least <= found <= most:
        raise BadRecord(
            "out_of_bounds", f"{name}: {shown(value)} is not from {least} to {most}."
        )
    return found


def money(record, name):
    """An amount, which may be a credit; None where there is none."""
    return number(record, name, MOST_MONEY, -MOST_MONEY)


def tokens(record, name):
    """Whole tokens; 0 where there are none. Providers write 12.0 for 12, too."""
    found = number(record, name, MOST_TOKENS)
    if found is None:
        return 0
    if found % 1:
        raise BadRecord("bad_value", f"{name}: {shown(record[name])} tokens.")
    return int(found)


def moment(record, name):
    """A time as ISO 8601 writes it with its zone; None where there is none."""
    value = record.get(name)
    if value is None:
        return None
    try:
        found = datetime.fromisoformat(value)
        if found.tzinfo is None:
            raise ValueError(value)
        return found.astimezone(UTC)
    except (TypeError, ValueError, OverflowError) as error:
        raise BadRecord(
            "bad_time", f"{name}: {shown(value)} is no time with its zone."
        ) from error


def unix(record, name, per_second=1):
    """A time as a count since 1970, of which ``per_second`` are a second; or None."""
    found = number(record, name, 10**11 * per_second)
    return None if found is None else at_unix(found / per_second)


def at_unix(seconds):
    """The time so many seconds after 1970."""
    try:
        whole = int(seconds)
        micro = int((Decimal(seconds) - whole) * 10**6)
        return datetime.fromtimestamp(whole, UTC).replace(microsecond=micro)
    except (ValueError, OverflowError, OSError) as error:
        raise BadRecord("bad_time", f"{shown(seconds)} is no time.") from error


def between(start, end):
    """Seconds from one time to another as Decimal; None without both."""
    if start is None or end is None:
        return None
    span = end - start
    return Decimal(span.days * 86400 + span.seconds) + Decimal(
        span.microseconds
    ).scaleb(-6)


def iso(at):
    """A time as the doors take it; None without one."""
    return at and at.isoformat()


def shown(value):
    """A value as an error shows it: short, in one line."""
    words = " ".join(repr(value).split())
    return words if len(words) <= 60 else words[:57] + "..."


class Usage:
    """Units by provider, model and kind, as a session's ``parts`` name them.

    A kind of tokens includes those below it: ``input`` the cached ones.
    """

    def __init__(self):
        self._units = {}
        self._costs = {}

    def add(self, kind, units, model="", maker="", cost=None):
        """Add ``units`` of ``kind``; ``cost`` in the currency of the charge."""
        if units or cost:
            key = maker, model, kind
            self._units[key] = self._units.get(key, 0) + math.ceil(units)
            if cost is not None:
                self._costs[key] = self._costs.get(key, Decimal(0)) + cost

    def parts(self):
        """As ``voip.ai.session.ingest`` takes them."""
        return [
            {
                "kind": kind,
                "units": units,
                **({"model": model} if model else {}),
                **({"provider": maker} if maker else {}),
                **({"cost": f"{cost:f}"} if (cost := self._costs.get(key)) else {}),
            }
            for key, units in sorted(self._units.items())
            for maker, model, kind in (key,)
        ]


def _short_id(name):
    """A name of at most :data:`LONGEST_NAME` characters, and no other one's."""
    if len(name) <= LONGEST_NAME:
        return name
    return f"{name[: LONGEST_NAME - 33]}~{digest(name)[:32]}"


def session(ref, call_ref, times, usage, connected=None, tools=(), **metadata):
    """A session as the door takes it, without account and charge.

    :param tuple times: (start, end)
    :param Usage usage: what was used
    :param connected: whether the call was answered; None where it was no call
    """
    start, end = times
    found = {
        "session_id": _short_id(ref),
        "call_id": call_ref,
        "started_at": iso(start),
        "ended_at": iso(end),
        "connected": connected,
        "parts": usage.parts(),
        "tools": list(tools),
        "metadata": {k: v for k, v in metadata.items() if v not in (None, "")},
    }
    return {name: value for name, value in found.items() if value not in (None, "")}


def charge_of(told):
    """What of a charge a session carries: total, currency, and its fields by name.

    Credits are no money; a session carries none of them.
    """
    if told.charged is None or told.unit == CREDITS:
        return {}
    fields = {}
    for part in told.parts:
        fields[part.name] = fields.get(part.name, Decimal(0)) + part.amount
    return {
        "cost": f"{told.charged:f}",
        "cost_currency": told.unit,
        "cost_breakdown": {name: f"{amount:f}" for name, amount in fields.items()},
    }
