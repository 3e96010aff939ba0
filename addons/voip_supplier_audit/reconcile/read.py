"""Both sides of an invoice as columns: our rated calls, the supplier's records."""

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from ..engine.classify import NO_LINE, Charged
from ..engine.records import DAY_US, SECOND_US, Records
from ..engine.runs import distinct
from ..records.store import NUMBER
from .binary import read_columns

_SCALE = 100_000_000
# Zones change at whole quarters of an hour.
_QUARTER_US = 900 * SECOND_US
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_OURS_NAMES = ("id", "call", "caller", "called", "start", "amount", "packed")
# Fewer columns are sent faster: the rate, 31 bits of milliseconds, whether answered.
_RATE_BITS, _MS_BITS = 32, 1
# Call ids are asked for only where the supplier has any, too.
_IDS = (
    "COALESCE(c.hash, 0)",
    # Hashed before they are joined: the texts would fill the memory of the join.
    "LEFT JOIN (SELECT id, hashtextextended(call_id, 0) AS hash FROM voip_cdr_row"
    " WHERE start >= %(since)s AND start < %(until)s OFFSET 0) c ON c.id = u.source_id",
)
_NO_IDS = ("0::bigint", "")
# A call that was taken back and rated again is there once, as it was rated last.
_OURS = f"""
SELECT u.id, {{call}},
       COALESCE(u.caller_number, {NUMBER.format("u.caller")}),
       COALESCE(u.called_number, {NUMBER.format("u.called")}), u.started_at,
       (COALESCE(u.cost_amount, u.cost) * {_SCALE})::bigint,
       (u.cost_rate_id::bigint << {_RATE_BITS}) | (u.duration_ms::bigint << {_MS_BITS})
       | u.answered::int
  FROM voip_usage_row u {{calls}}
 WHERE u.company_id = %(company)s AND u.supplier_id = ANY(%(suppliers)s)
   AND u.started_at >= %(since)s AND u.started_at < %(until)s
   AND u.cost_rate_id IS NOT NULL AND u.reversal_of IS NULL
   AND NOT EXISTS (SELECT FROM voip_usage_row r
                    WHERE r.reversal_of IS NOT NULL AND r.reversal_of = u.id
                      AND r.started_at >= %(since)s AND r.started_at < %(until)s)
"""
_THEIRS_NAMES = ("id", "call", "caller", "called", "start", "ms", "amount", "price")
_THEIRS_NAMES += ("code",)
_THEIRS = f"""
SELECT id, COALESCE(hashtextextended(call_id, 0), 0),
       COALESCE(caller_number, {NUMBER.format("caller")}),
       COALESCE(called_number, {NUMBER.format("called")}), start, duration_ms::bigint,
       (amount * {_SCALE})::bigint, COALESCE((rate * {_SCALE})::bigint, -1),
       {NUMBER.format("prefix")}
  FROM voip_supplier_record_row WHERE invoice_id = %(invoice)s
"""
# The price that a rate replaced, where it did.
_PRICES = f"""
SELECT r.id, (r.price_per_minute * {_SCALE})::bigint,
       COALESCE((SELECT (o.price_per_minute * {_SCALE})::bigint FROM voip_rate o
                  WHERE o.deck_id = r.deck_id AND o.prefix = r.prefix
                    AND o.origin_prefix IS NOT DISTINCT FROM r.origin_prefix
                    AND o.effective_from < r.effective_from
                  ORDER BY o.effective_from DESC LIMIT 1), -1)
  FROM voip_rate r WHERE r.id = ANY(%s) ORDER BY r.id
"""


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """One side of an invoice, a row per call.

    ``ids`` are those of the rows in the database; ``day`` days since 1970 in the
    invoice's zone; ``code`` what says the line: of ours the id of the rate's version,
    of theirs the printed code, else the called number, as an int.
    """

    ids: np.ndarray
    records: Records
    charged: Charged
    code: np.ndarray
    day: np.ndarray

    def __len__(self):
        return len(self.ids)


def read_ours(cr, asked, ids=False):
    """Our calls of the period and a day on either side.

    :param asked: {since, until, company, suppliers, tz}: naive UTC, ids, IANA name
    :param ids: with call ids
    :return: :class:`Side`; lines are not looked for
    """
    call, calls = _IDS if ids else _NO_IDS
    query = cr.mogrify(_OURS.format(call=call, calls=calls), asked).decode()
    with _all_cores(cr):
        found = read_columns(cr._obj, query, _OURS_NAMES, ("start",))
    packed = found.pop("packed")
    found["ms"] = (packed & ((1 << _RATE_BITS) - 1)) >> _MS_BITS
    rate = packed >> _RATE_BITS
    records = _records(found)
    rates, place = distinct(rate)
    cr.execute(_PRICES, [rates.tolist()])
    prices = np.array([row[1:] for row in cr.fetchall()], np.int64).reshape(-1, 2)
    charged = Charged(
        np.full(len(records), NO_LINE),
        found["amount"],
        prices[place, 0],
        prices[place, 1],
        found["ms"],
        packed & 1 == 1,
    )
    day = days(records.start_us, asked["tz"])
    return Side(found["id"], records, charged, rate, day)


def read_theirs(cr, invoice, tz):
    """The supplier's records of an invoice, as :class:`Side`."""
    query = cr.mogrify(_THEIRS, {"invoice": invoice}).decode()
    with _all_cores(cr):
        found = read_columns(cr._obj, query, _THEIRS_NAMES, ("start",))
    records = _records(found)
    known = np.zeros(len(records), np.int64)
    charged = Charged(
        known,
        found["amount"],
        found["price"],
        known - 1,
        found["ms"],
        np.ones(len(records), bool),
    )
    code = np.where(found["code"] > 0, found["code"], found["called"])
    return Side(found["id"], records, charged, code, days(found["start"], tz))


def days(moments, tz):
    """Days since 1970 of moments (int64 microseconds, UTC) in an IANA zone."""
    quarters, place = distinct(moments // _QUARTER_US)
    zone = ZoneInfo(tz)
    ahead = [
        (_EPOCH + timedelta(microseconds=quarter * _QUARTER_US))
        .astimezone(zone)
        .utcoffset()
        // _MICROSECOND
        for quarter in quarters.tolist()
    ]
    return (moments + np.array(ahead, np.int64)[place]) // DAY_US


@contextmanager
def _all_cores(cr):
    """Let the server read with all its processes: numbers are read from texts."""
    cr.execute("SET LOCAL parallel_setup_cost = 0")
    cr.execute("SET LOCAL parallel_tuple_cost = 0")
    yield
    cr.execute("SET LOCAL parallel_setup_cost TO DEFAULT")
    cr.execute("SET LOCAL parallel_tuple_cost TO DEFAULT")


def _records(found):
    return Records(
        found["call"], found["caller"], found["called"], found["start"], found["ms"]
    )
