"""Usage of an OpenAI organization: ``GET /v1/organization/usage/completions``.

It comes in buckets of an hour, each with a result for a project, key and model. A
bucket is provisional until some hours after its end. ``input_tokens`` includes all
other input tokens. ``input_audio_tokens`` counts the uncached ones where the cached
ones are told apart (since 2026), else all of them.

Source: https://platform.openai.com/docs/api-reference/usage, and its published SDK.
"""

from datetime import timedelta

from .told import (
    BadRecord,
    Told,
    Usage,
    between,
    kept,
    mapping,
    session,
    text,
    tokens,
    unix,
)

# How long after its end a bucket may still grow.
SETTLES = timedelta(hours=6)
MAKER = "openai"
# What tells results of an hour apart.
NAMES = ("api_key_id", "project_id", "model", "batch", "service_tier")
KEPT = (
    *NAMES,
    "input_tokens",
    "input_cached_tokens",
    "input_audio_tokens",
    "input_cached_audio_tokens",
    "input_cache_write_tokens",
    "output_tokens",
    "output_audio_tokens",
    "num_model_requests",
)


def records(bucket):
    """The records of a bucket: one for each of its results."""
    results = bucket.get("results")
    if not isinstance(results, list):
        raise BadRecord("bad_value", "results: a bucket has a list of them.")
    times = kept(bucket, ("start_time", "end_time"))
    return [
        {**times, "result": one if isinstance(one, dict) else {}} for one in results
    ]


def prune(record):
    """What is kept of a result: no person's id."""
    times = kept(record, ("start_time", "end_time"))
    return {**times, "result": kept(mapping(record, "result"), KEPT)}


def parse(record, read_at):
    """:class:`Told` of a result of a bucket.

    :param datetime read_at: when it was read, with its zone
    :raises BadRecord: a field cannot be read
    """
    start, end = unix(record, "start_time"), unix(record, "end_time")
    if start is None or end is None:
        raise BadRecord("missing_field", "start_time and end_time are missing.")
    result = mapping(record, "result")
    names = [text(result, name) for name in ("api_key_id", "project_id")]
    model = text(result, "model") or "unknown"
    ref = ref_of(record)
    return Told(
        ref=ref,
        provisional=read_at < end + SETTLES,
        started_at=start,
        ended_at=end,
        call_ref="",
        account="",
        names=tuple(filter(None, names)),
        seconds=None,
        measured=between(start, end),
        unit="USD",
        charged=None,
        sums=(),
        parts=(),
        session=_session(ref, model, result, (start, end)),
    )


def ref_of(record):
    """Our id of a result, the same each time it is told.

    :raises BadRecord: the hour, or a name in it, cannot be read
    """
    start, result = unix(record, "start_time"), mapping(record, "result")
    if start is None:
        raise BadRecord("missing_field", "start_time is missing.")
    names = [text(result, name) for name in ("api_key_id", "project_id")]
    own = [text(result, "service_tier"), "batch" if result.get("batch") else ""]
    ref = ":".join([f"{int(start.timestamp())}", *names, *own]).rstrip(":")
    return f"{ref}:{text(result, 'model') or 'unknown'}"


def _session(ref, model, result, times):
    usage = Usage()
    for kind, count in _counts(result).items():
        usage.add(kind, count, model, MAKER)
    if not usage.parts():
        return None
    return session(
        ref,
        None,
        times,
        usage,
        requests=tokens(result, "num_model_requests"),
        batch=result.get("batch") or None,
        service_tier=text(result, "service_tier"),
    )


def _counts(result):
    """Tokens by kind; a kind includes those below it."""
    counts = {
        "input": tokens(result, "input_tokens"),
        "input.cached": tokens(result, "input_cached_tokens"),
        "input.audio": tokens(result, "input_audio_tokens"),
        "input.cache_write": tokens(result, "input_cache_write_tokens"),
        "output": tokens(result, "output_tokens"),
        "output.audio": tokens(result, "output_audio_tokens"),
    }
    if result.get("input_cached_audio_tokens") is not None:
        cached = tokens(result, "input_cached_audio_tokens")
        counts["input.cached.audio"] = cached
        counts["input.audio"] += cached
    for kind, total in (
        ("input.cached", "input"),
        ("input.audio", "input"),
        ("input.cache_write", "input"),
        ("output.audio", "output"),
        ("input.cached.audio", "input.cached"),
    ):
        if counts.get(kind, 0) > counts[total]:
            raise BadRecord(
                "bad_value",
                f"{kind}: {counts[kind]} of {counts[total]} {total} tokens.",
            )
    return {kind: count for kind, count in counts.items() if count}
