"""Numbers of two sides made comparable: masked digits, national forms.

A supplier may print +44 7900 123456 as 07900123456, or as 447900123xxx (read as digits
with the masked ones 0). What both sides know of a number decides: all of it, its last
nine or seven digits, or what is left of its masked end.
"""

import numpy as np

from .records import Records

SAMPLE = 20_000
ENOUGH = 0.5  # of the sample is found here
# name: (keep the digits above, keep the digits below), as powers of ten
FORMS = {
    "whole": (0, 18),
    "last 9": (0, 9),
    "last 7": (0, 7),
    "masked 2": (2, 18),
    "masked 3": (3, 18),
    "masked 4": (4, 18),
}
_ODD = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xBF58476D1CE4E5B9)
_SHIFT = np.uint64(29)


def reduced(numbers, form):
    """Digits of ``numbers`` (int64) that count in a form of :data:`FORMS`."""
    above, below = FORMS[form]
    if above:
        return numbers // 10**above
    return numbers if below == 18 else numbers % 10**below


def find_form(ours, theirs):
    """The fullest form in which their numbers are found among ours.

    :param ours, theirs: int64 digits, 0 = unknown
    :return: a name of :data:`FORMS`, or None where no form shows half of them
    """
    known = theirs[theirs > 0]
    step = max(known.size // SAMPLE, 1)
    sample = known[::step]
    if not sample.size:
        return None
    best, share = None, ENOUGH
    for form in FORMS:
        found = _share(reduced(sample, form), reduced(ours, form))
        # Fewer digits agree by chance more often: they must show clearly more.
        if found > share:
            best, share = form, found + 0.1
        if share >= 1:
            break
    return best


def _share(sample, ours):
    """Share of the sample that is among ours; the sample is what is sorted."""
    distinct, counts = np.unique(sample, return_counts=True)
    place = np.minimum(distinct.searchsorted(ours), distinct.size - 1)
    found = np.zeros(distinct.size, bool)
    found[place[distinct[place] == ours]] = True
    return counts[found].sum() / sample.size


def pair_keys(records: Records, caller_form, called_form):
    """A 64-bit key of the two numbers of each record, as int64.

    :param caller_form, called_form: names of :data:`FORMS`; None leaves one out
    """
    key = np.zeros(len(records), np.uint64)
    for numbers, form in (
        (records.called, called_form),
        (records.caller, caller_form),
    ):
        if form is not None:
            key = _mixed(key + reduced(numbers, form).astype(np.uint64))
    return key.view(np.int64)


def _mixed(key):
    """Spread of 64 bits (the finaliser of SplitMix64, public domain)."""
    key = (key + _ODD) * _MIX
    key ^= key >> _SHIFT
    return key * _ODD
