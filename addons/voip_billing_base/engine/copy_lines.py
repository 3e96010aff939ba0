"""Columns to the text that PostgreSQL's COPY reads, a whole column at a time.

Every function returns an Arrow array of strings, null where the row has no value. See
"COPY, File Formats, Text Format" of the PostgreSQL manual.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

NULL = "\\N"
SCALE = 8
LOW_WORD = 2**64 - 1
NOTHING = pa.scalar(None, pa.string())
_ESCAPES = (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r"))


def integers(values, none=None):
    """Texts of an int array; null where a value equals ``none``."""
    return _null_where(values, none, pa.array(values).cast(pa.string()))


def money(values):
    """Decimal texts of amounts in units of 10**-8, below 10**38 units."""
    words = np.empty((len(values), 2), np.int64)
    if values.dtype == object:
        words[:, 0] = (values & LOW_WORD).astype(np.uint64).view(np.int64)
        words[:, 1] = values >> 64
    else:
        words[:, 0] = values
        words[:, 1] = words[:, 0] >> 63
    buffers = [None, pa.py_buffer(words)]
    kind = pa.decimal128(38, SCALE)
    return pa.Array.from_buffers(kind, len(values), buffers).cast(pa.string())


def few_money(values):
    """:func:`money` of amounts of which many are equal."""
    distinct, inverse = np.unique(values, return_inverse=True)
    return picked(money(distinct), inverse)


def moments(values, none=None):
    """Timestamps of microseconds since 1970; null where a value equals ``none``.

    Of whole milliseconds no more is written: PostgreSQL reads the text a third faster.
    """
    numbers = values if none is None else np.where(values == none, 0, values)
    unit = "us"
    if not (numbers % 1000).any():
        numbers, unit = numbers // 1000, "ms"
    times = pa.array(numbers, pa.int64()).view(pa.timestamp(unit))
    return _null_where(values, none, times.cast(pa.string()))


def days(values):
    """Dates of days since 1970."""
    distinct, inverse = np.unique(values, return_inverse=True)
    return picked(distinct.astype("M8[D]").astype(str).tolist(), inverse)


def flags(values):
    """``t`` and ``f`` of a bool array."""
    return pc.if_else(pa.array(values, pa.bool_()), "t", "f")


def texts(array):
    """Texts with what COPY would misread escaped."""
    raw = characters(array)
    if not ((raw < 32) | (raw == 92)).any():
        return array
    for plain, safe in _ESCAPES:
        array = pc.replace_substring(array, plain, safe)
    return array


def escaped(value):
    """:func:`texts` of one ``str``."""
    for plain, safe in _ESCAPES:
        value = value.replace(plain, safe)
    return value


def optional(array):
    """:func:`texts`, null where a text is empty."""
    if not len(characters(array)):
        return NOTHING
    return pc.if_else(pc.equal(array, ""), NOTHING, texts(array))


def picked(names, codes):
    """The texts of ``names`` (list or array) at ``codes``."""
    if not isinstance(names, pa.Array):
        names = pa.array(names, pa.string())
    return names.take(pa.array(codes, pa.int64()))


def only(mask, array):
    """``array``, null where the bool array ``mask`` is False."""
    return pc.if_else(pa.array(mask, pa.bool_()), array, NOTHING)


def joined(columns, separator):
    """The texts of each row in one; a plain ``str`` stands for a whole column."""
    return pc.binary_join_element_wise(
        *columns, separator, null_handling="replace", null_replacement=NULL
    )


def lines(columns):
    """A line of COPY per row, its newline included."""
    *first, last = columns
    return joined([*first, joined([last, "\n"], "")], "\t")


def content(array):
    """The texts one after the other, as an Arrow buffer."""
    if not len(array):
        return pa.py_buffer(b"")
    _valid, offsets, data = array.buffers()
    ends = np.frombuffer(offsets, np.int32)
    start, end = int(ends[array.offset]), int(ends[array.offset + len(array)])
    return data.slice(start, end - start) if data else pa.py_buffer(b"")


def characters(array):
    """The bytes of all texts, uint8."""
    return np.frombuffer(content(array), np.uint8)


def _null_where(values, none, array):
    if none is None:
        return array
    missing = values == none
    return only(~missing, array) if missing.any() else array
