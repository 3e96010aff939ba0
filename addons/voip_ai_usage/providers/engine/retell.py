"""Calls of Retell: ``POST /v3/list-calls`` and ``GET /v2/get-call/{call_id}``.

Amounts are cents of a US dollar, prices are for a second. A call is billed by its
duration, at least 10 seconds where the agent speaks first, and the model's price is
scaled where a request has more than 3,500 tokens on average.

Source: https://docs.retellai.com/api-references/get-call and
https://docs.retellai.com/accounts/billing-exceptions, and its published SDK.
"""

import math
from decimal import Decimal

from .told import (
    MOST_MONEY,
    MOST_SECONDS,
    MOST_TOKENS,
    BadRecord,
    Part,
    Told,
    Usage,
    between,
    kept,
    mapping,
    money,
    number,
    objects,
    session,
    shown,
    text,
    tokens,
    unix,
)

KEPT = (
    "call_id",
    "call_type",
    "call_status",
    "agent_id",
    "direction",
    "start_timestamp",
    "end_timestamp",
    "duration_ms",
    "disconnection_reason",
    "call_cost",
    "llm_token_usage",
    "telephony_identifier",
)
LIVE = ("registered", "ongoing")
LONG_PROMPT = Decimal(3500)
MINIMUM_SECONDS = Decimal(10)
CENT = Decimal("0.01")
# Words in a product's name: what it is. The first that fits counts.
KINDS = (
    ("surcharge", "surcharge"),
    ("tts", "tts"),
    ("elevenlabs", "tts"),
    ("cartesia", "tts"),
    ("playht", "tts"),
    ("telephony", "transport"),
    ("twilio", "transport"),
    ("telnyx", "transport"),
    ("sip", "transport"),
    ("asr", "stt"),
    ("deepgram", "stt"),
    ("transcri", "stt"),
    ("analysis", "analysis"),
    ("knowledge", "analysis"),
    ("gpt", "llm"),
    ("claude", "llm"),
    ("gemini", "llm"),
    ("llm", "llm"),
    ("llama", "llm"),
)


def prune(call):
    """What is kept of a call: no transcript, recording or number of anyone."""
    found = kept(call, KEPT)
    if account := mapping(call, "metadata").get("account"):
        found["metadata"] = {"account": account}
    turns = objects(call, "transcript_with_tool_calls")
    called = [turn for turn in turns if turn.get("role") == "tool_call_invocation"]
    if tools := sorted({name for turn in called if (name := text(turn, "name"))}):
        found["tools"] = tools
    return found


def parse(call):
    """:class:`Told` of a call.

    :raises BadRecord: a field cannot be read
    """
    ref = text(call, "call_id", required=True)
    start, end = (unix(call, f"{n}_timestamp", 1000) for n in ("start", "end"))
    cost = mapping(call, "call_cost")
    products = [_product(one) for one in objects(cost, "product_costs")]
    combined = money(cost, "combined_cost")
    seconds = number(cost, "total_duration_seconds", MOST_SECONDS)
    usage = mapping(call, "llm_token_usage")
    measured = _measured(call, start, end)
    call_ref = text(mapping(call, "telephony_identifier"), "twilio_call_sid") or ref
    return Told(
        ref=ref,
        provisional=text(call, "call_status") in LIVE or combined is None,
        started_at=start,
        ended_at=end,
        call_ref=call_ref,
        account=text(mapping(call, "metadata"), "account"),
        names=tuple(filter(None, (text(call, "agent_id"),))),
        seconds=seconds,
        measured=measured,
        unit="USD",
        charged=None if combined is None else combined * CENT,
        sums=_sums(products, seconds, _factor(usage)),
        parts=tuple(_part(product, seconds) for product in products),
        session=session(
            ref,
            call_ref,
            (start, end),
            _used(products, usage, seconds),
            _is_connected(call, start, end),
            call.get("tools") or (),
            ended_reason=text(call, "disconnection_reason"),
            requests=_requests(usage) and len(_requests(usage)),
        ),
        notes=_notes(seconds, measured, _factor(usage)),
    )


def _measured(call, start, end):
    duration = number(call, "duration_ms", MOST_SECONDS * 1000)
    return between(start, end) if duration is None else duration / 1000


def _product(one):
    """(kind, name, cents, cents a second or None)."""
    name = text(one, "product", required=True)
    low = name.lower()
    kind = next((kind for word, kind in KINDS if word in low), "platform")
    cents = number(one, "cost", MOST_MONEY, -MOST_MONEY) or Decimal(0)
    return kind, name, cents, number(one, "unit_price", MOST_MONEY)


def _part(product, seconds):
    kind, name, cents, price = product
    kind = "llm" if kind == "surcharge" else kind
    units = seconds if price is not None else None
    return Part(kind, name, cents * CENT, units, "second" if units is not None else "")


def _factor(usage):
    """By how much a long prompt makes the model dearer; 1 for a short one."""
    average = number(usage, "average", MOST_TOKENS)
    return max(Decimal(1), (average or Decimal(0)) / LONG_PROMPT)


def _sums(products, seconds, factor):
    """What the products add up to, and what their prices for the seconds make."""
    if not products:
        return ()
    sums = [("product_costs", sum((p[2] for p in products), Decimal(0)) * CENT)]
    if seconds is not None and any(price is not None for *_rest, price in products):
        sums.append(("unit_price", _by_price(products, seconds, factor) * CENT))
    return tuple(sums)


def _by_price(products, seconds, factor):
    """Cents by price and duration; what has no price is taken as it stands.

    A long prompt lengthens what the model is billed for, rounded up to seconds: as a
    product of its own, or in the model's.
    """
    long = Decimal(math.ceil(seconds * factor)) if factor > 1 else seconds
    own = any(kind == "surcharge" for kind, *_rest in products)
    model = sum((p[3] or 0) for p in products if p[0] == "llm")
    total = Decimal(0)
    for kind, _name, cents, price in products:
        if kind == "surcharge":
            # Without a price of the model there is nothing to check it by.
            total += model * (long - seconds) if model else cents
        elif price is None:
            total += cents
        elif kind == "llm" and not own:
            total += price * long
        else:
            total += price * seconds
    return total


def _notes(seconds, measured, factor):
    notes = []
    if factor > 1:
        notes.append(f"Long prompts: the model's price counts {factor:.4f} times.")
    if None not in (seconds, measured) and abs(seconds - measured) >= 1:
        least = measured < MINIMUM_SECONDS and seconds == MINIMUM_SECONDS
        why = "are the least that is billed" if least else "are billed"
        notes.append(f"{seconds:f} seconds {why}, the call took {measured:f}.")
    return tuple(notes)


def _is_connected(call, start, end):
    reason = text(call, "disconnection_reason")
    if text(call, "call_status") == "not_connected" or reason.startswith("dial_"):
        return False
    return bool(between(start, end))


def _used(products, usage, seconds):
    """Tokens, which Retell tells for each request, not by direction, and seconds."""
    used = Usage()
    model = next((name for kind, name, *_rest in products if kind == "llm"), "unknown")
    used.add("input", sum(_requests(usage)), model)
    used.add("platform", seconds or 0)
    return used


def _requests(usage):
    """Whole tokens of each request to the model."""
    values = usage.get("values")
    if values is None:
        return []
    if not isinstance(values, list):
        raise BadRecord("bad_value", f"values: {shown(values)} is no list.")
    return [tokens({"values": value}, "values") for value in values]
