"""Usage that other invoices of a supplier have billed. No Odoo here."""

from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

from .match import ZERO, finder

UNIT = Decimal("0.00000001")


@dataclass(frozen=True, slots=True)
class Other:
    """Another invoice: days, both included, and what its lines are about.

    ``shares`` says by key of a line which part of our cost of it is billed, 0 to 1.
    """

    number: str
    first: object
    last: object
    lines: tuple
    shares: dict


@dataclass(frozen=True, slots=True)
class Billed:
    """So much of a cell is on the invoice of that number."""

    cell: object
    number: str
    amount: Decimal


def without_billed(cells, others):
    """What of our cost no other invoice has billed.

    :param cells: :class:`~.match.Cell` s
    :param others: :class:`Other` s, the earlier first
    :return: (cells that are left, with the rest where a part was billed;
        [:class:`Billed`])
    """
    finders = _finders(others)
    left, billed = [], []
    for cell in cells:
        rest = cell.amount
        for other, line_of in finders:
            line = _line(cell, other, line_of)
            part = _part(cell, other.shares[line.key], rest) if line else ZERO
            if part:
                billed.append(Billed(cell, other.number, part))
                rest -= part
        if rest == cell.amount:
            left.append(cell)
        elif rest:
            left.append(replace(cell, amount=rest))
    return left, billed


def beside_others(cells, others):
    """Cells that are on no line of the other invoices."""
    finders = _finders(others)
    return [
        cell
        for cell in cells
        if not any(_line(cell, other, line_of) for other, line_of in finders)
    ]


def _finders(others):
    return [(other, finder(other.lines)) for other in others]


def _line(cell, other, line_of):
    return line_of(cell) if other.first <= cell.day <= other.last else None


def _part(cell, share, rest):
    """Of what is left of a cell at most the billed share of it."""
    part = (cell.amount * share).quantize(UNIT, ROUND_HALF_UP)
    return min(part, rest) if cell.amount > 0 else ZERO
