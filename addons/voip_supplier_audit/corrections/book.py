"""Accepted differences become cost of summaries: plain SQL, set by set."""

from decimal import Decimal

from odoo.addons.voip_billing_base.charge.regroup import KEY_SQL, charge_of, wide
from odoo.addons.voip_billing_base.charge.writer import UsageWriter

from ..costs.match import ZERO, Cell, finder

TABLE = "voip_supplier_correction_row"
# Our calls of the period by version of the rate, the supplier's day and summary. What
# was taken back counts the other way, also on the summary that gives it back.
CALLS_SQL = """
DROP TABLE IF EXISTS pg_temp.voip_correction_call, pg_temp.voip_correction_part;
CREATE TEMP TABLE voip_correction_call ON COMMIT DROP AS
SELECT u.cost_rate_id, u.summary_id, u.account_id, u.rate_id,
       COALESCE(u.unit_price, s.unit_price) AS price, s.local_day,
       (u.started_at AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date AS day,
       sum(CASE WHEN u.reversal_of IS NULL THEN 1 ELSE -1 END) AS attempts,
       sum(CASE WHEN u.reversal_of IS NULL THEN 1 ELSE -1 END
           * COALESCE(u.cost_billed_seconds, 0)::bigint) AS seconds,
       sum(COALESCE(u.cost_amount, u.cost)) AS amount, sum(u.cost) AS cost
  FROM voip_usage_row u JOIN voip_usage_summary s ON s.id = u.summary_id
  JOIN voip_rate r ON r.id = u.cost_rate_id
  JOIN voip_rate_deck d ON d.id = r.deck_id AND d.currency_id = %(currency)s
 WHERE u.company_id = %(company)s AND u.supplier_id = ANY(%(suppliers)s)
   AND u.started_at >= %(since)s AND u.started_at < %(until)s
 GROUP BY 1, 2, 3, 4, 5, 6, 7;
ANALYZE voip_correction_call
"""
CELLS_SQL = """
SELECT DISTINCT c.cost_rate_id, c.day, r.prefix, r.destination_id,
       r.price_per_minute::text
  FROM voip_correction_call c JOIN voip_rate r ON r.id = c.cost_rate_id
 ORDER BY 1, 2
"""
# Each gets what the rounded running total grows by: together exactly the difference.
# The weight of a line is its cost; of calls that cost nothing their length, else their
# number. Money of the company follows at what the calls were converted at.
PART_SQL = """
CREATE TEMP TABLE voip_correction_part ON COMMIT DROP AS
WITH line AS (
    SELECT * FROM unnest(%(rates)s::int[], %(days)s::date[], %(lines)s::int[])
        AS x(cost_rate_id, day, line_id)),
gap AS (
    SELECT * FROM unnest(%(keys)s::int[], %(gaps)s::numeric[]) AS x(line_id, gap)),
call AS (
    SELECT line_id, c.*, gap, sum(amount) OVER w AS all_amount,
           sum(cost) OVER w AS all_cost, sum(seconds) OVER w AS all_seconds,
           sum(attempts) OVER w AS all_attempts
      FROM line JOIN gap USING (line_id)
      JOIN voip_correction_call c USING (cost_rate_id, day)
    WINDOW w AS (PARTITION BY line_id)),
weighted AS (
    SELECT *, CASE WHEN all_amount <> 0 THEN amount WHEN all_seconds <> 0 THEN seconds
                   ELSE attempts END AS weight,
           gap * COALESCE(all_cost / NULLIF(all_amount, 0), %(rate)s::numeric)
               AS company_gap
      FROM call WHERE all_amount <> 0 OR all_seconds <> 0 OR all_attempts <> 0),
running AS (
    SELECT *, sum(weight) OVER (PARTITION BY line_id) AS whole,
           sum(weight) OVER (PARTITION BY line_id ORDER BY summary_id, cost_rate_id,
                             rate_id, price, day ROWS UNBOUNDED PRECEDING) AS upto
      FROM weighted)
SELECT line_id, account_id, summary_id, rate_id, cost_rate_id, local_day, price,
       round(gap * upto / whole, 8) - round(gap * (upto - weight) / whole, 8)
           AS cost_amount,
       round(company_gap * upto / whole, 8)
           - round(company_gap * (upto - weight) / whole, 8) AS cost,
       NULL::bigint AS reversal_of
  FROM running
"""
BACK_SQL = """
DROP TABLE IF EXISTS pg_temp.voip_correction_part;
CREATE TEMP TABLE voip_correction_part ON COMMIT DROP AS
SELECT line_id, account_id, summary_id, rate_id, cost_rate_id, local_day, price,
       -cost_amount AS cost_amount, -cost AS cost, id AS reversal_of
  FROM voip_supplier_correction_row
 WHERE correction_id = %(correction)s AND reversal_of IS NULL
"""
GROUPS_SQL = f"""
SELECT {KEY_SQL}, g.cost
  FROM (SELECT summary_id, (sum(cost) * 100000000)::numeric(40)::text AS cost
          FROM voip_correction_part WHERE cost <> 0 OR cost_amount <> 0
         GROUP BY 1) g
  JOIN voip_usage_summary s ON s.id = g.summary_id
 ORDER BY s.id
"""
ADD_SQL = f"""
INSERT INTO {TABLE} (
       correction_id, company_id, line_id, account_id, summary_id, rate_id,
       cost_rate_id, local_day, price, cost_amount, cost, reversal_of)
SELECT %(correction)s, %(company)s, p.line_id, p.account_id, m.target, p.rate_id,
       p.cost_rate_id, p.local_day, p.price, p.cost_amount, p.cost, p.reversal_of
  FROM voip_correction_part p
  JOIN unnest(%(sources)s::int[], %(targets)s::int[]) AS m(source, target)
    ON m.source = p.summary_id
 WHERE p.cost <> 0 OR p.cost_amount <> 0
"""
SUMS_SQL = f"""
SELECT COALESCE(sum(cost_amount), 0)::text, COALESCE(sum(cost), 0)::text
  FROM {TABLE} WHERE correction_id = %s AND reversal_of IS NULL
"""


def spread(cr, asked, lines, gaps, rate):
    """Put differences of lines on our calls, in ``voip_correction_part``.

    :param asked: {since, until, company, suppliers, tz, currency}: naive UTC, ids
    :param lines: :class:`~..costs.match.Asked` of all lines of usage
    :param gaps: {key of a line: Decimal}, in the supplier's currency
    :param rate: Decimal, units of the company's currency for one of his, of calls that
        cost nothing
    """
    cr.execute(CALLS_SQL, asked)
    cr.execute(CELLS_SQL)
    line_of, rows = finder(lines), []
    for rate_id, day, prefix, destination, price in cr.fetchall():
        cell = Cell(prefix, destination, Decimal(price), day, 0, 0, 0, ZERO)
        line = line_of(cell)
        if line is not None and line.key in gaps:
            rows.append((rate_id, day, line.key))
    rates, days, keys = map(list, zip(*rows, strict=True)) if rows else ([], [], [])
    cr.execute(
        PART_SQL,
        {
            "rates": rates,
            "days": days,
            "lines": keys,
            "keys": list(gaps),
            "gaps": list(map(str, gaps.values())),
            "rate": str(rate),
        },
    )


def take_back(cr, correction):
    """Put what a correction added on the calls again, with the other sign."""
    cr.execute(BACK_SQL, {"correction": correction})


def add(correction, origin):
    """Add what is in ``voip_correction_part`` to the summaries, and keep it.

    A summary that is invoiced or sealed stays: a late one of the same day gets it. The
    caller holds the company's lock.

    :param correction: record of ``voip.supplier.correction``
    :raises RetryTransaction: a summary was billed meanwhile
    """
    cr = correction.env.cr
    cr.execute(GROUPS_SQL)
    if not (groups := cr.fetchall()):
        return
    writer = UsageWriter(correction.env, correction.company_id, None, origin)
    cost = wide([group[-1] for group in groups])
    targets = writer.assign(charge_of(groups, cost=cost))
    cr.execute(
        ADD_SQL,
        {
            "correction": correction.id,
            "company": correction.company_id.id,
            "sources": [group[0] for group in groups],
            "targets": targets.tolist(),
        },
    )
    writer.finish()


def placed(cr, correction):
    """(supplier's money, company's money) that a correction put on calls; Decimals."""
    cr.execute(SUMS_SQL, [correction])
    return tuple(map(Decimal, cr.fetchone()))
