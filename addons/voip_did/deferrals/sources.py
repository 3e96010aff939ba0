"""What month-ends read: the spans of days that invoice lines of rental are for.

All is as of the month-end's day, whenever it is read: by the dates of documents and
charges, and by the highest numbers of both that the month-end has seen.
"""

from decimal import Decimal

from odoo.addons.voip_billing_base.charge.values import day_number

from ..engine.deferral import Row, Source

# The days that a charge is for: the first one of a month those that are paid for; each
# further one those that come or go, or, where days stay as many, the rest of them from
# the day on which the change was found. A fee that is charged once is of its first day.
COVER = """
SELECT c.id, c.account_id, c.assignment_id, c.fee, c.month_first, c.turn, c.amount,
       s.move_line_id, x.first, GREATEST(x.first, x.last) AS last
  FROM voip_did_charge c
  JOIN voip_usage_summary s ON s.id = c.summary_id
  JOIN voip_did_assignment a ON a.id = c.assignment_id
  LEFT JOIN voip_did_charge p ON p.assignment_id = c.assignment_id AND p.fee = c.fee
   AND p.month_first = c.month_first AND p.turn = c.turn - 1
 CROSS JOIN LATERAL (SELECT GREATEST(c.month_first, a.date_start) AS start) b
 CROSS JOIN LATERAL (
       SELECT CASE WHEN c.fee = 'setup' OR p.id IS NULL THEN b.start
                   WHEN p.through <> c.through
                   THEN GREATEST(LEAST(p.through, c.through) + 1, b.start)
                   ELSE GREATEST(LEAST(s.local_day, c.through), b.start)
               END AS first,
              CASE WHEN c.fee = 'setup' THEN b.start
                   ELSE GREATEST(p.through, c.through) END AS last) x
 WHERE c.company_id = %(company)s AND """
POSTED = """EXISTS (
       SELECT FROM account_move_line l
        WHERE l.id = s.move_line_id AND l.parent_state = 'posted'
          AND l.date <= %(day)s AND l.id <= %(line)s)"""
# A row for each kind, line and span; of a credit note by the spans of what it credits.
SOURCES = f"""
WITH cover AS MATERIALIZED (
    {COVER} c.month_last > %(day)s AND s.move_line_id IS NOT NULL AND {POSTED}
), spans AS (
    SELECT move_line_id AS base, min(account_id) AS account_id, first, last,
           sum(amount) AS amount
      FROM cover GROUP BY move_line_id, first, last
), whole AS (
    SELECT base, sum(amount) AS net, sum(abs(amount)) AS gross FROM spans GROUP BY 1
), back AS (
    {COVER} c.amount < 0 AND s.local_day <= %(day)s AND c.id <= %(charge)s
       AND NOT {POSTED}
), owed AS (
    SELECT o.base, min(b.account_id) AS account_id, b.first, b.last,
           sum(b.amount) AS amount
      FROM back b
     CROSS JOIN LATERAL (
           SELECT s.move_line_id AS base
             FROM voip_did_charge c JOIN voip_usage_summary s ON s.id = c.summary_id
            WHERE c.assignment_id = b.assignment_id AND c.fee = b.fee
              AND c.month_first = b.month_first AND c.turn < b.turn AND {POSTED}
            ORDER BY c.turn DESC LIMIT 1) o
     GROUP BY o.base, b.first, b.last
), charged AS (
    SELECT s.move_line_id AS base, sum(c.amount) AS net, sum(abs(c.amount)) AS gross
      FROM voip_usage_summary s JOIN voip_did_charge c ON c.summary_id = s.id
     WHERE s.move_line_id IN (SELECT base FROM owed) GROUP BY 1
), found AS (
    SELECT 'invoice' AS kind, s.base AS line, s.*, w.net, w.gross
      FROM spans s JOIN whole w USING (base)
     UNION ALL
    SELECT 'credit', n.id, s.*, w.net, w.gross
      FROM spans s JOIN whole w USING (base)
      JOIN account_move_line n ON n.voip_credited_line_id = s.base
       AND n.parent_state = 'posted' AND n.date <= %(day)s AND n.id <= %(line)s
     UNION ALL
    SELECT 'owed', o.base, o.*, w.net, w.gross FROM owed o JOIN charged w USING (base)
)
SELECT f.kind, f.line, f.account_id, l.account_id AS income_id, f.first, f.last,
       f.amount::text, round(-l.balance * %(unit)s)::bigint AS total, f.net::text,
       f.gross::text, COALESCE(NULLIF(i.invoice_currency_rate, 0), 1)::text AS rate
  FROM found f
  JOIN account_move_line l ON l.id = f.line
  JOIN account_move i ON i.id = l.move_id
"""
ORDER = " ORDER BY f.kind, f.line, f.first, f.last"
BEFORE_SQL = """
SELECT kind, move_line_id, account_id, income_account_id, first_day, last_day,
       round(share * %(unit)s)::bigint, round(closing * %(unit)s)::bigint
  FROM voip_did_deferral_line
 WHERE deferral_id = %(deferral)s AND closing <> 0
"""


def read_sources(cr, terms):
    """The :class:`~..engine.deferral.Source` of a month-end, in order.

    :param terms: company, day, line, charge (the highest numbers), unit
    """
    cr.execute(SOURCES + ORDER, terms)
    return [
        Source(
            kind, line, account, income, day_number(first), day_number(last),
            Decimal(amount), total, Decimal(net), Decimal(gross), Decimal(rate),
        )
        for kind, line, account, income, first, last, amount, total, net, gross, rate
        in cr.fetchall()
    ]  # fmt: skip


def read_before(cr, deferral_id, unit):
    """{key: :class:`~..engine.deferral.Row`} of what a month-end left open."""
    cr.execute(BEFORE_SQL, {"deferral": deferral_id, "unit": unit})
    rows = [
        Row(
            kind, line, account, income, day_number(first), day_number(last),
            share, 0, 0, 0, closing,
        )
        for kind, line, account, income, first, last, share, closing in cr.fetchall()
    ]  # fmt: skip
    return {(row.kind, row.line, row.first, row.last): row for row in rows}
