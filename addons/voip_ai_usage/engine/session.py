"""One AI session as it was sent, to exact values. No clock, no database."""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from hashlib import blake2b
from math import ceil

import numpy as np

from odoo.addons.voip_billing_base.engine.given import (
    NUMBER,
    BadGiven,
    metadata_text,
    shown,
)

from .kinds import KINDS, MOST_UNITS, SENT, TOKENS, contradiction, split

# Characters at most; what is longer names nothing.
LIMITS = {
    "session_id": 128,
    "account": 64,
    "call_id": 256,
    "model": 128,
    "provider": 64,
    "cost_currency": 3,
}
SHORT = {
    "prompt_tokens": "input",
    "completion_tokens": "output",
    "cached_tokens": "input.cached",
    "reasoning_tokens": "output.reasoning",
}
KNOWN = {
    *LIMITS, *SHORT, "tokens", "parts", "tools", "started_at", "ended_at", "seconds",
    "connected", "cost", "cost_breakdown", "revision", "metadata",
}  # fmt: skip
FUTURE = timedelta(minutes=10)
OLDEST = timedelta(days=400)
MOST_SECONDS = 360_000  # 100 hours, as of calls
MOST_COST = 10**6
MOST_PARTS = 64
MOST_METADATA = 16_384  # bytes, as JSON
MOST_REVISION = 10**6
_UNIT = Decimal("0.00000001")


class BadSession(BadGiven):
    """A session that was refused; the message is for its sender."""


@dataclass(frozen=True, slots=True)
class Part:
    """Units of a kind, as totals where kinds hold each other.

    ``cost`` is what the provider charged for it (decimal text), "" where it did not
    say.
    """

    provider: str
    model: str
    kind: str
    units: int
    cost: str = ""


@dataclass(frozen=True, slots=True)
class Session:
    """``started_at`` is UTC without zone; ``seconds`` and ``connected`` are None where
    they were not said. ``parts`` holds leaves only, none of them 0 units without a
    cost. ``digest`` (32 hex digits) is the same for the same content, whatever its
    revision."""

    session_id: str
    revision: int
    account: str
    call_id: str
    started_at: datetime
    seconds: int | None
    connected: bool | None
    tools: int
    parts: tuple
    cost: str
    cost_parts: str
    cost_currency: str
    metadata: str
    digest: str

    @property
    def parts_json(self):
        return json.dumps([asdict(part) for part in self.parts], ensure_ascii=False)


def read_session(given, now, zone=UTC):
    """The :class:`Session` of a JSON object.

    :param dict given: fields as ``docs/ai.md`` names them; others join its metadata
    :param datetime now: UTC without zone
    :param zone: of times that say none
    :raises BadSession: naming the field, what it holds and what it should
    """
    if not isinstance(given, dict):
        raise BadSession("bad_value", "A session is an object with its fields.")
    for name in ("session_id", "account", "started_at"):
        if given.get(name) in (None, ""):
            raise BadSession("missing_field", f"{name} is missing.")
    texts = {name: _text(name, given.get(name)) for name in LIMITS}
    started = _time("started_at", given["started_at"], now, zone)
    parts = _parts(given, texts)
    values = {
        "account": texts["account"],
        "call_id": texts["call_id"],
        "started_at": started,
        "seconds": _seconds(given, started, now, zone),
        "connected": _flag("connected", given.get("connected")),
        "tools": sum(part.units for part in parts if part.kind == "tool"),
        "parts": parts,
        **_costs(given, texts, parts),
        "metadata": _metadata(given),
    }
    content = [str(value) for value in values.values()]
    digest = blake2b(json.dumps(content).encode(), digest_size=16).hexdigest()
    revision = _whole("revision", given.get("revision") or 0, MOST_REVISION)
    return Session(texts["session_id"], revision, **values, digest=digest)


def _parts(given, texts):
    """The :class:`Part` of every leaf, in the order of models and kinds."""
    totals, others = {}, {}
    own = (texts["provider"], texts["model"])
    for kind, units in _own_tokens(given).items():
        totals.setdefault(own, {})[kind] = units, ""
    if tools := _tools(given.get("tools")):
        others[texts["provider"], "", "tool"] = tools, ""
    listed = given.get("parts") or []
    if not isinstance(listed, list) or len(listed) > MOST_PARTS:
        raise BadSession(
            "bad_value", f"parts: must be a list of at most {MOST_PARTS} objects."
        )
    for number, one in enumerate(listed):
        (provider, model, kind), units, cost = _part(f"parts[{number}]", one, texts)
        known = totals.setdefault((provider, model), {}) if kind in TOKENS else others
        key = kind if kind in TOKENS else (provider, model, kind)
        if key in known:
            raise BadSession("bad_value", f"parts[{number}]: {kind} is there twice.")
        known[key] = units, cost
    found = [
        Part(*own, TOKENS[code], units, cost)
        for own, kinds in totals.items()
        for code, units, cost in _leaves(own, kinds)
    ]
    found += [Part(*key, units, cost) for key, (units, cost) in others.items()]
    found.sort(key=lambda p: (p.provider, p.model, KINDS.index(p.kind)))
    return tuple(found)


def _own_tokens(given):
    tokens = given.get("tokens") or {}
    if not isinstance(tokens, dict):
        raise BadSession("bad_value", "tokens: must be an object {kind: number}.")
    found = {}
    for kind, units in tokens.items():
        if kind not in TOKENS:
            raise BadSession(
                "bad_value",
                f"tokens: {shown(kind)} is no kind; known are {', '.join(TOKENS)}.",
            )
        found[kind] = _whole(f"tokens.{kind}", units, MOST_UNITS)
    for name, kind in SHORT.items():
        if given.get(name) is not None:
            units = _whole(name, given[name], MOST_UNITS)
            if found.setdefault(kind, units) != units:
                raise BadSession(
                    "bad_value", f"{name}: {units}, but tokens.{kind}: {found[kind]}."
                )
    if found and not given.get("model"):
        raise BadSession("missing_field", "model is missing: tokens are of a model.")
    return found


def _part(where, one, texts):
    if not isinstance(one, dict) or one.get("kind") not in SENT:
        raise BadSession(
            "bad_value", f"{where}: kind must be one of {', '.join(SENT)}."
        )
    if further := one.keys() - {"kind", "units", "model", "provider", "cost"}:
        name = min(map(str, further))
        raise BadSession("bad_value", f"{where}: {shown(name)} is no field of a part.")
    kind = one["kind"]
    provider = _text("provider", one.get("provider")) or texts["provider"]
    model = _text("model", one.get("model")) or (
        texts["model"] if kind in TOKENS else ""
    )
    if kind in TOKENS and not model:
        raise BadSession("missing_field", f"{where}: model is missing.")
    cost = _money(f"{where}.cost", one.get("cost"))
    units = one.get("units")
    if not (cost and units is None):
        units = _whole(f"{where}.units", units, MOST_UNITS)
    return (provider, model, kind), units or 0, cost


def _leaves(own, kinds):
    """[(code, units, cost)] of one model's totals that are not nothing."""
    totals = np.zeros((1, len(TOKENS)), np.int64)
    for kind, (units, _cost) in kinds.items():
        totals[0, TOKENS.index(kind)] = units
    leaves = split(totals)
    if why := contradiction(totals[0], leaves[0]):
        raise BadSession("bad_tokens", f"tokens of {own[1]}: {why}.")
    for code, units in enumerate(leaves[0].tolist()):
        cost = kinds.get(TOKENS[code], (0, ""))[1]
        if units or cost:
            yield code, units, cost


def _tools(value):
    if value is None or value == "":
        return 0
    if isinstance(value, list):
        return len(value)
    return _whole("tools", value, 10**6)


def _seconds(given, started, now, zone):
    """Whole seconds, rounded up; None where nothing says them."""
    if given.get("seconds") not in (None, ""):
        number = _number("seconds", given["seconds"], "bad_duration")
        if not 0 <= number <= MOST_SECONDS:
            raise BadSession(
                "bad_duration",
                f"seconds: {shown(given['seconds'])} is not 0 to {MOST_SECONDS:,}.",
            )
        return ceil(number)
    if given.get("ended_at") in (None, ""):
        return None
    ended = _time("ended_at", given["ended_at"], now, zone)
    seconds = (ended - started).total_seconds()
    if not 0 <= seconds <= MOST_SECONDS:
        raise BadSession(
            "bad_duration", "ended_at: is before started_at, or 100 hours after it."
        )
    return ceil(seconds)


def _costs(given, texts, parts):
    """What the provider charged in all, and what its own fields come to."""
    total = _money("cost", given.get("cost"))
    fields = given.get("cost_breakdown") or {}
    if not isinstance(fields, dict):
        raise BadSession("bad_value", "cost_breakdown: must be an object.")
    named = [_money(f"cost_breakdown.{n}", v) for n, v in sorted(fields.items())]
    named = [one for one in named if one]
    told = total or named or any(part.cost for part in parts)
    currency = texts["cost_currency"].upper()
    if told and not currency:
        raise BadSession("missing_field", "cost_currency is missing: a cost is given.")
    return {
        "cost": total,
        "cost_parts": str(sum(map(Decimal, named))) if named else "",
        "cost_currency": currency if told else "",
    }


def _text(name, value):
    if value is None:
        return ""
    if not isinstance(value, str) or not value.isprintable() or value != value.strip():
        raise BadSession(
            "bad_value", f"{name}: {shown(value)} is no text without outer spaces."
        )
    if len(value) > LIMITS[name]:
        raise BadSession("bad_value", f"{name}: at most {LIMITS[name]} characters.")
    return value


def _flag(name, value):
    if value is None or isinstance(value, bool):
        return value
    raise BadSession("bad_value", f"{name}: {shown(value)} is neither true nor false.")


def _number(name, value, code):
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise BadSession(code, f"{name}: {shown(value)} is no number.")
    if not NUMBER.fullmatch(str(value)):
        raise BadSession(code, f"{name}: {shown(value)} is no number.")
    number = Decimal(str(value))
    if not number.is_finite() or abs(number.adjusted()) > 30:
        raise BadSession(code, f"{name}: {shown(value)} is no number.")
    return number


def _whole(name, value, most):
    if value is None or value == "":
        raise BadSession("missing_field", f"{name} is missing.")
    number = _number(name, value, "bad_value")
    if not 0 <= number <= most or number % 1:
        raise BadSession(
            "bad_value", f"{name}: {shown(value)} is no whole number, 0 to {most:,}."
        )
    return int(number)


def _money(name, value):
    """Decimal text with 8 decimals, "" where there is none; a credit is negative."""
    if value is None or value == "":
        return ""
    number = _number(name, value, "bad_value")
    if abs(number) > MOST_COST:
        raise BadSession(
            "bad_value",
            f"{name}: {shown(value)} is not -{MOST_COST:,} to {MOST_COST:,}.",
        )
    return f"{number.quantize(_UNIT, ROUND_HALF_UP):f}"


def _time(name, value, now, zone):
    try:
        at = datetime.fromisoformat(value)
        if at.tzinfo is None:
            at = at.replace(tzinfo=zone)
        at = at.astimezone(UTC).replace(tzinfo=None)
    except (TypeError, ValueError, OverflowError) as error:
        raise BadSession(
            "bad_time",
            f"{name}: {shown(value)} is no time as ISO 8601 writes it"
            " (2026-03-01T12:00:00Z).",
        ) from error
    if at > now + FUTURE:
        raise BadSession("future", f"{name}: {shown(value)} is in the future.")
    if at < now - OLDEST:
        raise BadSession(
            "too_old", f"{name}: {shown(value)} is over {OLDEST.days} days ago."
        )
    return at


def _metadata(given):
    """JSON text of ``metadata``, of names of tools, and of keys that nobody knows."""
    metadata = given.get("metadata") or {}
    further = {k: v for k, v in given.items() if k not in KNOWN}
    if isinstance(given.get("tools"), list) and given["tools"]:
        further["tools"] = given["tools"]
    if given.get("cost_breakdown"):
        further["cost_breakdown"] = given["cost_breakdown"]
    return metadata_text(metadata, further, "session", MOST_METADATA, BadSession, str)
