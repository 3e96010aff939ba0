"""Months of rental: what a monthly price is the price of.

A month is ``(first, last)``, both included, in the account's own calendar. Months join
without gap or overlap; that of a day is unique.
"""

from datetime import date, timedelta

from odoo.addons.voip_billing_base.engine.periods import add_months

CALENDAR = date(2000, 1, 1)


def anchor_of(cycle, invoice_day, start):
    """The day from which the months of an account count.

    Where invoices are monthly the months of rental are those of the invoices, so that a
    whole month is on one invoice; else they are those of the calendar.

    :param cycle: one of :data:`~voip_billing_base.engine.periods.CYCLES`
    :param invoice_day: 1 to 28, first day of a monthly period
    :param start: start date of the account, of which an anniversary counts
    """
    if cycle == "monthly":
        return CALENDAR.replace(day=invoice_day)
    if cycle == "anniversary" and start:
        return start
    return CALENDAR


def month_of(day, anchor):
    """The month ``(first, last)`` that holds ``day``."""
    number = (day.year - anchor.year) * 12 + day.month - anchor.month
    if add_months(anchor, number) > day:
        number -= 1
    return add_months(anchor, number), add_months(anchor, number + 1) - timedelta(1)


def kept_anchor(anchor, month):
    """The day from which months count where ``month`` was charged already.

    That is ``anchor``, unless its months are others: the account's invoice day was
    changed since. The months that were begun go on then, so that none lie over those
    that are charged.

    :param month: (first, last) of a month that was charged
    """
    following = month[1] + timedelta(1)
    fit = (d for d in (anchor, month[0], following) if month_of(month[0], d) == month)
    return next(fit, anchor)


def months_between(first, last, anchor):
    """The months that hold the days from ``first`` to ``last``, in order."""
    found = []
    while first <= last:
        found.append(month_of(first, anchor))
        first = found[-1][1] + timedelta(1)
    return found
