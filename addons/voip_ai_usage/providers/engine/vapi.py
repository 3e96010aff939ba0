"""Calls of Vapi: ``GET /call`` and ``GET /call/{id}``.

Amounts are US dollars, minutes have decimals. A call with its status ended and its cost
is final, unless ``usageComplete`` is false in it or in one of its parts.

Source: https://docs.vapi.ai/api-reference/calls/list, and its published SDK.
"""

from collections import Counter
from decimal import Decimal

from .told import (
    MOST_SECONDS,
    MOST_TOKENS,
    BadRecord,
    Part,
    Told,
    Usage,
    between,
    kept,
    mapping,
    moment,
    money,
    number,
    objects,
    session,
    text,
    tokens,
)

KEPT = (
    "id",
    "status",
    "type",
    "createdAt",
    "updatedAt",
    "startedAt",
    "endedAt",
    "endedReason",
    "cost",
    "costs",
    "costBreakdown",
    "usageComplete",
    "phoneCallProvider",
    "phoneCallProviderId",
    "phoneNumberId",
    "assistantId",
    "squadId",
    "workflowId",
    "campaignId",
    "metadata",
)
KINDS = {
    "transport": "transport",
    "transcriber": "stt",
    "model": "llm",
    "voice": "tts",
    "vapi": "platform",
    "analysis": "analysis",
    "knowledge-base": "analysis",
    "voicemail-detection": "analysis",
}
BREAKDOWN = {
    "transport": "transport",
    "stt": "stt",
    "llm": "llm",
    "tts": "tts",
    "vapi": "platform",
    "chat": "llm",
}
# Billed by the minute: the kind of a session's part.
TIMED = {"transcriber": "speech_to_text", "vapi": "platform"}
OF = {"transcriber": "transcriber", "voice": "voice"}
UNKNOWN = "unknown"
ANALYSES = ("summary", "structuredData", "successEvaluation", "structuredOutput")
# Vapi's minutes are rounded.
OFF_SECONDS = Decimal(1)


def prune(call):
    """What is kept of a call: no transcript, recording, prompt or number of anyone."""
    call = {**call, "metadata": _metadata(call)}
    call["costs"] = [_short(item) for item in objects(call, "costs")]
    model = mapping(mapping(call, "assistant"), "model").get("model")
    found = kept(call, KEPT)
    if model:
        found["assistant"] = {"model": {"model": model}}
    if tools := _tools(call):
        found["tools"] = tools
    return found


def _tools(call):
    """Names of the tools that were called, each once."""
    turns = objects(call, "messages")
    called = [mapping(c, "function") for t in turns for c in objects(t, "toolCalls")]
    return sorted({name for one in called if (name := text(one, "name"))})


def _short(item):
    """A part of the cost with the name of its model instead of all its settings."""
    return {
        name: kept(value, ("provider", "model")) if isinstance(value, dict) else value
        for name, value in item.items()
    }


def _metadata(call):
    """What the customer's own system gave to the call, wherever Vapi puts it."""
    over = mapping(mapping(call, "assistantOverrides"), "metadata")
    own = mapping(call, "metadata")
    account = own.get("account") or over.get("account")
    return {"account": account} if account else {}


def parse(call):
    """:class:`Told` of a call.

    :raises BadRecord: a field cannot be read
    """
    ref = text(call, "id", required=True)
    start, end = moment(call, "startedAt"), moment(call, "endedAt")
    charged = money(call, "cost")
    items = objects(call, "costs")
    breakdown = mapping(call, "costBreakdown")
    parts = [_part(item) for item in items] or _breakdown_parts(breakdown)
    seconds = _seconds(items)
    measured = between(start, end)
    call_ref = text(call, "phoneCallProviderId") or ref
    return Told(
        ref=ref,
        provisional=_is_provisional(call, items, breakdown, charged),
        started_at=start or moment(call, "createdAt"),
        ended_at=end,
        call_ref=call_ref,
        account=text(mapping(call, "metadata"), "account"),
        names=_names(call),
        seconds=seconds,
        measured=measured,
        unit="USD",
        charged=charged,
        sums=_sums(items, parts, breakdown),
        parts=tuple(parts),
        session=_session(ref, call_ref, call, items, (start, end)),
        notes=_notes(seconds, measured),
    )


def _is_provisional(call, items, breakdown, charged):
    told = [call, breakdown, *items]
    return (
        text(call, "status") != "ended"
        or charged is None
        or any(one.get("usageComplete") is False for one in told)
    )


def _names(call):
    names = ("assistantId", "squadId", "workflowId", "phoneNumberId", "campaignId")
    return tuple(filter(None, (text(call, name) for name in names)))


def _part(item):
    kind = text(item, "type", required=True)
    amount = money(item, "cost") or Decimal(0)
    for name, unit in (("minutes", "minute"), ("characters", "character")):
        if item.get(name) is not None:
            units = number(item, name, MOST_SECONDS)
            return Part(KINDS.get(kind, "other"), kind, amount, units, unit)
    if kind in ("model", "analysis", "knowledge-base", "voicemail-detection"):
        counts = _counts(item)
        units = Decimal(counts.get("input", 0) + counts.get("output", 0))
        name = f"{kind} {_model(item) or UNKNOWN}"
        return Part(KINDS[kind], name, amount, units, "token")
    return Part(KINDS.get(kind, "other"), kind, amount)


def _breakdown_parts(breakdown):
    parts = [
        Part(kind, name, money(breakdown, name))
        for name, kind in BREAKDOWN.items()
        if breakdown.get(name) is not None
    ]
    analysis = mapping(breakdown, "analysisCostBreakdown")
    parts += [
        Part("analysis", name, money(analysis, name))
        for name in ANALYSES
        if analysis.get(name) is not None
    ]
    return parts


def _sums(items, parts, breakdown):
    sums = []
    if parts:
        name = "costs" if items else "costBreakdown"
        sums.append((name, sum((p.amount for p in parts), Decimal(0))))
    if items and (broken := _breakdown_parts(breakdown)):
        sums.append(("costBreakdown", sum((p.amount for p in broken), Decimal(0))))
    total = money(breakdown, "total")
    return tuple(sums if total is None else [*sums, ("costBreakdown.total", total)])


def _seconds(items):
    """Seconds that Vapi's own fee is for: its minutes have decimals."""
    minutes = [
        number(item, "minutes", MOST_SECONDS)
        for item in items
        if item.get("type") == "vapi" and item.get("minutes") is not None
    ]
    return sum(minutes, Decimal(0)) * 60 if minutes else None


def _notes(seconds, measured):
    if None in (seconds, measured) or abs(seconds - measured) <= OFF_SECONDS:
        return ()
    return (f"{seconds:f} seconds are billed, the call took {measured:f}.",)


def _session(ref, call_ref, call, items, times):
    usage = Usage()
    for item in items:
        _use(usage, item)
    if not usage.parts():
        model = text(mapping(mapping(call, "assistant"), "model"), "model") or UNKNOWN
        for kind, count in _breakdown_counts(mapping(call, "costBreakdown")).items():
            usage.add(kind, count, model)
    return session(
        ref,
        call_ref,
        times,
        usage,
        bool(between(*times)),
        call.get("tools") or (),
        ended_reason=text(call, "endedReason"),
    )


def _use(usage, item):
    """Add what a part of the cost counts."""
    if kind := TIMED.get(item.get("type")):
        minutes = number(item, "minutes", MOST_SECONDS) or 0
        usage.add(kind, minutes * 60, _model(item), _maker(item))
    elif item.get("type") == "voice":
        characters = number(item, "characters", MOST_TOKENS) or 0
        usage.add("text_to_speech", characters, _model(item), _maker(item))
    else:
        for kind, count in _counts(item).items():
            usage.add(kind, count, _model(item) or UNKNOWN, _maker(item))


def _counts(item):
    """Tokens of a part of the cost by kind; cached ones are among the prompt's."""
    kind = item.get("type")
    if kind == "voicemail-detection":
        audio_in, audio_out = (
            tokens(item, "promptAudioTokens"),
            tokens(item, "completionAudioTokens"),
        )
        counts = {
            "input": tokens(item, "promptTextTokens") + audio_in,
            "input.audio": audio_in,
            "output": tokens(item, "completionTextTokens") + audio_out,
            "output.audio": audio_out,
        }
    elif kind in ("model", "analysis", "knowledge-base"):
        counts = _prompt(item, "promptTokens", "completionTokens", "cachedPromptTokens")
    else:
        return {}
    return {kind: count for kind, count in counts.items() if count}


def _prompt(record, prompt, completion, cached):
    counts = {
        "input": tokens(record, prompt),
        "input.cached": tokens(record, cached),
        "output": tokens(record, completion),
    }
    if counts["input.cached"] > counts["input"]:
        raise BadRecord(
            "bad_value",
            f"{cached}: {counts['input.cached']} of {counts['input']} tokens.",
        )
    return counts


def _breakdown_counts(breakdown):
    names = ("llmPromptTokens", "llmCompletionTokens", "llmCachedPromptTokens")
    total = Counter(_prompt(breakdown, *names))
    analysis = mapping(breakdown, "analysisCostBreakdown")
    for name in ANALYSES:
        what = (f"{name}{x}Tokens" for x in ("Prompt", "Completion", "CachedPrompt"))
        total.update(_prompt(analysis, *what))
    return total


def _settings(item):
    """Settings of the model, transcriber or voice that a part of the cost is of."""
    name = OF.get(item.get("type"), "model")
    return (
        {"model": item[name]}
        if isinstance(item.get(name), str)
        else mapping(item, name)
    )


def _model(item):
    return text(_settings(item), "model")


def _maker(item):
    return text(_settings(item), "provider")
