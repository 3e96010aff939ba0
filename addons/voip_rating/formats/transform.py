"""One column of texts at a time, from how a switch writes to what a record reads.

Whatever a transform cannot read stays as it is and is told, so that it is refused and
never read as something else.
"""

import re
from datetime import UTC
from email.utils import parsedate_to_datetime
from urllib.parse import unquote

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from odoo.tools.translate import LazyTranslate

from odoo.addons.voip_billing_base.engine.copy_lines import characters

_lt = LazyTranslate(__name__)
TRANSFORMS = {
    "as_is": _lt("As it is"),
    "milliseconds": _lt("Milliseconds to seconds"),
    "microseconds": _lt("Microseconds to seconds"),
    "clock": _lt("H:MM:SS to seconds"),
    "epoch": _lt("Time: seconds since 1970"),
    "epoch_ms": _lt("Time: milliseconds since 1970"),
    "epoch_us": _lt("Time: microseconds since 1970"),
    "rfc2822": _lt("Time: Tue, 31 Aug 2010 20:36:28 +0000"),
    "dmy": _lt("Time: DD/MM/YYYY HH:MM:SS"),
    "mdy": _lt("Time: MM/DD/YYYY HH:MM:SS"),
    "compact": _lt("Time: YYYYMMDDHHMMSS"),
    "url": _lt("URL-decoded"),
    "sip_user": _lt("User part of a SIP or tel address"),
    "no_scheme": _lt("Without sip: or tel:"),
    "channel": _lt("Name in an Asterisk channel"),
    "positive": _lt("Without its sign"),
    "table": _lt("By a table"),
    "before": _lt("What is before a mark"),
    "after": _lt("What is after a mark"),
    "constant": _lt("A constant"),
}
NEEDS = {"table", "before", "after", "constant"}
WHOLE = r"^[0-9]{1,17}$"
DATE_TIME = r" ([0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?)$"
DAYS_FIRST = r"^([0-9]{2})[/.-]([0-9]{2})[/.-]([0-9]{4})" + DATE_TIME
LETTERS = np.zeros(256, bool)
LETTERS[[code for code in range(128) if chr(code).isalnum()]] = True
# What Asterisk puts behind most channels' names: a dash and a number in hex.
CALL_NUMBER = len("-0000001a")
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
MONTH_BYTES = np.array([list(name.encode()) for name in MONTHS], np.uint8)
MAIL_FORM = b"Www, 00 Mmm 0000 00:00:00 +0000"
MAIL_TIME = len(MAIL_FORM)
MAIL_DIGITS = [5, 6, 12, 13, 14, 15, 17, 18, 20, 21, 23, 24]
MAIL_MARKS = [3, 4, 7, 11, 16, 19, 22, *range(25, MAIL_TIME)]
MAIL_BYTES = np.frombuffer(MAIL_FORM, np.uint8)[MAIL_MARKS]
RFC2822 = (
    r"^(?:[A-Z][a-z]{2}, )?[0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2}"
    r" (?:\+0000|GMT|UTC)$"
)


def table_of(text):
    """{from: to} of ``a=b; c=d``; empty where it is none. ``*`` is any other value."""
    pairs = [part.partition("=") for part in text.split(";") if part.strip()]
    if not all(mark and name.strip() for name, mark, _value in pairs):
        return {}
    return {name.strip().lower(): value.strip() for name, _mark, value in pairs}


def transform(array, kind, argument=""):
    """Read a column.

    :param array: Arrow array of texts
    :return: (Arrow array of texts, bool array of the rows that cannot be read);
        empty texts stay empty
    """
    if kind in _BY_COLUMN:
        read, done = _BY_COLUMN[kind](array)
        blank = pc.equal(array, "")
        if pc.all(pc.and_not(done, blank)).as_py():
            return read, np.zeros(len(array), bool)
        read = pc.if_else(pc.and_not(done, blank), read, array)
        return read, ~_mask(pc.or_(done, blank))
    if kind == "as_is":
        return array, np.zeros(len(array), bool)
    read = _BY_VALUE[kind](argument)
    if kind not in _ONLY_WITH:
        return _each(array, read)
    odd = pc.match_substring_regex(array, _ONLY_WITH[kind])
    if not pc.any(odd).as_py():
        return array, np.zeros(len(array), bool)
    marks = re.compile(_ONLY_WITH[kind])
    return _each(array, lambda text: read(text) if marks.search(text) else text)


def _mask(array):
    return array.to_numpy(zero_copy_only=False)


def _each(array, read):
    """``read`` of every distinct text; None: it cannot be read."""
    encoded = array.dictionary_encode()
    found = [read(text) if text else text for text in encoded.dictionary.to_pylist()]
    bad = np.array([text is None for text in found], bool)
    if not len(bad):
        return array, np.zeros(len(array), bool)
    bad = bad[encoded.indices.to_numpy()]
    read = pc.take(pa.array(found, pa.string()), encoded.indices)
    if not bad.any():
        return read, bad
    return pc.if_else(pa.array(bad), array, read), bad


def _seconds(places):
    def read(array):
        whole = pc.match_substring_regex(array, WHOLE)
        text = pc.utf8_lpad(array, places + 1, "0")
        return pc.binary_join_element_wise(
            pc.utf8_slice_codeunits(text, 0, -places),
            pc.utf8_slice_codeunits(text, -places, None),
            ".",
        ), whole

    return read


def _moment(unit):
    """Moments counted in units since 1970, as text in UTC; zero is none."""

    def read(array):
        whole = pc.match_substring_regex(array, WHOLE)
        numbers = pc.if_else(whole, array, "0").cast(pa.int64())
        # Beyond it is refused as it is.
        near = pc.less(numbers, 4_102_444_800 * 10 ** {"s": 0, "ms": 3, "us": 6}[unit])
        numbers = pc.if_else(near, numbers, 0)
        # With a zone Arrow writes each by its calendar library, which takes long.
        texts = numbers.cast(pa.timestamp(unit)).cast(pa.string())
        texts = pc.binary_join_element_wise(texts, "Z", "")
        none = pc.and_(whole, pc.and_(near, pc.equal(numbers, 0)))
        return pc.if_else(none, "", texts), pc.and_(whole, near)

    return read


def _rfc2822(array):
    lengths = pc.binary_length(array).to_numpy()
    raw = characters(array)
    some = lengths > 0
    if len(raw) == np.count_nonzero(some) * MAIL_TIME:
        texts, usual = _mail_times(raw.reshape(-1, MAIL_TIME))
        if usual.all():
            offsets = np.concatenate([[0], np.cumsum(some * texts.shape[1])])
            return _text_array(offsets, texts.ravel()), pa.array(some)
    return _odd_rfc2822(array)


def _mail_times(chars):
    """``Tue, 31 Aug 2010 20:36:28 +0000`` as ISO 8601, of a row of bytes each.

    :return: (rows of bytes, which of them are of this form)
    """
    usual = (chars[:, MAIL_MARKS] == MAIL_BYTES).all(axis=1)
    usual &= (chars[:, MAIL_DIGITS] - np.uint8(48) < 10).all(axis=1)
    usual &= chars[:, 0] - np.uint8(65) < 26
    usual &= (chars[:, 1:3] - np.uint8(97) < 26).all(axis=1)
    month = (chars[:, 8:11] == MONTH_BYTES[:, None]).all(axis=2)
    usual &= month.any(axis=0)
    month = month.argmax(axis=0) + 1
    texts = np.empty((len(chars), 20), np.uint8)
    texts[:] = np.frombuffer(b"YYYY-MM-DDTHH:MM:SSZ", np.uint8)
    texts[:, 0:4], texts[:, 8:10] = chars[:, 12:16], chars[:, 5:7]
    texts[:, 5], texts[:, 6] = 48 + month // 10, 48 + month % 10
    texts[:, 11:19] = chars[:, 17:25]
    return texts, usual


def _text_array(offsets, raw):
    """Arrow array of the texts that end at ``offsets`` (0 first) in bytes."""
    return pa.StringArray.from_buffers(
        len(offsets) - 1,
        pa.py_buffer(offsets.astype(np.int32)),
        pa.py_buffer(np.ascontiguousarray(raw)),
    )


def _odd_rfc2822(array):
    usual = pc.match_substring_regex(array, RFC2822)
    text = pc.replace_substring_regex(array, "^[A-Z][a-z]{2}, ", "")
    month = pc.index_in(
        pc.utf8_slice_codeunits(text, 3, 6), value_set=pa.array(MONTHS)
    )
    usual = pc.and_(usual, pc.is_valid(month))
    numbers = pa.array([f"{number:02d}" for number in range(1, 13)])
    read = pc.binary_join_element_wise(
        pc.utf8_slice_codeunits(text, 7, 11),
        "-",
        pc.fill_null(pc.take(numbers, month), ""),
        "-",
        pc.utf8_slice_codeunits(text, 0, 2),
        "T",
        pc.utf8_slice_codeunits(text, 12, 20),
        "Z",
        "",
    )
    if pc.all(pc.or_(usual, pc.equal(array, ""))).as_py():
        return read, usual
    other, bad = _each(array, _mail_time)
    return pc.if_else(usual, read, other), pc.or_(usual, pa.array(~bad))


def _mail_time(text):
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if moment.tzinfo is None or not 1990 <= moment.year < 2100:
        return None
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _rewritten(pattern, order):
    """Reads what fits; ``order`` always writes it otherwise than it was."""

    def read(array):
        read = pc.replace_substring_regex(array, pattern, order)
        return read, pc.not_equal(read, array)

    return read


def _channel(array):
    """``PJSIP/carrier-0000001a``: carrier.

    From the first slash to the last dash, where letters and digits alone follow it.
    """
    # By bytes: digits and letters are no part of a longer character.
    raw = array.cast(pa.binary())
    tails = characters(pc.binary_slice(raw, -CALL_NUMBER, None))
    some = np.count_nonzero(pc.binary_length(array).to_numpy())
    if len(tails) == some * CALL_NUMBER:
        marks = tails.reshape(-1, CALL_NUMBER)
        if (marks[:, 0] == ord("-")).all() and LETTERS[marks[:, 1:]].all():
            heads = pc.binary_slice(raw, 0, -CALL_NUMBER).cast(pa.string())
            read, bad = _each(heads, _after_slash)
            return read, pa.array(~bad)
    return _odd_channel(array)


def _after_slash(text):
    head, slash, rest = text.partition("/")
    return None if "\n" in text else rest if slash else head


def _odd_channel(array):
    """:func:`_channel` of channels some of which do not end in eight hex digits."""
    raw, ends = characters(array), np.cumsum(pc.binary_length(array).to_numpy())
    starts = np.concatenate([[0], ends[:-1]])
    slashes = np.append(np.flatnonzero(raw == ord("/")), len(raw))
    slash = slashes[np.searchsorted(slashes, starts)]
    starts = np.where(slash < ends, slash + 1, starts)
    marks = np.append(-1, np.flatnonzero(~LETTERS[raw]))
    mark = marks[np.searchsorted(marks, ends) - 1]
    dash = (mark >= starts) & (mark < ends - 1)
    dash[dash] = raw[mark[dash]] == ord("-")
    lengths = np.where(dash, mark, ends) - starts
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    places = np.repeat(starts - offsets[:-1], lengths) + np.arange(offsets[-1])
    read = _text_array(offsets, raw[places])
    return read, pc.invert(pc.match_substring(array, "\n"))


def _compact(array):
    pattern = "^" + r"([0-9]{4})" + r"([0-9]{2})" * 5 + "$"
    return _rewritten(pattern, r"\1-\2-\3 \4:\5:\6")(array)


# === Distinct values === #


def _clock(text):
    parts = text.split(":")
    if not 2 <= len(parts) <= 3 or not all(p.isascii() and p.isdigit() for p in parts):
        return None
    if any(len(part) > 4 or int(part) > 59 for part in parts[1:]) or len(parts[0]) > 3:
        return None
    hours, minutes, seconds = ([0] * (3 - len(parts))) + [int(p) for p in parts]
    return str(hours * 3600 + minutes * 60 + seconds)


def _sip_user(text):
    text = text.strip()
    if "<" in text and text.endswith(">"):
        text = text[text.rindex("<") + 1 : -1]
    text = _no_scheme(text)
    return text.split("@", 1)[0].split(";", 1)[0].split("?", 1)[0] or None


def _no_scheme(text):
    head, mark, rest = text.partition(":")
    return rest if mark and head.lower() in ("sip", "sips", "tel") else text


def _with_table(argument):
    table = table_of(argument)
    rest = table.get("*")
    return lambda text: table.get(text.strip().lower(), rest)


_BY_COLUMN = {
    "milliseconds": _seconds(3),
    "microseconds": _seconds(6),
    "epoch": _moment("s"),
    "epoch_ms": _moment("ms"),
    "epoch_us": _moment("us"),
    "rfc2822": _rfc2822,
    "dmy": _rewritten(DAYS_FIRST, r"\3-\2-\1 \4"),
    "mdy": _rewritten(DAYS_FIRST, r"\3-\1-\2 \4"),
    "compact": _compact,
    "channel": _channel,
}
# What has none of these is as it is.
_ONLY_WITH = {"sip_user": r"[<>@:;? ]", "no_scheme": ":", "url": "%"}
_BY_VALUE = {
    "clock": lambda _argument: _clock,
    "url": lambda _argument: unquote,
    "sip_user": lambda _argument: _sip_user,
    "no_scheme": lambda _argument: _no_scheme,
    "positive": lambda _argument: lambda text: text.strip().lstrip("-"),
    "table": _with_table,
    "before": lambda mark: lambda text: text.split(mark, 1)[0],
    "after": lambda mark: lambda text: text.split(mark, 1)[-1],
}
