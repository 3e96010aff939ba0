"""Answers of APIs, which hold call records, taken apart. No Odoo here.

Somebody who fetches calls posts or stores the whole answer as well as the list in it:
``{"calls": [...], "page": 0}``. The object is told from a record by its names.
"""

import json
from dataclasses import dataclass

from ..calls.limits import MAX_BYTES
from ..engine.parse import quote

NEEDED = ("call_id", "called", "start")
GENERIC = tuple((name, ((name,),)) for name in NEEDED)
# Lists that mean, when empty, that there were no calls.
LISTS = frozenset(("calls", "data", "records"))
# Under which names APIs say that they have no calls to give, and why.
ERRORS = ("error", "errors")
WORDS = ("message", "title", "detail")
LEVELS = 4
# A record has so many of the needed fields, an answer fewer.
ENOUGH = 2
SHOWN = 10


class NoRecord(ValueError):
    """An object that is neither a record nor an answer with one list of them.

    :param index: its place in what was sent
    :param names: what a record of the format would have
    :param held: what the object has instead
    """

    def __init__(self, index, names, held):
        super().__init__(f"it has none of {names}, but {held}")
        self.index, self.names, self.held = index, names, held


@dataclass(frozen=True, slots=True)
class Envelope:
    """What tells records of a format from what holds them.

    :param needed: of each needed field the alternatives, each the names joined
    """

    needed: tuple = GENERIC
    # Names of which a record has two at the least, in most formats.
    usual: frozenset = frozenset(NEEDED)

    @classmethod
    def of(cls, layout):
        """:param layout: :class:`~.layout.Format`; None: generic"""
        if layout is None:
            return cls()
        needed = tuple(
            (line.target, line.sources)
            for line in layout.lines
            if line.target in NEEDED and line.transform != "constant"
        )
        firsts = [sources[0] for _target, sources in needed]
        return cls(needed, frozenset(names[0] for names in firsts if len(names) == 1))

    def opened(self, records, strict=False):
        """The records, and those in the answers among them, in their order.

        :param records: list of what JSON can say
        :param strict: refuse what is neither and could not be kept whole
        :raises NoRecord: as ``strict`` says
        """
        found = []
        for index, record in enumerate(records):
            if not isinstance(record, dict) or self._is_record(record):
                found.append(record)
            else:
                found += self._open(index, record, strict)
        return found

    def has_record(self, records):
        """Whether anything of a list names a field of a call."""
        return any(isinstance(r, dict) and self._score(r) for r in records)

    def _open(self, index, record, strict):
        lists = dict(_lists(record, "", LEVELS))
        holding = {p: i for p, i in lists.items() if self._hold(i)}
        if len(holding) == 1:
            return next(iter(holding.values()))
        if not any(lists.values()) and LISTS.intersection(lists):
            return [] if not self._score(record) else [record]
        error = _error(record) if strict and not self._score(record) else ""
        if error:
            raise NoRecord(index, self._names(), f"the error {error}")
        if strict and (holding or any(lists.values()) or _is_long(record)):
            raise NoRecord(index, self._names(), _held(lists, record))
        return [record]

    def _hold(self, items):
        return any(isinstance(i, dict) and self._score(i) >= ENOUGH for i in items)

    def _is_record(self, record):
        quick = len(self.usual & record.keys()) >= ENOUGH
        return quick or self._score(record) >= ENOUGH

    def _score(self, record):
        """How many of the needed fields an object names."""
        return sum(
            any(all(_names(record, name) for name in names) for names in sources)
            for _target, sources in self.needed
        )

    def _names(self):
        return "; ".join(
            " | ".join(" + ".join(names) for names in sources)
            for _target, sources in self.needed
        )


def _names(record, name):
    """Whether a record has a name, or a path like ``variables.uuid``."""
    if name in record:
        return True
    above, mark, last = name.partition(".")
    while mark:
        record = _step(record, above)
        if record is None:
            return False
        above, mark, last = last.partition(".")
    return _step(record, above) is not None


def _step(value, name):
    if isinstance(value, dict):
        return value.get(name)
    if isinstance(value, list) and name.isascii() and name.isdigit():
        place = int(name) if len(name) < SHOWN else len(value)
        return value[place] if place < len(value) else None
    return None


def _lists(value, path, levels):
    """(path, list) of the lists of objects, and the empty ones, within objects."""
    for name, inner in value.items():
        if isinstance(inner, list) and (not inner or _holds_objects(inner)):
            yield path + name, inner
        elif isinstance(inner, dict) and levels:
            yield from _lists(inner, f"{path}{name}.", levels - 1)


def _holds_objects(items):
    return any(isinstance(item, dict) for item in items)


def _error(record):
    """What an API says went wrong; empty: it does not."""
    for name in ERRORS:
        inner = record.get(name)
        if inner and isinstance(inner, list):
            inner = inner[0]
        if inner and isinstance(inner, str):
            return quote(inner, 200)
        if isinstance(inner, dict) and (said := _words(inner)):
            return f"{quote(inner['code'])}: {said}" if "code" in inner else said
    said = _words(record)
    return f"{quote(record['code'])}: {said}" if said and "code" in record else ""


def _words(record):
    return next((quote(record[name], 200) for name in WORDS if record.get(name)), "")


def _is_long(record):
    """Whether the error queue could not keep all of it."""
    return len(json.dumps(record, default=str)) > MAX_BYTES


def _held(lists, record):
    parts = [f"{path[:80]} ({len(items):,})" for path, items in lists.items() if items]
    if parts:
        return f"the lists {', '.join(parts[:SHOWN])}"
    return f"the names {', '.join(name[:80] for name in list(record)[:SHOWN])}"
