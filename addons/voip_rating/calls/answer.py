"""Whether a call was answered, when and for how long. No Odoo here.

The answer decides, not the duration: many switches count from dialling. What a record
says twice must agree, and of a time that comes twice the record's own times and order
say which is meant.
"""

import json
from dataclasses import dataclass, field
from itertools import product

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..engine.parse import DURATION_LIMIT_MS, quote
from ..engine.rate import NO_TIME
from . import column, figures
from .limits import to_strict_json

NAMES = ("start", "answer", "end")
# The field in a record's metadata that tells of times which may be later.
AMBIGUOUS = "_ambiguous_time"
# Longer than anything rings; an hour that comes twice must not look like ringing.
RINGING_US = 15 * 60_000_000


@dataclass(slots=True)
class Odd:
    """Times that are no plain moments, by column.

    ``never`` are rows that say in words or figures that there was none, ``later`` how
    many microseconds later each row may mean.
    """

    never: dict = field(default_factory=dict)
    later: dict = field(default_factory=dict)

    def note_later(self, name, rows, shifts, count):
        """Keep the shifts of ``rows``, where there are any."""
        if shifts.any():
            self.later[name] = np.zeros(count, np.int64)
            self.later[name][rows] = shifts


@dataclass(slots=True)
class Talk:
    """Columns of one length: checked times, answered or not, answered milliseconds.

    ``doubtful`` is {row: sentence} of calls that could be at two times, ``silent`` the
    stated milliseconds where nothing says that the call was answered, else 0.
    """

    times: dict
    answered: np.ndarray
    duration: np.ndarray
    doubtful: dict
    silent: np.ndarray

    def mark(self, metadata):
        """The metadata of records, with what is doubtful."""
        if not self.doubtful:
            return metadata
        texts = metadata.to_pylist()
        for row, sentence in self.doubtful.items():
            fields = json.loads(texts[row] or "{}")
            texts[row] = to_strict_json({**fields, AMBIGUOUS: sentence})
        return pa.array(texts, pa.string())


def read(columns, count, limits, errors):
    """Read and check times, duration and ``answered`` of records.

    :param columns, limits: as :func:`~.check.parse_records` has them
    :return: :class:`Talk`
    """
    odd = Odd()
    times = {
        name: column.moments(name, columns.get(name), count, limits.zone, errors, odd)
        for name in NAMES
    }
    column.require_start(times["start"], columns.get("start"), errors)
    _refuse_no_start(odd, columns, errors)
    stated = figures.durations(columns.get("duration"), count, errors)
    said = figures.said(columns.get("answered"), count, errors)
    answered = np.where(said < 0, times["answer"] != NO_TIME, said == 1)
    doubtful = _settle(times, odd.later, np.where(answered, stated, -1), limits)
    _refuse_claims(columns.get("answer"), said, times["answer"], odd, errors)
    silent = np.where((said < 0) & ~answered, stated, 0)
    span = _span(times)
    duration = np.where(stated < 0, np.maximum(span, 0), stated)
    duration[~answered] = 0
    column.check_times(times, duration, limits, errors)
    _check_duration(times, stated, span, answered, limits, errors)
    _refuse_denials(times, np.where(stated < 0, span, stated), said, limits, errors)
    return Talk(times, answered, duration, doubtful, silent)


def _span(times):
    """Milliseconds from answer to end, rounded up; -1 where one is missing."""
    answer, end = times["answer"], times["end"]
    span = np.full(len(answer), -1, np.int64)
    both = (answer != NO_TIME) & (end != NO_TIME)
    span[both] = np.clip((end[both] - answer[both] + 999) // 1000, 0, DURATION_LIMIT_MS)
    return span


# === Never answered === #


def _refuse_no_start(odd, columns, errors):
    for row in odd.never.get("start", ()):
        shown = quote(_value(columns["start"], row))
        errors.note(int(row), "bad_time", f"start: {shown} is no moment")


def _refuse_claims(values, said, answer, odd, errors):
    """Refuse calls that say they were answered, and never."""
    claimed = said == 1
    for name in ("answer", "end"):
        for row in odd.never.get(name, ()):
            if claimed[row]:
                _refuse_claim(int(row), name, errors)
    if values is None:
        return
    blank = np.flatnonzero(claimed & (answer == NO_TIME)).tolist()
    for row in blank:
        if _value(values, row) == "":
            _refuse_claim(row, "answer", errors)


def _refuse_claim(row, name, errors):
    message = f"{name}: says never, but the record says that the call was answered"
    errors.note(row, "bad_time", message)


def refuse_silent(silent, sip_code, errors):
    """Refuse calls that a SIP code calls answered and nothing else does.

    :param silent: :attr:`Talk.silent`
    :param sip_code: Arrow array of texts
    """
    if not silent.any():
        return
    success = pc.equal(sip_code, "200").to_numpy(zero_copy_only=False)
    for row in np.flatnonzero((silent > 0) & success).tolist():
        errors.note(
            row,
            "missing_field",
            "answer: is missing, but SIP code 200 and a duration of"
            f" {column.seconds_text(silent[row])} s say that the call was answered:"
            " send answer or answered",
        )


def _refuse_denials(times, lasted, said, limits, errors):
    """Refuse calls that were not answered, and yet lasted since their answer."""
    answer = times["answer"]
    denied = (said == 0) & (answer != NO_TIME) & (lasted > limits.tolerance_ms)
    for row in np.flatnonzero(denied).tolist():
        errors.note(
            row,
            "bad_duration",
            "answered: says no, but the call was answered at"
            f" {column.text_time(int(answer[row]))} and lasted"
            f" {column.seconds_text(lasted[row])} s",
        )


def _value(values, row):
    value = values[int(row)]
    return value.as_py() if isinstance(value, pa.Scalar) else value


# === How long === #


def _check_duration(times, stated, span, answered, limits, errors):
    """Answered calls have a duration, and one only."""
    missing = answered & (stated < 0) & (span < 0)
    for row in np.flatnonzero(missing).tolist():
        errors.note(
            row,
            "missing_duration",
            "duration: is missing, and so is the answer or the end, of a call that was"
            " answered",
        )
    known = answered & (stated >= 0)
    wrong = known & (span >= 0) & (abs(stated - span) > limits.tolerance_ms)
    start, end = times["start"], times["end"]
    whole = known & (span < 0) & (times["answer"] == NO_TIME)
    whole &= (start != NO_TIME) & (end != NO_TIME)
    wrong |= whole & (stated * 1000 > end - start + limits.tolerance_ms * 1000)
    for row in np.flatnonzero(wrong).tolist():
        since = "answer" if span[row] >= 0 else "start"
        errors.note(row, "bad_duration", _differs(times, stated, row, since))


def _differs(times, stated, row, since):
    first, end = int(times[since][row]), int(times["end"][row])
    return (
        f"duration: {column.seconds_text(stated[row])} s is stated, but from {since}"
        f" {column.text_time(first)} to end {column.text_time(end)} are"
        f" {column.seconds_text((end - first) // 1000)} s"
    )


# === The hour that comes twice === #


def _settle(times, later, stated, limits):
    """Take of times that come twice those that fit each other, in place.

    Where several do the shortest call is taken, then the earliest.

    :param later: as in :class:`Odd`
    :param stated: milliseconds of answered calls, -1 without
    :return: {row: sentence} of calls that fit more than once
    """
    if not later:
        return {}
    rows = np.flatnonzero(np.any([shifts != 0 for shifts in later.values()], axis=0))
    choices = list(product((False, True), repeat=len(NAMES)))
    tried, fits, near, ranks = [], [], [], []
    for choice in choices:
        moments, possible = _tried(times, later, rows, choice)
        start, answer, end = (moments[name] for name in NAMES)
        tried.append(moments)
        fits.append(possible & _fits(moments, stated[rows], limits))
        near.append((answer == NO_TIME) | (answer - start <= RINGING_US))
        # The shortest, then the earliest, in one figure.
        ranks.append(np.where(end == NO_TIME, 0, end - start) * 8 + sum(choice))
    fits, near = np.array(fits), np.array(near)
    fits = np.where((fits & near).any(axis=0), fits & near, fits)
    taken = np.where(fits, ranks, np.iinfo(np.int64).max).argmin(axis=0)
    for name in NAMES:
        options = np.array([moments[name] for moments in tried])
        times[name][rows] = options[taken, np.arange(len(rows))]
    doubtful = np.flatnonzero(fits.sum(axis=0) > 1)
    return {int(rows[n]): _doubt(later, rows[n]) for n in doubtful.tolist()}


def _tried(times, later, rows, choice):
    """(times with the later ones chosen, rows where each of them may be later)."""
    tried, possible = {}, np.ones(len(rows), bool)
    for name, chosen in zip(NAMES, choice, strict=True):
        tried[name] = times[name][rows]
        if chosen:
            shifts = later[name][rows] if name in later else np.zeros(len(rows), int)
            possible &= shifts != 0
            tried[name] = tried[name] + shifts
    return tried, possible


def _fits(tried, stated, limits):
    """Whether times are in order, past, and as long as the record states."""
    start, answer, end = (tried[name] for name in NAMES)
    answers, ends = answer != NO_TIME, end != NO_TIME
    fits = start <= limits.now_us + column.FUTURE_US
    fits &= ~answers | (start <= answer)
    fits &= ~ends | (np.where(answers, answer, start) <= end)
    known = ends & (stated >= 0)
    off = (end - np.where(answers, answer, start)) // 1000 - stated
    tolerance = limits.tolerance_ms
    return fits & ~(known & (off < -tolerance)) & ~(known & answers & (off > tolerance))


def _doubt(later, row):
    names = [name for name in NAMES if name in later and later[name][row]]
    shift = max(int(later[name][row]) for name in names)
    minutes = shift // 60_000_000
    return (
        f"{', '.join(names)}: the clock showed this twice, {minutes} minutes apart;"
        " which is meant is not certain"
    )
