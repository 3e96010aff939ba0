"""One column of call records at a time: read, bounded, errors noted. No Odoo here.

``errors`` keeps the first error of each row by ``note(row, code, message)``.
"""

import json

import numpy as np

from ..engine.parse import BadValue, parse_bool, parse_decimal, parse_duration_ms, quote
from ..engine.rate import NO_TIME
from ..engine.times import parse_times_many

TEXTS = {
    "call_id": 255,
    "leg": 32,
    "caller": 128,
    "called": 128,
    "trunk": 128,
    "account": 64,
    "supplier_trunk": 128,
    "direction": 16,
    "jurisdiction": 16,
    "hangup_cause": 64,
    "lrn": 32,
}
DECIMALS = {
    "sip_code": (0, 999, 0),
    "pdd_ms": (0, 3_600_000, 0),
    "mos": (0, 5, 3),
    "packet_loss": (0, 100, 4),
    "jitter_ms": (0, 1_000_000, 3),
}
DEFAULTS = {"leg": "a", "direction": "outbound"}
FUTURE_US = 600_000_000
DAY_US = 86_400_000_000


def text_time(moment):
    """ISO 8601 text in UTC of microseconds since 1970."""
    return f"{np.datetime64(moment, 'us')}Z"


def texts(name, values, count, errors):
    default = DEFAULTS.get(name, "")
    if values is None:
        return [default] * count
    limit = TEXTS[name]
    if set(map(type, values)) <= {str}:
        joined = "".join(values)
        if (
            joined.isprintable()
            and max(map(len, values), default=0) <= limit
            and not (" " in joined and any(text != text.strip(" ") for text in values))
        ):
            return [text or default for text in values] if default else values
    return [
        _text(name, row, value, limit, errors) or default
        for row, value in enumerate(values)
    ]


def _text(name, row, value, limit, errors):
    if value is None:
        return ""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        errors.note(row, _code(name), f"{name}: {quote(value)} is not a text")
        return ""
    value = value.strip(" ")
    if not value.isprintable():
        errors.note(
            row, _code(name), f"{name}: {quote(value)} has unprintable characters"
        )
        return ""
    if len(value) > limit:
        errors.note(
            row, _code(name), f"{name}: {quote(value)} is longer than {limit}"
        )
        return ""
    return value


def _code(name):
    return {
        "called": "bad_number",
        "caller": "bad_number",
        "lrn": "bad_number",
        "trunk": "unknown_trunk",
        "supplier_trunk": "unknown_trunk",
        "account": "no_account",
    }.get(name, "missing_field")


def require(name, values, errors):
    if "" in values:
        for row, value in enumerate(values):
            if not value:
                errors.note(row, "missing_field", f"{name}: is missing")


def choose(name, values, allowed, errors):
    for wrong in set(values).difference(allowed):
        for row, value in enumerate(values):
            if value == wrong:
                options = ", ".join(filter(None, allowed))
                errors.note(
                    row,
                    "missing_field",
                    f"{name}: {quote(value)} is none of {options}",
                )


def moments(name, values, count, zone, errors):
    result = np.full(count, NO_TIME, np.int64)
    if values is None:
        return result
    given = [row for row, value in enumerate(values) if value not in (None, "")]
    if not given:
        return result
    moments, _ok, reasons = parse_times_many([values[row] for row in given], zone)
    result[given] = moments
    for index, reason in reasons.items():
        errors.note(given[index], "bad_time", f"{name}: {reason}")
        result[given[index]] = NO_TIME
    return result


def require_start(start, values, errors):
    for row in np.flatnonzero(start == NO_TIME).tolist():
        if values is None or values[row] in (None, ""):
            errors.note(row, "missing_field", "start: is missing")


def durations(values, times, count, errors):
    """Answered milliseconds: as stated, else end minus answer, else 0."""
    answer, end = times["answer"], times["end"]
    derived = np.zeros(count, np.int64)
    both = (answer != NO_TIME) & (end != NO_TIME)
    derived[both] = np.clip((end[both] - answer[both] + 999) // 1000, 0, 360_000_000)
    if values is None:
        return derived
    seen = {}
    for row, value in enumerate(values):
        if value is None or value == "":
            continue
        ms = seen.get(value) if type(value) is str else None
        if ms is None:
            try:
                ms = parse_duration_ms(value)
            except BadValue as error:
                errors.note(row, "bad_duration", f"duration: {error}")
                continue
            if type(value) is str:
                seen[value] = ms
        derived[row] = ms
    return derived


def answered(values, answer, duration, errors):
    implied = (answer != NO_TIME) | (duration > 0)
    if values is None:
        return implied
    for row, value in enumerate(values):
        if value is None or value == "":
            continue
        try:
            implied[row] = value if type(value) is bool else parse_bool(value)
        except BadValue as error:
            errors.note(row, "missing_field", f"answered: {error}")
    return implied


def check_times(times, duration, limits, errors):
    start, answer, end = times["start"], times["answer"], times["end"]
    known = start != NO_TIME

    def note(mask, code, message):
        for row in np.flatnonzero(known & mask).tolist():
            errors.note(row, code, message(row))

    note(
        start > limits.now_us + FUTURE_US,
        "future",
        lambda row: f"start: {text_time(int(start[row]))} is in the future",
    )
    note(
        start < limits.now_us - limits.max_age_days * DAY_US,
        "too_old",
        lambda row: f"start: {text_time(int(start[row]))} is older than"
        f" {limits.max_age_days} days",
    )
    note(
        (end != NO_TIME) & (end < start),
        "bad_time",
        lambda row: f"end: {text_time(int(end[row]))} is before the start",
    )
    note(
        (answer != NO_TIME) & (answer < start),
        "bad_time",
        lambda row: f"answer: {text_time(int(answer[row]))} is before the start",
    )
    note(
        (end != NO_TIME) & (answer != NO_TIME) & (end < answer),
        "bad_time",
        lambda row: f"end: {text_time(int(end[row]))} is before the answer",
    )
    note(
        duration > limits.max_hours * 3_600_000,
        "bad_duration",
        lambda row: f"duration: {duration[row] / 1000:g} s is longer than"
        f" {limits.max_hours} hours",
    )


def decimals(name, values, count, bounds, errors):
    if values is None:
        return [""] * count
    low, high, places = bounds
    seen, result = {None: "", "": ""}, []
    for row, value in enumerate(values):
        key = value if type(value) is str or value is None else (type(value), value)
        try:
            text = seen.get(key)
        except TypeError:
            text, key = None, None
        if text is None:
            try:
                number = round(parse_decimal(value, low, high), places)
                text = f"{number:f}"
            except BadValue as error:
                errors.note(row, "missing_field", f"{name}: {error}")
                text = ""
            if key is not None and text:
                seen[key] = text
        result.append(text)
    return result


def attempts(values, count, errors):
    if values is None:
        return [""] * count
    result = []
    for row, value in enumerate(values):
        text = ""
        if isinstance(value, str) and value:
            try:
                value = json.loads(value)
            except (ValueError, RecursionError):
                errors.note(row, "missing_field", "attempts: is not JSON")
                value = None
        if value:
            text = json_text(value) if isinstance(value, list) else ""
            if not text or len(text) > 20_000:
                errors.note(row, "missing_field", "attempts: is not a short list")
                text = ""
        result.append(text)
    return result


def json_text(value):
    # PostgreSQL's jsonb takes neither NUL nor lone surrogates; both are dropped.
    text = json.dumps(_clean(value), allow_nan=False, default=str)
    return text if len(text) <= 20_000 else '{"_dropped": "longer than 20000"}'


def payload_text(record):
    """A record as it came, as JSON text; what is nested too deep is cut off."""
    try:
        return json.dumps(record, default=str)
    except (ValueError, RecursionError):
        return json.dumps(_clean(record), default=str)


def _clean(value, depth=0):
    if depth > 8:
        return None
    if isinstance(value, dict):
        return {
            _clean(str(key)): _clean(item, depth + 1) for key, item in value.items()
        }
    if isinstance(value, list):
        return [_clean(item, depth + 1) for item in value]
    if isinstance(value, str):
        text = value.replace("\x00", "")
        return text.encode("utf-8", "ignore").decode()
    if isinstance(value, float) and (value != value or value in (1e999, -1e999)):
        return None
    return value
