"""What a plan costs in a month: its fee and further lines, by the day where it began
or ended within the month.

What is charged is the difference to what was charged before, so a second run finds
nothing and another end is made good by the next one.
"""

from calendar import monthrange
from datetime import timedelta


def month_of(day):
    """(first day, last day) of the calendar month of a date."""
    first = day.replace(day=1)
    return first, day.replace(day=monthrange(day.year, day.month)[1])


def months(start, end):
    """First days of the months from ``start`` to ``end``, both in."""
    first, found = start.replace(day=1), []
    while first <= end:
        found.append(first)
        first = month_of(first)[1] + timedelta(days=1)
    return found


def days_in(first, start, end):
    """(days of the month that ``start`` to ``end`` covers, days of the month).

    :param first: first day of the month
    :param end: last day, or None where it is open
    """
    first, last = month_of(first)
    begin, until = max(first, start), min(last, end or last)
    return max((until - begin).days + 1, 0), last.day


def share(price, days, of):
    """``price`` (scaled by 10**8) for some days of a month, half up to 10**-8."""
    return (2 * price * days + of) // (2 * of)
