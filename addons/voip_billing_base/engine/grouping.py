"""Dense numbers for keys of several integer columns, over any number of chunks."""

import numpy as np


class Interner:
    """Numbers int64 values 0, 1, 2 …; a value keeps its number from call to call."""

    def __init__(self):
        self._values = np.zeros(0, np.int64)
        self._numbers = np.zeros(0, np.int64)

    def __len__(self):
        return len(self._values)

    def of(self, values):
        """Return ``(numbers, rows)`` of an int64 array.

        ``rows`` is a row of each value that is new, in the order of the new numbers.
        """
        distinct, first, inverse = np.unique(
            values, return_index=True, return_inverse=True
        )
        places = np.searchsorted(self._values, distinct)
        known = np.zeros(len(distinct), bool)
        inside = np.flatnonzero(places < len(self))
        known[inside] = self._values[places[inside]] == distinct[inside]
        numbers = np.empty(len(distinct), np.int64)
        numbers[known] = self._numbers[places[known]]
        new = np.flatnonzero(~known)
        numbers[new] = np.arange(len(self), len(self) + len(new))
        self._values = np.insert(self._values, places[new], distinct[new])
        self._numbers = np.insert(self._numbers, places[new], numbers[new])
        return numbers[inverse], first[new]


class KeyInterner:
    """As :class:`Interner`, of keys of several columns of 0 <= value < 2**31."""

    def __init__(self, width):
        self._steps = [Interner() for _column in range(width - 1)]

    def of(self, columns):
        """Return ``(numbers, rows)`` of equally long int64 arrays, one per column."""
        numbers, rows = columns[0], None
        for step, column in zip(self._steps, columns[1:], strict=True):
            numbers, rows = step.of(numbers << 32 | column)
        return numbers, rows
