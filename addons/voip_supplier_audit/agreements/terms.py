"""Days of a dispute window, in the supplier's zone. No Odoo here."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

# Days before the end of the window on which people are reminded.
REMINDERS = (10, 5, 2)


def window_end(day, days, tz):
    """The moment at which a dispute window is over.

    The day from which it counts is not counted itself, as in the practice of carriers:
    of 30 days after the 1st the 31st is the last one.

    :param day: date from which the window counts
    :param days: length, 0 or more
    :param tz: IANA zone in which days begin
    :return: naive UTC, the midnight after the last day
    """
    after = day + timedelta(days=days + 1)
    midnight = datetime.combine(after, time(), ZoneInfo(tz))
    return midnight.astimezone(UTC).replace(tzinfo=None)


def days_left(end, now, tz):
    """Whole days from today to the last day of the window, both of the zone.

    :param end: as :func:`window_end`
    :param now: naive UTC
    :return: 0 on the last day, below 0 after it
    """
    return (last_day(end, tz) - _local_day(now, ZoneInfo(tz))).days


def last_day(end, tz):
    """The last day of a window, in the zone, that ends at a moment.

    :param end: as :func:`window_end`
    """
    return _local_day(end - timedelta(seconds=1), ZoneInfo(tz))


def reminder(left, told):
    """The reminder that is due, or None.

    :param left: as :func:`days_left`
    :param told: the last reminder that was given, in days; 0: none yet
    :return: one of :data:`REMINDERS`; those that were missed are skipped
    """
    if left < 0:
        return None
    due = [days for days in REMINDERS if left <= days]
    if due and (not told or min(due) < told):
        return min(due)
    return None


def _local_day(moment, zone):
    return moment.replace(tzinfo=UTC).astimezone(zone).date()
