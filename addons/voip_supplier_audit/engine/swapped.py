"""Two lines of an invoice that have each other's figures."""

import numpy as np


def find_swapped(lines, figures, tolerance, wrong):
    """Find lines whose names were swapped.

    Amounts alone may agree by chance: calls or minutes must be printed, and agree.

    :param lines: :class:`~.supposed.Lines`; ``figures``: ours of them
    :param tolerance: scaled, of each line; ``wrong``: bool, the lines looked at
    :return: {line: (the other line, scaled amount: theirs minus ours)}
    """
    rows = np.flatnonzero(wrong)
    amount = np.abs(lines.amount[rows][:, None] - figures.amount[rows][None, :])
    same = amount <= np.maximum.outer(tolerance[rows], tolerance[rows])
    calls = lines.calls[rows][:, None] == figures.calls[rows][None, :]
    billed = figures.seconds[rows][None, :] * 1000
    minutes = np.abs(lines.seconds_ms[rows][:, None] - billed) <= lines.minute_unit
    printed_calls = (lines.calls[rows] >= 0)[:, None]
    printed_minutes = (lines.seconds_ms[rows] >= 0)[:, None]
    same &= (printed_calls & calls) | (printed_minutes & minutes)
    same &= ~(printed_calls & ~calls) & (figures.calls[rows] > 0)[None, :]
    both = same & same.T
    np.fill_diagonal(both, False)
    result = {}
    for a, b in np.argwhere(both).tolist():
        if both[a].sum() == 1 and both[b].sum() == 1:
            one, other = int(rows[a]), int(rows[b])
            gap = int(lines.amount[one] - figures.amount[one])
            result[one] = (other, gap)
    return result
