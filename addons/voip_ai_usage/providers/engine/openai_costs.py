"""What an OpenAI organization was charged: ``GET /v1/organization/costs``.

It comes in buckets of a day of UTC, each with a result for a line of the provider's
invoice; a credit is negative.

Source: https://platform.openai.com/docs/api-reference/usage/costs
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from .told import BadRecord, mapping, money, objects, text, unix

DAY = timedelta(days=1)
# How long after its end a day may still grow.
SETTLES = timedelta(hours=24)
OTHER = "other"
_UNIT = Decimal("0.00000001")


@dataclass(frozen=True, slots=True)
class Day:
    """A day of UTC.

    :param str unit: currency code in capitals; "" where nothing was charged
    :param Decimal charged: rounded half up to 8 decimals
    :param tuple lines: (name of the invoice's line, exact amount), the dearest first
    """

    day: date
    unit: str
    charged: Decimal
    lines: tuple


def read_day(bucket):
    """The :class:`Day` of a bucket.

    :raises BadRecord: a field cannot be read, or the currencies are several
    """
    start, end = unix(bucket, "start_time"), unix(bucket, "end_time")
    if start is None or end is None:
        raise BadRecord("missing_field", "start_time and end_time are missing.")
    if end - start != DAY or start != start.replace(hour=0, minute=0, second=0):
        raise BadRecord("bad_time", f"{start:%Y-%m-%d %H:%M} is no day of UTC.")
    lines, units = {}, set()
    for result in objects(bucket, "results"):
        amount = mapping(result, "amount")
        value = money(amount, "value")
        if not value:
            continue
        units.add(text(amount, "currency", required=True).upper())
        name = text(result, "line_item") or OTHER
        lines[name] = lines.get(name, Decimal(0)) + value
    if len(units) > 1:
        raise BadRecord("bad_value", f"currency: {', '.join(sorted(units))} on a day.")
    found = sorted(lines.items(), key=lambda line: (-abs(line[1]), line[0]))
    total = sum(lines.values(), Decimal(0)).quantize(_UNIT, ROUND_HALF_UP)
    return Day(start.date(), next(iter(units), ""), total, tuple(found))
