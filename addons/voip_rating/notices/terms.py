"""When a change may be valid that is announced now: pure, without Odoo.

The day of the delivery does not count. With 7 days, what is delivered on the 3rd is
valid from the midnight on that begins the 10th, in the zone that was agreed. Of working
days only those count; what is delivered on another day is delivered as the next one
begins. Without days it is valid at once.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

KINDS = ("new", "increased", "decreased", "closed")
ALL_WEEK = frozenset(range(7))
# No agreement asks for more; a calendar without a working day ends here.
MOST_DAYS = 366
_FARTHEST = 10 * MOST_DAYS


class Calendar:
    """Days that count.

    :param weekdays: numbers of working days, Monday 0; empty = every day
    :param holidays: dates that do not count
    """

    def __init__(self, weekdays=ALL_WEEK, holidays=()):
        self.weekdays = frozenset(weekdays) or ALL_WEEK
        self.holidays = frozenset(holidays)

    def counts(self, day: date) -> bool:
        return day.weekday() in self.weekdays and day not in self.holidays

    def next_from(self, day: date) -> date:
        """The first day from ``day`` on that counts; ``day`` where none does."""
        for ahead in range(_FARTHEST):
            if self.counts(found := day + timedelta(days=ahead)):
                return found
        return day


EVERY_DAY = Calendar()


def midnight(day: date, zone: str) -> datetime:
    """The first moment of a day in a zone, as naive UTC.

    Where clocks go forward at midnight, that is the moment they do.
    """
    local = datetime.combine(day, time(), ZoneInfo(zone))
    return local.astimezone(UTC).replace(tzinfo=None)


def earliest(
    delivered: datetime, days: int, zone: str, calendar: Calendar = EVERY_DAY
) -> datetime:
    """The first moment from which a change may be valid.

    :param delivered: naive UTC
    :param days: of notice, 0 or more
    :param zone: whose midnight counts
    :return: naive UTC, never before ``delivered``
    """
    if not days:
        return delivered
    today = delivered.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).date()
    day = calendar.next_from(today)
    for _day in range(days):
        day = calendar.next_from(day + timedelta(days=1))
    return max(delivered, midnight(day, zone))
