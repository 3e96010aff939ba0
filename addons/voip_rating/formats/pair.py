"""INVITE and BYE rows of a proxy's accounting as one call each.

The rows of a call have its call id and tags; who hangs up may turn the tags round.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

NO_BYE = ("missing_duration", "duration: there is no BYE of this call in the file")
NO_INVITE = (
    "missing_field",
    "start: a BYE without its INVITE: no other row of the file says when the call began"
    " and who made it",
)


@dataclass(slots=True)
class Pairs:
    """Rows that are calls, the BYE row of each (-1: none), and errors of rows."""

    rows: np.ndarray
    byes: np.ndarray
    answered: np.ndarray
    errors: dict


def pair(table, names, usable):
    """Find the calls of a table.

    :param names: method, call id, from tag, to tag, SIP code
    :param usable: bool array of the rows that are whole
    :return: :class:`Pairs`; further rows of a call (repeated INVITE and BYE, the
        attempts before one that was answered) are in none
    """
    method, call_id, one, other, code = (
        _column(table, name) for name in names
    )
    method = pc.utf8_upper(pc.utf8_trim_whitespace(method))
    invites = _mask(pc.equal(method, "INVITE")) & usable
    byes = _mask(pc.equal(method, "BYE")) & usable
    answered = invites & _mask(pc.starts_with(code, "2"))
    low = pc.if_else(pc.less(one, other), one, other)
    high = pc.if_else(pc.less(one, other), other, one)
    dialog = _numbers(pc.binary_join_element_wise(call_id, low, high, "\x1f"))
    call = _numbers(call_id)
    talks = _first(np.flatnonzero(answered), dialog)
    ends = _first(np.flatnonzero(byes), dialog)
    place = np.full(len(dialog) + 1, -1, np.int64)
    place[dialog[ends]] = ends
    taken = np.zeros(len(dialog) + 1, bool)
    taken[dialog[talks]] = True
    lone = ends[~taken[dialog[ends]]]
    missed = _missed(np.flatnonzero(invites & ~answered), call, talks)
    rows = np.sort(np.concatenate([talks, missed, lone]))
    found = np.where(answered[rows], place[dialog[rows]], -1)
    errors = dict.fromkeys(lone.tolist(), NO_INVITE)
    errors |= dict.fromkeys(rows[answered[rows] & (found < 0)].tolist(), NO_BYE)
    return Pairs(rows, found, answered[rows], errors)


def _missed(rows, call, talks):
    """The last attempt of each call that was never answered."""
    answered = np.isin(call[rows], call[talks])
    rows = rows[~answered][::-1]
    return np.sort(_first(rows, call))


def _first(rows, groups):
    """Of rows the first of each group."""
    _groups, places = np.unique(groups[rows], return_index=True)
    return np.sort(rows[places])


def _numbers(texts):
    return texts.dictionary_encode().indices.to_numpy().astype(np.int64)


def _mask(array):
    return array.to_numpy(zero_copy_only=False)


def _column(table, name):
    found = table.column(name)
    return pa.array([""] * table.count, pa.string()) if found is None else found
