"""One column of call records at a time: read, bounded, errors noted. No Odoo here.

A column comes as an Arrow array of strings, from a file, or as a list of what JSON can
hold. ``errors`` keeps the first error of each row by ``note(row, code, message)``.
"""

import json
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from odoo.addons.voip_billing_base.engine.copy_lines import characters, picked

from ..engine.parse import BadValue, quote
from ..engine.rate import NO_TIME
from ..engine.times import NEVER, is_never, parse_local, parse_times_many, parse_utc
from .limits import MAX_LEVELS, list_text

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
DEFAULTS = {"leg": "a", "direction": "outbound"}
LOCAL = len("2026-10-01 10:00:00")
FUTURE_US = 600_000_000
DAY_US = 86_400_000_000
HOUR_US = 3_600_000_000


def text_time(moment):
    """ISO 8601 text in UTC of microseconds since 1970."""
    return f"{np.datetime64(moment, 'us')}Z"


def as_strings(values):
    """A list of texts and ``None`` as an Arrow array, else None."""
    if isinstance(values, pa.Array):
        return values
    if not set(map(type, values)) <= {str, type(None)}:
        return None
    try:
        return pc.fill_null(pa.array(values, pa.string()), "")
    except UnicodeEncodeError:
        return None


def repeated(text, count):
    return pa.repeat(pa.scalar(text, pa.string()), count)


def rows_where(mask):
    """Row numbers (int64) where an Arrow bool array is true."""
    return np.flatnonzero(mask.to_numpy(zero_copy_only=False))


def texts(name, values, count, errors):
    """Stripped printable texts of bounded length; what is refused becomes empty."""
    default = DEFAULTS.get(name, "")
    if values is None:
        return repeated(default, count)
    limit = TEXTS[name]
    array = as_strings(values)
    if array is None:
        rows = enumerate(values)
        read = [_text(name, row, value, limit, errors) for row, value in rows]
        array = pa.array(read, pa.string())
    else:
        array = _bounded(name, pc.ascii_trim(array, " "), limit, errors)
    return pc.if_else(pc.equal(array, ""), default, array) if default else array


def _bounded(name, array, limit, errors):
    plain = pc.and_(
        pc.ascii_is_printable(array), pc.less_equal(pc.binary_length(array), limit)
    )
    doubtful = rows_where(pc.invert(plain)).tolist()
    if not doubtful:
        return array
    values = array.to_pylist()
    for row in doubtful:
        values[row] = _text(name, row, values[row], limit, errors)
    return pa.array(values, pa.string())


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
        errors.note(row, _code(name), f"{name}: {quote(value)} is longer than {limit}")
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


def require(name, array, errors):
    for row in rows_where(pc.equal(array, "")).tolist():
        errors.note(row, "missing_field", f"{name}: is missing")


def choose(name, array, allowed, errors):
    for wrong in set(pc.unique(array).to_pylist()).difference(allowed):
        options = ", ".join(filter(None, allowed))
        for row in rows_where(pc.equal(array, wrong)).tolist():
            errors.note(
                row, "missing_field", f"{name}: {quote(wrong)} is none of {options}"
            )


def moments(name, values, count, zone, errors, odd):
    """Microseconds since 1970 of times; ``NO_TIME`` where there is none.

    :param odd: :class:`~.answer.Odd`, told which say never and which may be later
    """
    result = np.full(count, NO_TIME, np.int64)
    if values is None:
        return result
    array, left = as_strings(values), range(count)
    if array is not None:
        left = _usual_moments(array, zone, result)
        texts_ = picked(array, left)
        never = pc.match_substring_regex(texts_, NEVER)
        odd.never[name] = left[rows_where(never)]
        some = rows_where(pc.invert(never))
        left = left[some].tolist()
        values = dict(zip(left, picked(texts_, some).to_pylist(), strict=True))
    elif values:
        odd.never[name] = [row for row in left if is_never(values[row])]
        left = sorted(set(left).difference(odd.never[name]))
    given = [row for row in left if values[row] not in (None, "")]
    if not given:
        return result
    parsed, later, _ok, reasons = parse_times_many([values[row] for row in given], zone)
    result[given] = parsed
    odd.note_later(name, given, later, count)
    for index, reason in reasons.items():
        errors.note(given[index], "bad_time", f"{name}: {reason}")
        result[given[index]] = NO_TIME
    return result


def _usual_moments(array, zone, result):
    """Read times of the usual forms into ``result``; rows that are left."""
    lengths = pc.binary_length(array).to_numpy()
    raw = characters(array)
    done = lengths == 0
    kinds = np.unique(lengths[~done]).tolist()
    for length in kinds:
        rows = np.flatnonzero(lengths == length)
        if len(kinds) == 1:
            chars = raw.reshape(-1, length)
        else:
            starts = np.cumsum(lengths)[rows] - length
            chars = raw[starts[:, None] + np.arange(length)]
        parsed, ok = parse_local(chars, zone) if length == LOCAL else parse_utc(chars)
        result[rows[ok]] = parsed[ok]
        done[rows[ok]] = True
    return np.flatnonzero(~done)


def require_start(start, values, errors):
    for row in np.flatnonzero(start == NO_TIME).tolist():
        given = None if values is None else values[row]
        if (given.as_py() if isinstance(given, pa.Scalar) else given) in (None, ""):
            errors.note(row, "missing_field", "start: is missing")


def _noter(start, errors):
    """``note(mask, code, message of a row)`` for rows whose start is known."""
    known = start != NO_TIME

    def note(mask, code, message):
        for row in np.flatnonzero(known & mask).tolist():
            errors.note(row, code, message(row))

    return note


def _check_start(start, limits, errors):
    note = _noter(start, errors)
    note(
        start > limits.now_us + FUTURE_US,
        "future",
        lambda row: f"start: {text_time(int(start[row]))} is in the future",
    )
    note(
        start < limits.now_us - limits.max_age_days * DAY_US,
        "too_old",
        lambda row: (
            f"start: {text_time(int(start[row]))} is older than"
            f" {limits.max_age_days} days"
        ),
    )


def check_times(times, duration, limits, errors):
    """Start, answer and end in order, and none longer than a call may be."""
    start, answer, end = times["start"], times["answer"], times["end"]
    _check_start(start, limits, errors)
    note = _noter(start, errors)
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
        answer > start + limits.max_hours * HOUR_US,
        "bad_time",
        lambda row: (
            f"answer: {text_time(int(answer[row]))} is more than"
            f" {limits.max_hours} hours after the start"
        ),
    )
    note(
        (end != NO_TIME) & (answer != NO_TIME) & (end < answer),
        "bad_time",
        lambda row: f"end: {text_time(int(end[row]))} is before the answer",
    )
    note(
        duration > limits.max_hours * 3_600_000,
        "bad_duration",
        lambda row: (
            f"duration: {seconds_text(duration[row])} s is longer than"
            f" {limits.max_hours} hours"
        ),
    )


def seconds_text(milliseconds):
    """Seconds as a plain decimal text."""
    return f"{Decimal(int(milliseconds)).scaleb(-3).normalize():f}"


def attempts(values, count, errors):
    """JSON texts of lists; empty where there is none."""
    values = values.to_pylist() if isinstance(values, pa.Array) else values
    if values is None or not any(values):
        return repeated("", count)
    result = []
    for row, value in enumerate(values):
        text = ""
        try:
            value = _list_of(value)
            text = list_text("attempts", value) if value else ""
        except BadValue as error:
            errors.note(row, "bad_metadata", str(error))
        except ValueError:
            errors.note(row, "missing_field", "attempts: is not a list")
        result.append(text)
    return pa.array(result, pa.string())


def _list_of(value):
    """A list, or what the JSON text of one says; None where there is none.

    :raises BadValue: a text that is nested too deep to be read
    :raises ValueError: something else
    """
    try:
        value = json.loads(value) if isinstance(value, str) and value else value
    except RecursionError as error:
        raise BadValue(
            f"attempts: is nested too deep, at most {MAX_LEVELS} levels are taken"
        ) from error
    if value and not isinstance(value, list):
        raise ValueError
    return value


def metadata(values, errors):
    """JSON texts of what is beside the known fields, as an Arrow array.

    :param values: Arrow array of them, or a list that has BadValues where there is none
    """
    if isinstance(values, pa.Array):
        return values
    if not any(values):
        return repeated("", len(values))
    for row, value in enumerate(values):
        if isinstance(value, BadValue):
            errors.note(row, "bad_metadata", str(value))
    return pa.array(["" if isinstance(v, BadValue) else v for v in values], pa.string())
