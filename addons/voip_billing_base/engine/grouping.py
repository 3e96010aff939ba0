"""Group rows by several integer columns and add up integers exactly."""

import numpy as np


def group_rows(columns):
    """Group equal rows.

    :param columns: sequence of int64 arrays of one length n
    :return: (first, inverse): index of the first row of every group, and for each of
        the n rows the number of its group
    """
    codes = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        values, inverse = np.unique(column, return_inverse=True)
        codes = codes * len(values) + inverse
        _, codes = np.unique(codes, return_inverse=True)
    _, first, inverse = np.unique(codes, return_index=True, return_inverse=True)
    return first, inverse


def sum_groups(inverse, count, values):
    """Exact int64 sum of ``values`` per group number."""
    totals = np.zeros(count, dtype=np.int64)
    np.add.at(totals, inverse, values)
    return totals
