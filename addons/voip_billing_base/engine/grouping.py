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
    """As :class:`Interner`, of keys of several int64 columns.

    A key is found by a hash of its columns. Where that belongs to another key the next
    hash is tried; keys stay, so a key is found the same way again.
    """

    def __init__(self, width):
        self._hashes = Interner()
        self._keys = np.zeros((width, 0), np.int64)

    def of(self, columns):
        """Return ``(numbers, rows)`` of equally long int64 arrays, one per column."""
        keys = np.stack(columns)
        numbers, added = np.empty(keys.shape[1], np.int64), []
        rows, turn = np.arange(keys.shape[1]), 0
        while rows.size:
            asked = keys[:, rows]
            found, first = self._hashes.of(mixed(asked, turn))
            self._keys = np.concatenate([self._keys, asked[:, first]], axis=1)
            added.append(rows[first])
            same = (self._keys[:, found] == asked).all(axis=0)
            numbers[rows[same]] = found[same]
            rows, turn = rows[~same], turn + 1
        return numbers, np.concatenate(added) if added else rows


def mixed(columns, turn):
    """A hash (int64) of each row; another one each ``turn``."""
    result = np.full(columns.shape[1], turn, np.uint64)
    for column in columns.view(np.uint64):
        result = (result ^ column) * _ODD
        result ^= result >> _HALF
    return result.view(np.int64)


_ODD = np.uint64(0x9E3779B97F4A7C15)
_HALF = np.uint64(32)
