"""Figures of call records, a column at a time: durations, decimals, yes or no."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from odoo.addons.voip_billing_base.engine.copy_lines import picked

from ..engine.parse import BadValue, parse_bool, parse_decimal, parse_duration_ms
from .column import as_strings, repeated, rows_where

DECIMALS = {
    "sip_code": (0, 999, 0),
    "pdd_ms": (0, 3_600_000, 0),
    "mos": (0, 5, 3),
    "packet_loss": (0, 100, 4),
    "jitter_ms": (0, 1_000_000, 3),
}
PLAIN_SECONDS = r"^[0-9]{1,5}(\.[0-9]{1,3})?$"
WHOLE = "^(0|[1-9][0-9]{0,8})$"


def durations(values, count, errors):
    """Milliseconds as stated; -1 where nothing is."""
    stated, left = np.full(count, -1, np.int64), np.arange(count)
    if values is None or not count:
        return stated
    if (array := as_strings(values)) is not None:
        left = _plain_durations(array, stated)
        values = picked(array, left)
    results, numbers = read_each(
        values,
        parse_duration_ms,
        -1,
        lambda row, error: errors.note(
            int(left[row]), "bad_duration", f"duration: {error}"
        ),
    )
    stated[left] = np.array(results, np.int64)[numbers]
    return stated


def _plain_durations(array, result):
    """Read seconds of three decimals at most into ``result``; rows that are left."""
    plain = pc.match_substring_regex(array, PLAIN_SECONDS)
    words = pc.if_else(plain, array, "0").cast(pa.decimal128(9, 3)).buffers()[1]
    plain = plain.to_numpy(zero_copy_only=False)
    result[plain] = np.frombuffer(words, np.int64)[::2][: len(array)][plain]
    return np.flatnonzero(~plain)


def said(values, count, errors):
    """What records say of themselves: 1 answered, 0 not, -1 nothing."""
    if values is None or not count:
        return np.full(count, -1, np.int64)
    results, numbers = read_each(
        values,
        lambda value: int(value if type(value) is bool else parse_bool(value)),
        -1,
        lambda row, error: errors.note(row, "missing_field", f"answered: {error}"),
    )
    return np.array(results, np.int64)[numbers]


def decimals(name, values, count, bounds, errors):
    """Decimal texts within ``bounds`` (low, high, places); empty where none."""
    if values is None or not count:
        return repeated("", count)
    low, high, places = bounds
    array, left = as_strings(values), range(count)
    if array is not None:
        left = _odd_decimals(array, *bounds)
        values = picked(array, left)
    results, numbers = read_each(
        values,
        lambda value: f"{round(parse_decimal(value, low, high), places):f}",
        "",
        lambda row, error: errors.note(
            int(left[row]), "missing_field", f"{name}: {error}"
        ),
    )
    read = picked(results, numbers)
    if len(left) == count:
        return read
    odd = np.zeros(count, bool)
    odd[left] = True
    return pc.replace_with_mask(array, pa.array(odd), read) if len(left) else array


def _odd_decimals(array, low, high, places):
    """Rows that are not empty and no whole number as it is kept."""
    usual = pc.equal(array, "")
    if not places:
        whole = pc.match_substring_regex(array, WHOLE)
        numbers = pc.if_else(whole, array, "-1").cast(pa.int64())
        fits = pc.and_(pc.greater_equal(numbers, low), pc.less_equal(numbers, high))
        usual = pc.or_(usual, pc.and_(whole, fits))
    return rows_where(pc.invert(usual))


def read_each(values, read, empty, refuse):
    """``read`` of every value, of equal texts once.

    :param empty: result for ``None`` and empty text
    :param refuse: callable of row and BadValue; its row gets ``empty``
    :return: (list of distinct results, int array that picks from it)
    """
    array = as_strings(values)
    if array is None:
        rows = range(len(values))
        return [_read(row, values[row], read, empty, refuse) for row in rows], rows
    encoded = array.dictionary_encode()
    numbers = encoded.indices.to_numpy()
    results = []
    for number, value in enumerate(encoded.dictionary.to_pylist()):
        try:
            results.append(read(value) if value else empty)
        except BadValue as error:
            results.append(empty)
            for row in np.flatnonzero(numbers == number).tolist():
                refuse(row, error)
    return results, numbers


def _read(row, value, read, empty, refuse):
    if value is None or (isinstance(value, str) and not value):
        return empty
    try:
        return read(value)
    except BadValue as error:
        refuse(row, error)
        return empty
