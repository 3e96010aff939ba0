"""Moments and local days.

A moment is an int: microseconds since 1970-01-01 00:00 UTC, from 1990 to 2100.
"""

import re
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np

from .codes import check_range
from .parse import EXACT, BadValue, ascii_text, parse_decimal, quote

FIRST_US = 631_152_000_000_000  # 1990-01-01
END_US = 4_102_444_800_000_000  # 2100-01-01, exclusive

_QUARTER_US = 900_000_000
_WEEK = 672  # quarters
_SECOND_US = 1_000_000
_HOUR_US = 3_600_000_000
_DAY_US = 86_400_000_000
_MICROSECOND = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MAX_OFFSET = timedelta(hours=15)
_ISO = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]{1,9})?)?"
    r" ?(Z|z|[+-][0-9]{2}(:?[0-9]{2})?)?"
)
_FRACTION = re.compile(r"[.,]([0-9]{1,9})")
_SIXTIETHS = {f":{number:02d}": number for number in range(60)}
_SECONDS = re.compile(r"[0-9]{1,12}(\.[0-9]{1,9})?")
# How switches and spreadsheets write a moment that never came; also read by Arrow.
NEVER = (
    r"(?i)^(?: +| *(?:0+(?:\.0*)?|-62135596800|null|none|nil|\\N"
    r"|(?:0000-00-00|0001-01-01|1899-12-30|1899-12-31|1900-01-01|1969-12-31"
    r"|1970-01-01)(?:[T ].*)?) *)$"
)
_NEVER = re.compile(NEVER)


class BadTime(BadValue):
    """A time that was refused; the message is the reason."""


@lru_cache(maxsize=1024)
def zone(name):
    """Return the zone of an IANA name.

    :raise ValueError: for a name that does not exist
    """
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError, TypeError) as error:
        raise ValueError(f"unknown time zone {quote(name)}") from error


def _offsets_at(seconds, place):
    """Return the UTC offsets (µs) at moments given in whole seconds."""
    return np.array(
        [
            datetime.fromtimestamp(second, place).utcoffset() // _MICROSECOND
            for second in seconds.tolist()
        ],
        np.int64,
    )


@lru_cache(maxsize=1024)
def _week(number, place):
    """Offsets of the quarters of a week, and whether they change inside of each."""
    starts = np.arange(number * _WEEK, (number + 1) * _WEEK) * 900
    offsets = _offsets_at(starts, place)
    return offsets, offsets != _offsets_at(starts + 899, place)


def _offsets(moments, place):
    """Return the UTC offset of every moment, in microseconds.

    Offsets are looked up once per quarter of an hour. Where a zone changes inside one
    (St John's did at 00:01 until 2011) each second of it is looked up.
    """
    quarters = moments // _QUARTER_US
    weeks = quarters // _WEEK
    result, changes = np.empty_like(moments), np.zeros(len(moments), bool)
    for week in np.unique(weeks).tolist():
        rows = np.flatnonzero(weeks == week)
        offsets, change = _week(week, place)
        places = quarters[rows] - week * _WEEK
        result[rows], changes[rows] = offsets[places], change[places]
    if changes.any():
        rows = np.flatnonzero(changes)
        seconds, place_of = np.unique(moments[rows] // _SECOND_US, return_inverse=True)
        result[rows] = _offsets_at(seconds, place)[place_of]
    return result


def local_days(epoch_us, zone_name):
    """Return the local calendar day of each moment, exact across clock changes.

    :param epoch_us: int64 array of moments
    :param zone_name: IANA name
    :return: int32 array, days since 1970-01-01 in that zone
    :raise ValueError: for an unknown zone or a moment outside 1990..2100
    """
    moments = check_range(epoch_us, FIRST_US, END_US - 1, "moment (µs)", ValueError)
    shifted = moments + _offsets(moments, zone(zone_name))
    return (shifted // _DAY_US).astype(np.int32)


def _bounded(moment, value):
    if not FIRST_US <= moment < END_US:
        raise BadTime(f"{quote(value)} is not within 1990 to 2099")
    return moment


def _from_seconds(value):
    number = parse_decimal(value, low=0, error=BadTime)
    micros = EXACT.scaleb(number, 6).to_integral_value(rounding=ROUND_HALF_UP)
    return _bounded(int(micros), value)


def _check_zone(text, value):
    if text[1:3] > "15":
        raise BadTime(f"{quote(value)} has a zone more than 15 hours from UTC")
    if text[3:].lstrip(":") > "59":
        raise BadTime(f"{quote(value)} has a zone with more than 59 minutes")


def _from_iso(text, value, default_zone):
    found = _ISO.fullmatch(text)
    if not found:
        raise BadTime(f"{quote(value)} is not a date and time (YYYY-MM-DD HH:MM:SS)")
    if text[11:13] > "23":
        raise BadTime(f"{quote(value)} has an hour above 23")
    _check_zone(found[3] or "", value)
    try:
        moment = datetime.fromisoformat(
            text[:11] + text[11:].replace(" ", "").replace(",", ".").upper()
        )
    except ValueError as error:
        raise BadTime(f"{quote(value)} is not a date and time: {error}") from error
    if not 1900 <= moment.year <= 2200:
        raise BadTime(f"{quote(value)} is not within 1990 to 2099")
    if moment.tzinfo is None:
        return _local(moment, value, default_zone)
    if abs(moment.utcoffset()) > _MAX_OFFSET:
        raise BadTime(f"{quote(value)} has a zone more than 15 hours from UTC")
    return _bounded((moment - _EPOCH) // _MICROSECOND, value), 0


def _local(moment, value, zone_name):
    """``(moment, shift)`` of a time without zone, see :func:`read_time`."""
    moment = moment.replace(tzinfo=zone(zone_name))
    shift = (moment.utcoffset() - moment.replace(fold=1).utcoffset()) // _MICROSECOND
    return _bounded((moment - _EPOCH) // _MICROSECOND, value), shift


def is_never(value):
    """Whether a value says that a moment never came: 0, null, 1970-01-01 …

    Also false, as XML-RPC has no null.
    """
    if isinstance(value, str):
        return bool(_NEVER.match(value))
    return isinstance(value, (int, float)) and not value


def read_time(value, default_zone="UTC"):
    """Read a moment as :func:`parse_time`, and whether its text means two of them.

    :return: ``(moment, shift)``: microseconds since 1970, and how much later the text
        may mean, 0 unless it has no zone and lies in the hour that comes twice
    :raise BadTime: also for a time that the clocks of the zone skip
    """
    moment, shift = _read_time(value, default_zone)
    if shift < 0:
        raise BadTime(
            f"{quote(value)} does not exist in {default_zone}: the clocks skip it"
        )
    return moment, shift


def _read_time(value, default_zone):
    if isinstance(value, datetime):
        value = value.isoformat(" ")
    if not isinstance(value, str):
        return _from_seconds(value), 0
    text = ascii_text(value, BadTime)
    if _SECONDS.fullmatch(text):
        return _from_seconds(text), 0
    return _from_iso(text, value, default_zone)


def parse_time(value, default_zone="UTC"):
    """Read a moment: ISO 8601 date and time, or seconds since 1970.

    Without a zone the time is read in ``default_zone``: a time that the clocks skip in
    spring is taken with the offset before the change (so it moves forward), of the
    hour that comes twice in autumn the first is meant; call records are read by
    :func:`read_time`. Digits beyond microseconds are dropped.

    :param value: text, int / float / Decimal seconds, or a datetime (as XML-RPC has it)
    :return: int, microseconds since 1970
    :raise BadTime: with the reason
    :raise ValueError: for an unknown ``default_zone``
    """
    return _read_time(value, default_zone)[0]


def text_utc(moment):
    """Return a moment as ISO 8601 in UTC, or as plain microseconds beyond the years."""
    try:
        return (_EPOCH + moment * _MICROSECOND).isoformat().replace("+00:00", "Z")
    except OverflowError:
        return f"{moment} µs"


# Where digits and separators stand in YYYY-MM-DDTHH:MM:SS.
_DIGITS = np.array([0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18])
_MARKS = np.array([4, 7, 13, 16])
_MARK_BYTES = np.frombuffer(b"--::", np.uint8)


def _civil(chars):
    """Return ``(seconds since 1970, ok)`` of dates and times of 19 characters."""
    digits = chars[:, _DIGITS].astype(np.int64) - 48
    ok = ((digits >= 0) & (digits <= 9)).all(axis=1)
    ok &= (chars[:, _MARKS] == _MARK_BYTES).all(axis=1)
    ok &= (chars[:, 10] == ord("T")) | (chars[:, 10] == ord(" "))
    year = digits[:, :4] @ (1000, 100, 10, 1)
    month, day, hour, minute, second = (
        digits[:, place] * 10 + digits[:, place + 1] for place in range(4, 14, 2)
    )
    ok &= (month >= 1) & (month <= 12) & (hour < 24) & (minute < 60) & (second < 60)
    months = np.where(ok, (year - 1970) * 12 + month - 1, 0)
    first = months.astype("M8[M]").astype("M8[D]").astype(np.int64)
    next_first = (months + 1).astype("M8[M]").astype("M8[D]").astype(np.int64)
    ok &= (day >= 1) & (day <= next_first - first)
    return ((first + day - 1) * 24 + hour) * 3600 + minute * 60 + second, ok


def parse_utc(chars):
    """Read moments written as ``YYYY-MM-DDTHH:MM:SS[.f…]Z``, one to nine decimals.

    Agrees with :func:`parse_time` wherever ``ok`` is True; the rest is left to it.

    :param chars: uint8 array, a row per moment, all of one length
    :return: ``(moments, ok)``: int64 microseconds, bool mask
    """
    count, length = chars.shape
    if length not in (20, *range(22, 31)):
        return np.zeros(count, np.int64), np.zeros(count, bool)
    seconds, ok = _civil(chars)
    ok &= (chars[:, -1] == ord("Z")) | (chars[:, -1] == ord("z"))
    micros = np.zeros(count, np.int64)
    if length > 20:
        ok &= (chars[:, 19] == ord(".")) | (chars[:, 19] == ord(","))
        digits = chars[:, 20:-1].astype(np.int64) - 48
        ok &= ((digits >= 0) & (digits <= 9)).all(axis=1)
        kept = digits[:, :6]
        micros = kept @ (10 ** np.arange(5, 5 - kept.shape[1], -1))
    moments = seconds * _SECOND_US + micros
    ok &= (moments >= FIRST_US) & (moments < END_US)
    return np.where(ok, moments, 0), ok


# Quarters of an hour within about seven years.
_CLOSE = 2**18


@lru_cache(maxsize=65_536)
def _local_offset(quarter, place):
    """The UTC offset (µs) of a local quarter of an hour, None where it is not one."""
    first = datetime(1970, 1, 1) + timedelta(seconds=quarter * 900)
    last = first + timedelta(seconds=899)
    found = {
        moment.replace(tzinfo=place, fold=fold).utcoffset()
        for moment in (first, last)
        for fold in (0, 1)
    }
    return found.pop() // _MICROSECOND if len(found) == 1 else None


def parse_local(chars, zone_name):
    """Read local times written as ``YYYY-MM-DD HH:MM:SS``, also with a T.

    Agrees with :func:`read_time` wherever ``ok`` is True; the rest is left to it, also
    what lies in a quarter of an hour that the clocks skip, repeat or change in.

    :param chars: uint8 array, a row of 19 per moment
    :param zone_name: IANA name
    :return: ``(moments, ok)``: int64 microseconds, bool mask
    """
    place = zone(zone_name)
    seconds, ok = _civil(chars)
    ok &= (seconds >= FIRST_US // _SECOND_US) & (seconds < END_US // _SECOND_US)
    offsets, usual = _local_offsets(np.where(ok, seconds // 900, 0), place)
    moments = seconds * _SECOND_US - offsets
    ok &= usual & (moments >= FIRST_US) & (moments < END_US)
    return np.where(ok, moments, 0), ok


def _local_offsets(quarters, place):
    """Return ``(offsets, usual)`` of local quarters; offsets that are not one are 0."""
    known, where = _distinct(quarters)
    found = [_local_offset(quarter, place) for quarter in known.tolist()]
    usual = np.array([offset is not None for offset in found], bool)
    offsets = np.array([offset or 0 for offset in found], np.int64)
    return offsets[where], usual[where]


def _distinct(numbers):
    """:func:`numpy.unique` with inverse, without sorting where they lie close."""
    if not len(numbers):
        return numbers, numbers
    first = numbers.min()
    span = int(numbers.max() - first) + 1
    if span > _CLOSE:
        return np.unique(numbers, return_inverse=True)
    seen = np.zeros(span, bool)
    seen[numbers - first] = True
    return np.flatnonzero(seen) + first, (np.cumsum(seen) - 1)[numbers - first]


def _tail(text):
    """Split what follows the seconds: ``(rest, microseconds)``."""
    fraction = _FRACTION.match(text)
    if not fraction:
        return text, 0
    return text[fraction.end() :], int(fraction[1][:6].ljust(6, "0"))


def _hour_key(text, tails):
    """Return ``(key, microseconds)``; texts of one key differ by these alone.

    With a stated offset all minutes of an hour are alike; without one the zone may
    change at any minute.

    :param tails: {what follows the seconds: its parts}, filled here
    """
    seconds = _SIXTIETHS.get(text[16:19])
    if seconds is None:
        return text, 0
    tail = text[19:]
    parts = tails.get(tail)
    if parts is None:
        parts = tails[tail] = _tail(tail)
    rest, micros = parts
    minutes = _SIXTIETHS.get(text[13:16])
    if not rest or minutes is None:
        return (text[:16], rest), seconds * _SECOND_US + micros
    return (text[:13], rest), (minutes * 60 + seconds) * _SECOND_US + micros


def parse_times_many(values, default_zone="UTC"):
    """Read a list of moments as :func:`read_time`; a refused one becomes 0.

    The text of an hour, or of a minute without offset, is read once: clocks only ever
    change on a whole minute.

    :return: ``(moments, shifts, ok, reasons)``: int64 microseconds, how much later each
        may be, bool mask, {index: reason}
    """
    moments, shifts, reasons, starts, tails = [], {}, {}, {}, {}
    for index, value in enumerate(values):
        key, micros = _hour_key(value, tails) if type(value) is str else (None, 0)
        known = starts.get(key)
        if known is None:
            try:
                start, shift = read_time(value, default_zone)
            except BadTime as error:
                reasons[index] = str(error)
                moments.append(0)
                continue
            known = start - micros, shift
            if key is not None and FIRST_US <= known[0] < END_US - _HOUR_US:
                starts[key] = known
        moments.append(known[0] + micros)
        if known[1]:
            shifts[index] = known[1]
    ok = np.ones(len(moments), bool)
    ok[list(reasons)] = False
    later = np.zeros(len(moments), np.int64)
    later[list(shifts)] = list(shifts.values())
    return np.array(moments, np.int64), later, ok, reasons
