"""Checked columns: arrays of one length with a type, a default and bounds."""

import numpy as np

from .codes import check_range
from .number_rules import MAX_DIGITS
from .parse import INT64_MAX

POW10 = 10 ** np.arange(MAX_DIGITS + 1, dtype=np.int64)


def build(specs, columns):
    """Check the columns given and fill the others with their defaults.

    :param specs: {name: (dtype, default, lowest, highest)}; default None = required;
        the first one tells the number of rows
    :param columns: {name: array}
    :return: {name: array}
    :raise ValueError: for a column missing or unknown, a length or a value out of
        bounds
    """
    unknown = columns.keys() - specs.keys()
    if unknown:
        raise ValueError(f"unknown columns: {', '.join(sorted(unknown))}")
    for name, (_dtype, default, _lowest, _highest) in specs.items():
        if default is None and columns.get(name) is None:
            raise ValueError(f"column {name} is missing")
    size = len(columns[next(iter(specs))])
    return {
        name: _column(name, spec, columns.get(name), size)
        for name, spec in specs.items()
    }


def _column(name, spec, values, size):
    dtype, default, lowest, highest = spec
    if values is None:
        return np.full(size, default, dtype)
    array = check_range(values, lowest, highest, name, ValueError)
    if array.shape != (size,):
        raise ValueError(f"{name} has {array.size} values, expected {size}")
    return array.astype(dtype, copy=False)


def narrow(values):
    """Return Python integers (dtype object) as int64 where all of them fit."""
    if values.dtype != object:
        return values
    if values.max(initial=0) > INT64_MAX or values.min(initial=0) < -INT64_MAX:
        return values
    return values.astype(np.int64)


def put(column, rows, values):
    """Set ``column[rows]``; returns the column, widened where ``values`` are wide."""
    if values.dtype == object and column.dtype != object:
        column = column.astype(object)
    column[rows] = values
    return column


def check_digits(numbers, lengths, what):
    """Refuse ints that do not have the number of digits stated (0 digits = 0)."""
    lowest = np.where(lengths > 0, POW10[np.maximum(lengths, 1) - 1], 0)
    wrong = (numbers < lowest) | (numbers >= POW10[lengths])
    if wrong.any():
        row = int(np.argmax(wrong))
        raise ValueError(f"{what} {numbers[row]} does not have {lengths[row]} digits")
