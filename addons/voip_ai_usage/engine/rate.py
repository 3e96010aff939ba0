"""What sessions cost: included units first, then units times price, then the minimum.

Money is integers in units of 10**-8. Each slice of a line is rounded once, by the rule
of its session's plan; a cost is rounded half up to 10**-8.
"""

from dataclasses import dataclass

import numpy as np

from odoo.addons.voip_billing_base.engine.exact import (
    INT64_MAX,
    add_at,
    largest,
    narrow,
)
from odoo.addons.voip_rating.engine.money import round_amounts

USAGE, INCLUDED, MINIMUM, FREE = range(4)
WORDS = ("", "included", "minimum", "not_charged")
NO_POOL = -1
NONE = -1
# No amount that was named: a credit may be any other.
UNSAID = -(2**62)


@dataclass(slots=True)
class Lines:
    """Columns of n lines, sessions in the order in which they count.

    ``session`` numbers the sessions from 0, ascending; ``price`` is for ``per`` units.
    Where ``given`` is not :data:`UNSAID` it is the amount, because it follows from a
    cost that somebody named. ``pool`` numbers what included units are taken from.
    """

    session: np.ndarray
    units: np.ndarray
    price: np.ndarray
    per: np.ndarray
    given: np.ndarray
    pool: np.ndarray

    def __len__(self):
        return len(self.session)


@dataclass(slots=True)
class Terms:
    """What holds for each session: minimum (scaled), decimals and mode of rounding
    (places in :data:`~odoo.addons.voip_rating.engine.money.ROUNDINGS`), and whether it
    is charged at all."""

    minimum: np.ndarray
    decimals: np.ndarray
    mode: np.ndarray
    charged: np.ndarray


@dataclass(slots=True)
class Slices:
    """What is charged, by session; ``line`` is :data:`NONE` of a minimum.

    ``first`` is True for one slice of each line: the one that bears its cost.
    """

    session: np.ndarray
    line: np.ndarray
    word: np.ndarray
    start: np.ndarray
    units: np.ndarray
    price: np.ndarray
    per: np.ndarray
    amount: np.ndarray
    first: np.ndarray

    def __len__(self):
        return len(self.line)


def starts(pool, units, before):
    """Units of its pool before each line, of lines in the order in which they count.

    :param pool: int array, :data:`NO_POOL` where there is none
    :param before: int array, units of each pool before all of them
    :return: int array, and the units of each pool after all of them
    """
    found, after = np.zeros(len(pool), np.int64), np.array(before, np.int64)
    rows = np.flatnonzero(pool != NO_POOL)
    if rows.size:
        rows = rows[np.argsort(pool[rows], kind="stable")]
        own = pool[rows]
        upto = np.cumsum(units[rows])
        head = np.flatnonzero(np.diff(own, prepend=-2))
        base = np.repeat(upto[head] - units[rows[head]], np.diff([*head, len(rows)]))
        found[rows] = upto - base - units[rows] + after[own]
        np.add.at(after, own, units[rows])
    return found, after


def rate(lines, terms, included, before):
    """(:class:`Slices`, units of each pool after all lines).

    :param included: int array, units of each pool that cost nothing
    :param before: int array, units of each pool that were counted before
    """
    counted = terms.charged[lines.session]
    pool = np.where(counted, lines.pool, NO_POOL)
    start, after = starts(pool, lines.units, before)
    most = np.append(np.asarray(included, np.int64), 0)[pool]
    free = np.where(counted, np.clip(most - start, 0, lines.units), 0)
    slices = _sliced(lines, counted, start, free)
    slices.amount = _amounts(lines, terms, slices)
    return _with_minimum(slices, terms), after


def _sliced(lines, counted, start, free):
    """Included units apart from those that are paid; no amounts yet."""
    paid = lines.units - free
    own = np.flatnonzero((paid > 0) | (free == 0))
    rest = np.flatnonzero(free > 0)
    line = np.concatenate([own, rest])
    word = np.concatenate(
        [np.where(counted[own], USAGE, FREE), np.full(rest.size, INCLUDED)]
    )
    order = np.lexsort((word != INCLUDED, line))
    line, word = line[order], word[order]
    inside = word == INCLUDED
    return Slices(
        session=lines.session[line],
        line=line,
        word=word,
        start=start[line] + np.where(inside, 0, free[line]),
        units=np.where(inside, free[line], paid[line]),
        price=np.where(word == USAGE, lines.price[line], 0),
        per=lines.per[line],
        amount=np.zeros(len(line), np.int64),
        first=np.diff(line, prepend=-1) != 0,
    )


def _amounts(lines, terms, slices):
    units, price, per = slices.units, slices.price, slices.per
    if largest(units) * largest(price) > INT64_MAX // 4:
        units, price = units.astype(object), price.astype(object)
    worth = units * price
    result = np.zeros(len(slices), worth.dtype)
    for count in np.unique(per).tolist():
        rows = np.flatnonzero(per == count)
        own = slices.session[rows]
        decimals, mode = terms.decimals[own], terms.mode[own]
        result[rows] = round_amounts(worth[rows], count, decimals, mode)
    given = lines.given[slices.line]
    told = (given != UNSAID) & (slices.word == USAGE)
    return narrow(np.where(told, given, result))


def _with_minimum(slices, terms):
    """Add what lacks to the minimum of each session that is charged."""
    count = len(terms.minimum)
    total = add_at(np.zeros(count, np.int64), slices.session, slices.amount)
    # Without a minimum a credit stays one.
    asked = terms.charged & (terms.minimum > 0)
    lacks = np.where(asked, terms.minimum - total, 0)
    short = np.flatnonzero(lacks > 0)
    if not short.size:
        return slices
    none = np.zeros(short.size, np.int64)
    added = {
        "session": short,
        "line": none + NONE,
        "word": none + MINIMUM,
        "units": none + 1,
        "price": lacks[short],
        "per": none + 1,
        "amount": lacks[short],
    }
    columns = {
        name: np.concatenate([getattr(slices, name), added.get(name, none)])
        for name in Slices.__slots__
    }
    order = np.argsort(columns["session"], kind="stable")
    return Slices(**{n: narrow(column[order]) for n, column in columns.items()})


def costs(units, price, per):
    """Cost of ``units`` at ``price`` for ``per``, half up to 10**-8."""
    if 2 * largest(units) * largest(price) + largest(per) > INT64_MAX:
        units, price = units.astype(object), price.astype(object)
    return narrow((2 * units * price + per) // (2 * per))


def marked_up(price, markup):
    """A price with a mark-up (scaled by 10**6), half up to 10**-8."""
    return (2 * price * (10**6 + markup) + 10**6) // (2 * 10**6)
