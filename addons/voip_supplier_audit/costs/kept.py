"""Cost by supplier, rate and quarter of an hour, summed once from rated usage.

Usage is append-only and numbered: what is up to a number that nobody can be below any
more is added once; what is after it is few and summed when it is asked for. Time zones
differ by quarters of an hour, so days of any zone are sums of such cells.
"""

from decimal import Decimal

from odoo.addons.voip_billing_base.charge import witness

KIND = "supplier_cost"
SEQUENCE = "voip_usage_row_block_seq"
# Rows of so many numbers are added in one go.
STEP = 5_000_000
TABLE = """
CREATE TABLE IF NOT EXISTS voip_supplier_cost_row (
    slot timestamp NOT NULL,
    calls bigint NOT NULL,
    duration_ms bigint NOT NULL,
    billed_seconds bigint NOT NULL,
    amount numeric NOT NULL,
    company_id integer NOT NULL,
    supplier_id integer NOT NULL,
    rate_id integer NOT NULL,
    attempts bigint NOT NULL DEFAULT 0,
    UNIQUE (company_id, supplier_id, slot, rate_id)
);
CREATE TABLE IF NOT EXISTS voip_supplier_cost_progress (upto bigint NOT NULL)
"""
# Sums of reversals count the other way; their amounts have the other sign already.
SUMS = """
SELECT date_bin('15 minutes', u.started_at, TIMESTAMP '2000-01-01') AS slot,
       COALESCE(sum(CASE WHEN u.reversal_of IS NULL THEN 1 ELSE -1 END)
                FILTER (WHERE u.answered), 0) AS calls,
       sum(CASE WHEN u.reversal_of IS NULL THEN 1 ELSE -1 END * u.duration_ms::bigint)
           AS duration_ms,
       sum(CASE WHEN u.reversal_of IS NULL THEN 1 ELSE -1 END
           * COALESCE(u.cost_billed_seconds, 0)::bigint) AS billed_seconds,
       sum(COALESCE(u.cost_amount, u.cost)) AS amount,
       u.company_id, u.supplier_id, u.cost_rate_id AS rate_id,
       sum(CASE WHEN u.reversal_of IS NULL THEN 1 ELSE -1 END) AS attempts
  FROM voip_usage_row u
 WHERE u.supplier_id IS NOT NULL AND u.cost_rate_id IS NOT NULL AND {where}
 GROUP BY 1, u.company_id, u.supplier_id, u.cost_rate_id
"""
NAMES = (
    "slot, calls, duration_ms, billed_seconds, amount, company_id, supplier_id,"
    " rate_id, attempts"
)
ADD = f"""
INSERT INTO voip_supplier_cost_row AS k ({NAMES})
{SUMS.format(where="u.id > %(from)s AND u.id <= %(to)s")}
    ON CONFLICT (company_id, supplier_id, slot, rate_id) DO UPDATE
   SET calls = k.calls + EXCLUDED.calls,
       duration_ms = k.duration_ms + EXCLUDED.duration_ms,
       billed_seconds = k.billed_seconds + EXCLUDED.billed_seconds,
       amount = k.amount + EXCLUDED.amount,
       attempts = k.attempts + EXCLUDED.attempts
"""
TAIL = SUMS.format(
    where="u.id > %(upto)s AND u.company_id = %(company)s"
    " AND u.supplier_id = ANY(%(suppliers)s)"
    " AND u.started_at >= %(since)s AND u.started_at < %(until)s"
)
CELL = f"""
WITH cell AS (
    SELECT {NAMES} FROM voip_supplier_cost_row
     WHERE company_id = %(company)s AND supplier_id = ANY(%(suppliers)s)
       AND slot >= %(since)s AND slot < %(until)s
    UNION ALL
    {TAIL}
)
"""
# Cells of a supplier by local day and rate, whose version never changes.
CELLS = f"""
{CELL}
SELECT r.prefix, r.destination_id, r.price_per_minute::text,
       (c.slot AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date AS day,
       sum(c.calls)::bigint, sum(c.duration_ms)::bigint,
       sum(c.billed_seconds)::bigint, sum(c.amount)::text
  FROM cell c JOIN voip_rate r ON r.id = c.rate_id JOIN voip_rate_deck d
    ON d.id = r.deck_id
 WHERE d.currency_id = %(currency)s
 GROUP BY 1, 2, 3, 4 HAVING sum(c.calls) <> 0 OR sum(c.amount) <> 0 ORDER BY 1, 2, 3, 4
"""
CURRENCIES = f"""
{CELL}
SELECT d.currency_id
  FROM cell c JOIN voip_rate r ON r.id = c.rate_id JOIN voip_rate_deck d
    ON d.id = r.deck_id
 GROUP BY 1 HAVING sum(c.calls) <> 0 OR sum(c.amount) <> 0 ORDER BY 1
"""


def reached(cr):
    """The number up to which usage is in the table."""
    cr.execute("SELECT upto FROM voip_supplier_cost_progress")
    row = cr.fetchone()
    return row[0] if row else 0


def advance(cr):
    """Add what is surely complete by now; returns whether more is left.

    Takes a mark for the next time, too: what is taken at one is added at the next.
    """
    cr.execute("LOCK TABLE voip_supplier_cost_progress IN EXCLUSIVE MODE")
    start = reached(cr)
    cr.execute(witness.REACHED_SQL, [KIND])
    safe = cr.fetchone()[0]
    end = min(safe, start + STEP)
    if end > start:
        cr.execute(ADD, {"from": start, "to": end})
        cr.execute("DELETE FROM voip_supplier_cost_progress")
        cr.execute("INSERT INTO voip_supplier_cost_progress VALUES (%s)", [end])
    cr.execute(witness.MARK_SQL.format(sequence=SEQUENCE), {"kind": KIND})
    return safe > end


def cells(cr, company, suppliers, span, tz, currency):
    """What a supplier cost us, by prefix, destination, price and local day.

    :param suppliers: ids of a partner and his contacts
    :param span: (since, until) naive UTC
    :return: rows (prefix, destination, price, day, calls, milliseconds, billed
        seconds, amount); money as Decimal
    """
    asked = _asked(cr, company, suppliers, span)
    cr.execute(CELLS, {**asked, "tz": tz, "currency": currency})
    return [
        (prefix, destination, Decimal(price), *counts, Decimal(amount))
        for prefix, destination, price, *counts, amount in cr.fetchall()
    ]


def currencies(cr, company, suppliers, span):
    """Ids of the currencies that a supplier cost us in; asked as :func:`cells` is."""
    cr.execute(CURRENCIES, _asked(cr, company, suppliers, span))
    return [row[0] for row in cr.fetchall()]


def _asked(cr, company, suppliers, span):
    since, until = span
    return {
        "company": company,
        "suppliers": suppliers,
        "since": since,
        "until": until,
        "upto": reached(cr),
    }
