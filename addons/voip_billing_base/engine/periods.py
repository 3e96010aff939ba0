"""Billing periods as closed ranges of local days.

A period is ``(first, last)``, both included, in the account's own calendar; hours do
not appear, so days of 23 and 25 hours need no care. Months are counted from the anchor,
never from the previous period, so that an anchor on the 31st does not drift.
"""

from calendar import monthrange
from datetime import date, timedelta

CYCLES = (
    "daily",
    "weekly",
    "biweekly",
    "twice_month",
    "monthly",
    "n_days",
    "anniversary",
)
EPOCH_MONDAY = date(2024, 1, 1)


def last_closed(cycle, today, day=1, anchor=None, days=30):
    """The newest period that ended before ``today``.

    :param cycle: one of ``CYCLES``
    :param today: local date of the account
    :param day: invoice day 1..28, first day of a monthly period
    :param anchor: start date of the account (anniversary, n_days, biweekly)
    :param days: length of an n_days period
    :return: (first, last) dates, or None when no period has closed yet
    :raises ValueError: on an unknown cycle
    """
    if cycle == "daily":
        return today - timedelta(days=1), today - timedelta(days=1)
    if cycle == "weekly":
        return _fixed(today, EPOCH_MONDAY, 7)
    if cycle == "biweekly":
        return _fixed(today, EPOCH_MONDAY, 14)
    if cycle == "n_days":
        return _fixed(today, anchor or EPOCH_MONDAY, days)
    if cycle == "twice_month":
        return _twice_month(today)
    if cycle == "monthly":
        return _monthly(today, day)
    if cycle == "anniversary":
        return _anniversary(today, anchor)
    raise ValueError(f"unknown billing cycle {cycle!r}")


def _fixed(today, anchor, length):
    whole = (today - anchor).days // length
    if whole < 1:
        return None
    first = anchor + timedelta(days=(whole - 1) * length)
    return first, first + timedelta(days=length - 1)


def _twice_month(today):
    if today.day >= 16:
        return today.replace(day=1), today.replace(day=15)
    last = today.replace(day=1) - timedelta(days=1)
    return last.replace(day=16), last


def add_months(anchor, months):
    """``anchor`` moved by whole months, its day clipped to the month's length."""
    year, month = divmod(anchor.year * 12 + anchor.month - 1 + months, 12)
    return date(year, month + 1, min(anchor.day, monthrange(year, month + 1)[1]))


def _monthly(today, day):
    end = today.replace(day=day)
    if end > today:
        end = add_months(end, -1)
    return add_months(end, -1), end - timedelta(days=1)


def _anniversary(today, anchor):
    if anchor is None:
        raise ValueError("an anniversary cycle needs a start date")
    months = (today.year - anchor.year) * 12 + today.month - anchor.month
    if add_months(anchor, months) > today:
        months -= 1
    if months < 1:
        return None
    first = add_months(anchor, months - 1)
    return first, add_months(anchor, months) - timedelta(days=1)
