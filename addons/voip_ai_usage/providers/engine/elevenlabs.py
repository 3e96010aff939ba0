"""Conversations of ElevenLabs agents: ``GET /v1/convai/conversations/{id}``.

``metadata.charging`` tells the model's and the platform's price in US dollars, older
conversations in credits. Its models' tokens are apart: what is read from the cache and
what is written to it are not in ``input``; here they are, as for every provider.

Source: https://elevenlabs.io/docs/api-reference/conversations/get, and its published
SDK.
"""

from datetime import timedelta
from decimal import Decimal

from .told import (
    CREDITS,
    MOST_SECONDS,
    Part,
    Told,
    Usage,
    kept,
    mapping,
    money,
    number,
    objects,
    session,
    text,
    tokens,
    unix,
)

KEPT = ("conversation_id", "agent_id", "status")
KEPT_METADATA = (
    "start_time_unix_secs",
    "accepted_time_unix_secs",
    "call_duration_secs",
    "cost",
    "cost_fiat",
    "charging",
    "termination_reason",
)
KEPT_PHONE = ("call_id", "call_sid", "phone_number_id")
FINISHED = ("done", "failed")
CATEGORIES = ("input", "input_cache_read", "input_cache_write", "output_total")


def prune(conversation):
    """What is kept: no transcript, analysis or number of anyone."""
    metadata = mapping(conversation, "metadata")
    found = kept(conversation, KEPT)
    found["metadata"] = kept(metadata, KEPT_METADATA)
    if phone := kept(mapping(metadata, "phone_call"), KEPT_PHONE):
        found["metadata"]["phone_call"] = phone
    client = mapping(conversation, "conversation_initiation_client_data")
    if account := mapping(client, "dynamic_variables").get("account"):
        found["account"] = account
    if tools := _tools(conversation):
        found["tools"] = tools
    return found


def _tools(conversation):
    """Names of the tools that were called, each once."""
    turns = objects(conversation, "transcript")
    calls = [call for turn in turns for call in objects(turn, "tool_calls")]
    return sorted({name for call in calls if (name := text(call, "tool_name"))})


def parse(conversation):
    """:class:`Told` of a conversation as :func:`prune` left it.

    :raises BadRecord: a field cannot be read
    """
    ref = text(conversation, "conversation_id", required=True)
    metadata = mapping(conversation, "metadata")
    charging = mapping(metadata, "charging")
    phone = mapping(metadata, "phone_call")
    start, end, seconds = _times(metadata)
    unit, charged, sums, parts = _charge(metadata, charging)
    call_ref = text(phone, "call_id") or text(phone, "call_sid") or ref
    names = (text(conversation, "agent_id"), text(phone, "phone_number_id"))
    is_done = text(conversation, "status") in FINISHED and charged is not None
    return Told(
        ref=ref,
        provisional=not is_done,
        started_at=start,
        ended_at=end,
        call_ref=call_ref,
        account=text(conversation, "account"),
        names=tuple(filter(None, names)),
        seconds=seconds,
        measured=seconds,
        unit=unit,
        charged=charged,
        sums=sums,
        parts=parts,
        session=session(
            ref,
            call_ref,
            (start, end),
            _usage(charging, seconds, unit),
            bool(seconds),
            conversation.get("tools") or (),
            ended_reason=text(metadata, "termination_reason"),
        ),
        notes=_notes(charging),
    )


def _times(metadata):
    """(start, end, seconds); None for what it does not say."""
    start = unix(metadata, "start_time_unix_secs")
    seconds = number(metadata, "call_duration_secs", MOST_SECONDS)
    if None in (start, seconds):
        return start, None, seconds
    return start, start + timedelta(seconds=float(seconds)), seconds


def _charge(metadata, charging):
    """(unit, charged, sums, parts): in dollars, else in credits."""
    fiat = money(metadata, "cost_fiat")
    model, platform = money(charging, "llm_price"), money(charging, "platform_price")
    if fiat is not None:
        parts = _parts(
            ("llm", "llm_price", model), ("platform", "platform_price", platform)
        )
        sums = [("charging", _total(parts))] if parts else []
        used = _used(charging)
        if used and model is not None:
            told = sum((price for *_rest, price in used), Decimal(0))
            sums.append(("model_usage", told + (platform or 0)))
        return "USD", fiat, tuple(sums), parts
    call = money(charging, "platform_charge")
    if call is None:
        call = money(charging, "call_charge")
    model = money(charging, "llm_charge")
    parts = _parts(("llm", "llm_charge", model), ("platform", "call_charge", call))
    sums = (("charging", _total(parts)),) if parts else ()
    return CREDITS, money(metadata, "cost"), sums, parts


def _parts(*told):
    return tuple(Part(*one) for one in told if one[-1] is not None)


def _total(parts):
    return sum((part.amount for part in parts), Decimal(0))


def _used(charging):
    """(model, category, tokens, price) of what was generated and cannot be undone."""
    usage = mapping(mapping(charging, "llm_usage"), "irreversible_generation")
    models = mapping(usage, "model_usage")
    found = []
    for model in sorted(models):
        told = mapping(models, model)
        for category in CATEGORIES:
            one = mapping(told, category)
            if one:
                price = money(one, "price") or Decimal(0)
                found.append((model, category, tokens(one, "tokens"), price))
    return found


def _usage(charging, seconds, unit):
    """Tokens by model, with what each kind of them cost, and seconds."""
    usage = Usage()
    for model, category, count, price in _used(charging):
        cost = None if unit == CREDITS else price
        if category == "output_total":
            usage.add("output", count, model, cost=cost)
        elif category == "input_cache_read":
            usage.add("input", count, model)
            usage.add("input.cached", count, model, cost=cost)
        elif category == "input_cache_write":
            usage.add("input", count, model)
            usage.add("input.cache_write", count, model, cost=cost)
        else:
            usage.add("input", count, model, cost=cost)
    usage.add("platform", seconds or 0)
    return usage


def _notes(charging):
    notes = []
    for name, words in (
        ("free_minutes_consumed", "free minutes"),
        ("free_llm_dollars_consumed", "free dollars of models"),
    ):
        if free := money(charging, name):
            notes.append(f"{free:f} {words} were used up.")
    return tuple(notes)
