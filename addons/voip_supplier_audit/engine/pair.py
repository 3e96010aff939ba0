"""Which of their call records is which of ours.

First by call id, then the rest by numbers, time and duration with their clock put
right, then those without caller by the called number; at last one call of one side may
be several legs of the other, and a record that says the same again is a duplicate.
"""

from dataclasses import dataclass, replace

import numpy as np

from . import numbers, offset
from .legs import find_legs
from .nearest import nearest
from .records import HOUR_US, NO_ID, Records
from .runs import among, occurrence

NONE = -1
# How a record was paired.
ALONE, BY_ID, BY_NUMBERS, BY_CALLED, LEG, DUPLICATE = range(6)
WAYS = ("alone", "id", "numbers", "called", "leg", "duplicate")
ID_AGAIN_US = HOUR_US  # an id that returns later, with other numbers, is another call
_MS = 1_000


@dataclass(frozen=True, slots=True, eq=False)
class Match:
    """The result, a row per record of theirs and of ours.

    ``ours`` is the row of ours for each of theirs, ``theirs`` that of theirs for each
    of ours (the first of several legs), both -1 = none. A duplicate names the record
    it repeats: of theirs in ``repeats``, of ours in ``my_repeats``. ``way`` and
    ``my_way`` are positions in :data:`WAYS`; ``ambiguous`` marks pairs of theirs that
    may as well be others; ``clock`` is their clock, ``start_us`` theirs by ours;
    ``at_end`` says that they stamp records when calls end.
    """

    ours: np.ndarray
    theirs: np.ndarray
    way: np.ndarray
    my_way: np.ndarray
    repeats: np.ndarray
    my_repeats: np.ndarray
    ambiguous: np.ndarray
    clock: offset.Clock
    start_us: np.ndarray
    forms: tuple
    at_end: bool = False

    def of_more(self, rows, start_us):
        """The same of more records of theirs, of which the others stay alone.

        :param rows: place of each record of this match among them
        :param start_us: int64 starts of all, as theirs have them
        """
        names = ("ours", "way", "repeats", "ambiguous", "start_us")
        size, none = len(start_us), np.full(len(start_us), NONE, np.int64)
        nothing = np.zeros(size, np.int8)
        wide = {"ours": none, "way": nothing, "repeats": none, "start_us": start_us}
        wide["ambiguous"] = nothing > 0
        wide = {name: wide[name].copy() for name in names}
        for name in names:
            wide[name][rows] = getattr(self, name)
        for name in ("repeats", "theirs"):
            places = wide[name] if name in wide else self.theirs.copy()
            places[places != NONE] = rows[places[places != NONE]]
            wide[name] = places
        return replace(self, **wide)


def match(ours: Records, theirs: Records, aside=None):
    """Pair the records of two sides.

    :param aside: bool, records of theirs that are no calls: they stay alone
    :return: :class:`Match`
    """
    if aside is not None and aside.any():
        rows = np.flatnonzero(~aside)
        return match(ours, theirs.take(rows)).of_more(rows, theirs.start_us)
    work = _Work(ours, theirs)
    work.by_id()
    work.by_numbers()
    # Two legs of one length are no record that was said twice.
    work.legs()
    if work.duplicates():
        work.legs()
    return work.result()


class _Work:
    """Two sides on their way to a :class:`Match`."""

    def __init__(self, ours, theirs):
        self.mine, self.other = ours, theirs
        self.pair = np.full(len(theirs), NONE, np.int64)
        self.my_pair = np.full(len(ours), NONE, np.int64)
        self.way = np.zeros(len(theirs), np.int8)
        self.my_way = np.zeros(len(ours), np.int8)
        self.repeats = np.full(len(theirs), NONE, np.int64)
        self.my_repeats = np.full(len(ours), NONE, np.int64)
        self.doubt = np.zeros(len(theirs), np.int8)
        self.clock, self.forms = offset.Clock(), (None, None)
        self.start_us, self.at_end = theirs.start_us, False

    def result(self):
        return Match(
            self.pair,
            self.my_pair,
            self.way,
            self.my_way,
            self.repeats,
            self.my_repeats,
            self.doubt > 0,
            self.clock,
            self.start_us,
            self.forms,
            self.at_end,
        )

    def _join(self, mine, other, way):
        self.pair[other], self.my_pair[mine] = mine, other
        self.way[other], self.my_way[mine] = way, way

    def _free(self):
        return np.flatnonzero(self.my_way == ALONE), np.flatnonzero(self.way == ALONE)

    def by_id(self):
        mine, other = same_ids(self.mine.id_hash, self.other.id_hash)
        if not other.size:
            return
        self._tell_time(mine, other)
        apart = np.abs(self.start_us[other] - self.mine.start_us[mine])
        same = (apart <= ID_AGAIN_US) | (
            self.mine.called[mine] == self.other.called[other]
        )
        self._join(mine[same], other[same], BY_ID)

    def _tell_time(self, mine, other):
        """Learn their clock from calls that are likely the same."""
        length = self.other.duration_ms * _MS
        theirs_us = self.other.start_us
        gap = theirs_us[other] - self.mine.start_us[mine]
        self.at_end = offset.is_at_end(gap, length[other])
        if self.at_end:
            theirs_us, gap = theirs_us - length, gap - length[other]
        self.clock = offset.estimate(theirs_us[other], gap)
        self.start_us = self.clock.ours(theirs_us)

    def by_numbers(self):
        mine, other = self._free()
        if not mine.size or not other.size:
            return
        a, b = self.mine.take(mine), self.other.take(other)
        called = numbers.find_form(self.mine.called, b.called)
        caller = numbers.find_form(self.mine.caller, b.caller)
        self.forms = (caller, called)
        if called is None:
            return
        my_key = numbers.pair_keys(a, caller, called)
        key = numbers.pair_keys(b, caller, called)
        if not self.clock.calls:
            likely = offset.same_calls(my_key, a.start_us, key, b.start_us)
            self._tell_time(mine[likely[0]], other[likely[1]])
        some_lack_callers = caller is not None and (b.caller == 0).any()
        # Copies of all columns: pairing needs their room.
        del a, b
        self._nearest(mine, other, my_key, key, BY_NUMBERS)
        self._step_away(mine, other, my_key, key)
        if some_lack_callers:
            self._by_called(called)

    def _step_away(self, mine, other, my_key, key):
        """Of what is left about a change of their clock: an hour is there twice."""
        if self.clock.step_at_us is None:
            return
        free = self.my_way[mine] == ALONE
        mine, my_key = mine[free], my_key[free]
        away = self.clock.away(self.other.start_us[other])
        left = (self.way[other] == ALONE) & (away != 0)
        other, key, away = other[left], key[left], away[left]
        self.start_us[other] += away
        self._nearest(mine, other, my_key, key, BY_NUMBERS)
        alone = self.way[other] == ALONE
        self.start_us[other[alone]] -= away[alone]

    def _by_called(self, form):
        """Those that came without caller, among what is left."""
        mine, other = self._free()
        other = other[self.other.caller[other] == 0]
        my_key = numbers.pair_keys(self.mine.take(mine), None, form)
        key = numbers.pair_keys(self.other.take(other), None, form)
        self._nearest(mine, other, my_key, key, BY_CALLED)

    def _nearest(self, mine, other, my_key, key, way):
        a, b, doubt = nearest(
            (my_key, self.mine.start_us[mine] // _MS, self.mine.duration_ms[mine]),
            (key, self.start_us[other] // _MS, self.other.duration_ms[other]),
        )
        self._join(mine[a], other[b], way)
        self.doubt[other[b]] = doubt

    def duplicates(self):
        """Of what is left: records that say again what a paired one said.

        :return: whether there are any
        """
        self._repeated(self.other, self.start_us, self.way, self.repeats)
        self._repeated(self.mine, self.mine.start_us, self.my_way, self.my_repeats)
        # The rival of a pair that was said twice is that pair itself.
        twice = self.my_pair[self.my_repeats[self.my_repeats != NONE]]
        for rows in (self.repeats[self.repeats != NONE], twice[twice != NONE]):
            self.doubt[rows[self.doubt[rows] == 1]] = 0
        return bool((self.way == DUPLICATE).any() or (self.my_way == DUPLICATE).any())

    def _repeated(self, side, start_us, way, repeats):
        alone = way == ALONE
        if not alone.any():
            return
        key = numbers.pair_keys(side, "whole", "whole")
        # Only what shares its numbers with a record left alone is looked at.
        rows = among(key, key[alone])
        order = rows[
            np.lexsort((alone[rows], side.duration_ms[rows], start_us[rows], key[rows]))
        ]
        same = (
            (key[order[1:]] == key[order[:-1]])
            & (np.abs(np.diff(start_us[order])) <= _MS)
            & (np.abs(np.diff(side.duration_ms[order])) <= 0)
        )
        first = np.maximum.accumulate(
            np.where(np.concatenate(([True], ~same)), np.arange(order.size), 0)
        )
        origin = order[first]
        again = alone[order] & (origin != order)
        way[order[again]] = DUPLICATE
        repeats[order[again]] = origin[again]

    def legs(self):
        """One call of one side is several of the other, of one length together."""
        if self.forms[1] is None and not (self.way == BY_ID).any():
            return
        caller, called = self.forms
        called = called or "whole"
        my_key = numbers.pair_keys(self.mine, caller, called)
        key = numbers.pair_keys(self.other, caller, called)
        mine = (my_key, self.mine.start_us // _MS, self.mine.duration_ms)
        other = (key, self.start_us // _MS, self.other.duration_ms)
        whole, part = find_legs(mine, other, self.my_pair, self.way == ALONE)
        self._join_legs(whole, part, self.pair, self.my_pair, self.way, self.my_way)
        whole, part = find_legs(other, mine, self.pair, self.my_way == ALONE)
        self._join_legs(whole, part, self.my_pair, self.pair, self.my_way, self.way)

    @staticmethod
    def _join_legs(whole, part, part_pair, whole_pair, part_way, whole_way):
        first = whole[np.flatnonzero(whole_pair[whole] == NONE)]
        part_pair[part] = whole
        part_way[part] = LEG
        # Written from the last to the first, so that the first leg stays.
        alone = np.isin(whole, first)
        whole_pair[whole[alone][::-1]] = part[alone][::-1]
        whole_way[whole[alone]] = LEG


def same_ids(ours, theirs):
    """Rows with equal call ids, the n-th of one id with the n-th.

    :param ours, theirs: int64 hashes, :data:`~.records.NO_ID` = none
    :return: ``(rows of ours, rows of theirs)``
    """
    order, my_order = np.argsort(theirs), np.argsort(ours)
    other, mine = theirs[order], ours[my_order]
    if not mine.size:
        return mine, mine
    place = mine.searchsorted(other) + occurrence(other)
    place = np.minimum(place, mine.size - 1)
    fits = (mine[place] == other) & (other != NO_ID)
    return my_order[place[fits]], order[fits]
