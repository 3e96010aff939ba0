"""Both sides of an invoice as columns: our rated calls, the supplier's records."""

from dataclasses import dataclass

import numpy as np

from ..engine.classify import NO_LINE, Charged
from ..engine.records import Records
from .binary import read_columns

_SCALE = 100_000_000
# What masks a digit is a 0; whatever else is no digit falls out.
_NUMBER = (
    "COALESCE(NULLIF(left(regexp_replace(translate({}, 'xX*', '000'), '[^0-9]', '',"
    " 'g'), 18), '')::bigint, 0)"
)
# Days since 1970 by the invoice's zone.
_DAY = "(({} AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date - DATE '1970-01-01')::bigint"
_OURS_NAMES = ("id", "call", "caller", "called", "start", "ms", "amount")
_OURS_NAMES += ("answered", "rate", "day")
# A call that was taken back and rated again is there once, as it was rated last.
_OURS = f"""
SELECT u.id, COALESCE(hashtextextended(c.call_id, 0), 0),
       COALESCE(u.caller_number, {_NUMBER.format("u.caller")}),
       COALESCE(u.called_number, {_NUMBER.format("u.called")}), u.started_at,
       u.duration_ms::bigint,
       (COALESCE(u.cost_amount, u.cost) * {_SCALE})::bigint, u.answered::int::bigint,
       u.cost_rate_id::bigint, {_DAY.format("u.started_at")}
  FROM voip_usage_row u
  LEFT JOIN voip_cdr_row c ON c.id = u.source_id
       AND c.start >= %(since)s AND c.start < %(until)s
 WHERE u.company_id = %(company)s AND u.supplier_id = ANY(%(suppliers)s)
   AND u.started_at >= %(since)s AND u.started_at < %(until)s
   AND u.cost_rate_id IS NOT NULL AND u.reversal_of IS NULL
   AND NOT EXISTS (SELECT FROM voip_usage_row r WHERE r.reversal_of = u.id
                      AND r.started_at >= %(since)s AND r.started_at < %(until)s)
"""
_THEIRS_NAMES = ("id", "call", "caller", "called", "start", "ms", "amount", "price")
_THEIRS_NAMES += ("code", "day")
_THEIRS = f"""
SELECT id, COALESCE(hashtextextended(call_id, 0), 0), {_NUMBER.format("caller")},
       {_NUMBER.format("called")}, start, duration_ms::bigint,
       (amount * {_SCALE})::bigint, COALESCE((rate * {_SCALE})::bigint, -1),
       COALESCE(NULLIF({_NUMBER.format("prefix")}, 0), {_NUMBER.format("called")}),
       {_DAY.format("start")}
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


def read_ours(cr, asked):
    """Our calls of the period and a day on either side.

    :param asked: {since, until, company, suppliers, tz}: naive UTC, ids, IANA name
    :return: :class:`Side`; lines are not looked for
    """
    query = cr.mogrify(_OURS, asked).decode()
    found = read_columns(cr._obj, query, _OURS_NAMES, ("start",))
    records = _records(found)
    rates, place = np.unique(found["rate"], return_inverse=True)
    cr.execute(_PRICES, [rates.tolist()])
    prices = np.array([row[1:] for row in cr.fetchall()], np.int64).reshape(-1, 2)
    charged = Charged(
        np.full(len(records), NO_LINE),
        found["amount"],
        prices[place, 0],
        prices[place, 1],
        found["ms"],
        found["answered"] == 1,
    )
    return Side(found["id"], records, charged, found["rate"], found["day"])


def read_theirs(cr, invoice, tz):
    """The supplier's records of an invoice, as :class:`Side`."""
    query = cr.mogrify(_THEIRS, {"invoice": invoice, "tz": tz}).decode()
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
    return Side(found["id"], records, charged, found["code"], found["day"])


def _records(found):
    return Records(
        found["call"], found["caller"], found["called"], found["start"], found["ms"]
    )
