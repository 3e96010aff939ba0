"""When a mail goes out, and when it is tried again."""

from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

# Minutes until the next try; the last one stays.
BACK_OFF = (1, 5, 15, 60, 180, 360)
# With these distances some two days.
MOST_TRIES = 12


def wait_after(tries):
    """Time until the next try after ``tries`` (from 1) that failed."""
    return timedelta(minutes=BACK_OFF[min(max(tries, 1), len(BACK_OFF)) - 1])


def next_hour(now, zone, hour):
    """The next moment at which it is ``hour`` o'clock somewhere: now, where it is.

    An hour that a spring night leaves out is the moment the clocks were put forward;
    one that an autumn night has twice is the first one.

    :param now: naive UTC
    :param zone: name of a time zone
    :param hour: 0 to 23
    :return: naive UTC, not before ``now``
    """
    place = ZoneInfo(zone)
    local = now.replace(tzinfo=UTC).astimezone(place)
    if local.hour == hour:
        return now
    day = local.replace(hour=hour, minute=0, second=0, microsecond=0, fold=0)
    while (moment := day.astimezone(UTC).replace(tzinfo=None)) < now:
        day += timedelta(days=1)
    return moment
