"""Both sides of an invoice as columns: our rated calls, the supplier's records."""

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from ..engine.classify import NO_LINE, Charged
from ..engine.records import DAY_US, NO_ID, SECOND_US, Records
from ..engine.runs import distinct, looked_up
from ..records.store import NUMBER
from .binary import read_columns

_SCALE = 100_000_000
# Zones change at whole quarters of an hour.
_QUARTER_US = 900 * SECOND_US
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_OURS_NAMES = ("id", "source", "caller", "called", "start", "amount", "packed")
_OURS_NAMES += ("back",)
# Fewer columns are sent faster: the rate, 31 bits of milliseconds, whether answered.
_RATE_BITS, _MS_BITS = 32, 1
# Call ids, asked for only where the supplier has any, too. They are joined here: the
# server's join of the texts takes twice as long.
_SENT = """
  FROM voip_cdr_row WHERE start >= %(since)s AND start < %(until)s
"""
_HASHES = f"SELECT id, hashtextextended(call_id, 0) {_SENT}"
# Where calls of others are so many times ours, they stay there.
_OTHERS = 3
_OF_OURS = """
   AND id IN (SELECT source_id FROM voip_usage_row
               WHERE company_id = %(company)s AND supplier_id = ANY(%(suppliers)s)
                 AND started_at >= %(since)s AND started_at < %(until)s)
"""
_OURS = f"""
SELECT u.id, COALESCE(u.source_id, 0),
       COALESCE(u.caller_number, {NUMBER.format("u.caller")}),
       COALESCE(u.called_number, {NUMBER.format("u.called")}), u.started_at,
       (COALESCE(u.cost_amount, u.cost) * {_SCALE})::bigint,
       (u.cost_rate_id::bigint << {_RATE_BITS}) | (u.duration_ms::bigint << {_MS_BITS})
       | u.answered::int,
       COALESCE(u.reversal_of, 0)
  FROM voip_usage_row u
 WHERE u.company_id = %(company)s AND u.supplier_id = ANY(%(suppliers)s)
   AND u.started_at >= %(since)s AND u.started_at < %(until)s
   AND u.cost_rate_id IS NOT NULL
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
    query = cr.mogrify(_OURS, asked).decode()
    with _all_cores(cr):
        found = _standing(read_columns(cr._obj, query, _OURS_NAMES, ("start",)))
        source = found.pop("source")
        found["call"] = _hashes(cr, asked, source) if ids else np.zeros_like(source)
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


def _standing(found):
    """A call that was taken back and rated again is there once, as it was rated last.

    What takes it back has its columns, so it is of the same supplier and moment.
    """
    back = found.pop("back")
    if not back.any():
        return found
    stands = (back == 0) & ~np.isin(found["id"], back)
    return {name: column[stands] for name, column in found.items()}


def _hashes(cr, asked, source):
    """Hashes of the call ids of ours.

    :param source: ids of the calls as they were sent; 0: of none
    :return: int64 array, :data:`~..engine.records.NO_ID` where there is none
    """
    cr.execute(f"EXPLAIN (FORMAT json) SELECT {_SENT}", asked)
    [[found]] = cr.fetchall()
    is_few = found[0]["Plan"]["Plan Rows"] <= _OTHERS * source.size
    query = cr.mogrify(_HASHES if is_few else _HASHES + _OF_OURS, asked).decode()
    found = read_columns(cr._obj, query, ("id", "hash"))
    return looked_up(found["id"], found["hash"], source, NO_ID)


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
