"""Invariants of deferred revenue: the books, the month-ends and their sources agree."""

from odoo import api, models

from odoo.addons.voip_billing_base.checks.voip_check import refusing_sql

from ..deferrals.sources import SOURCES


class VoipCheck(models.AbstractModel):
    _inherit = "voip.check"

    @api.model
    def _checks(self, since, full):
        return [
            *super()._checks(since, full),
            ("deferral_steps", "Each month-end goes on from the last", STEPS_SQL),
            ("deferral_entry", "Month-ends = their journal entries", ENTRY_SQL),
            ("deferral_source", "Deferred revenue = its invoices", SOURCE_SQL),
            ("deferral_kept", "Month-ends refuse changes", KEPT_SQL),
        ]


KEPT_SQL = refusing_sql("voip_did_deferral", "voip_did_deferral_line")
MONTHS = """
months AS (
    SELECT *, lag(id) OVER own AS before, lag(date_end) OVER own AS last_end,
           lag(closing, 1, 0) OVER own AS closed,
           lag(account_id, 1, account_id) OVER own AS former
      FROM voip_did_deferral
    WINDOW own AS (PARTITION BY company_id ORDER BY date_end)
)"""
# Months follow each other; lines add up to their month; each line goes on from the one
# before, and none is lost on the way.
STEPS_SQL = f"""
WITH {MONTHS}
SELECT (SELECT count(*) FROM months
         WHERE opening <> closed
            OR date_end <> (date_trunc('month', COALESCE(last_end + 1, date_end))
                            + interval '1 month')::date - 1)
     + (SELECT count(*)
          FROM months m LEFT JOIN (
               SELECT deferral_id, count(*) AS lines, sum(opening) AS opening,
                      sum(added) AS added, sum(recognised) AS recognised,
                      sum(closing) AS closing
                 FROM voip_did_deferral_line GROUP BY 1) l ON l.deferral_id = m.id
         WHERE COALESCE(l.lines, 0) <> m.line_count
            OR COALESCE(l.opening, 0) <> m.opening
            OR COALESCE(l.added, 0) <> m.added
            OR COALESCE(l.recognised, 0) <> m.recognised
            OR COALESCE(l.closing, 0) <> m.closing)
     + (SELECT count(*)
          FROM voip_did_deferral_line l
          LEFT JOIN months m ON m.id = l.deferral_id
          LEFT JOIN voip_did_deferral_line p
            ON p.deferral_id = m.before AND p.kind = l.kind
           AND p.move_line_id = l.move_line_id AND p.first_day = l.first_day
           AND p.last_day = l.last_day
         WHERE m.id IS NULL OR m.company_id <> l.company_id
            OR l.opening <> COALESCE(p.closing, 0))
     + (SELECT count(*)
          FROM voip_did_deferral_line p JOIN months n ON n.before = p.deferral_id
         WHERE p.closing <> 0 AND NOT EXISTS (
               SELECT FROM voip_did_deferral_line l
                WHERE l.deferral_id = n.id AND l.kind = p.kind
                  AND l.move_line_id = p.move_line_id
                  AND l.first_day = p.first_day AND l.last_day = p.last_day))
"""
ENTRY_SQL = f"""
WITH {MONTHS}, booked AS (
    SELECT m.id, COALESCE(-sum(l.balance) FILTER (WHERE l.account_id = m.account_id), 0)
           AS own, COALESCE(-sum(l.balance) FILTER (WHERE l.account_id = m.former), 0)
           AS former
      FROM months m LEFT JOIN account_move_line l ON l.move_id = m.move_id GROUP BY 1
), earned AS (
    SELECT deferral_id, income_account_id AS account_id,
           sum(recognised - added) AS amount
      FROM voip_did_deferral_line GROUP BY 1, 2
)
SELECT (SELECT count(*)
          FROM months m JOIN booked b USING (id)
          LEFT JOIN account_move e ON e.id = m.move_id
         WHERE (m.move_id IS NOT NULL
                AND (e.id IS NULL OR e.state <> 'posted' OR e.date <> m.date_posted
                     OR e.company_id <> m.company_id))
            OR b.own <> m.added - m.recognised
                        + CASE m.former WHEN m.account_id THEN 0 ELSE m.opening END
            OR (m.former <> m.account_id AND b.former <> -m.opening))
     + (SELECT count(*)
          FROM earned n JOIN months m ON m.id = n.deferral_id
         WHERE n.account_id NOT IN (m.account_id, m.former)
           AND n.amount <> COALESCE((
               SELECT -sum(l.balance) FROM account_move_line l
                WHERE l.move_id = m.move_id AND l.account_id = n.account_id), 0))
"""


def _of_months(sql):
    """SQL of one month-end's terms as SQL of those of the row ``m``."""
    for name, column in (
        ("company", "m.company_id"),
        ("day", "m.date_end"),
        ("line", "m.last_line"),
        ("charge", "m.last_charge"),
        ("unit", "m.unit"),
    ):
        sql = sql.replace(f"%({name})s", column)
    return sql


# The nearest integer of a quotient of integers or decimals, halves away from zero.
HALF_UP = "(sign({0}) * sign({1}) * div(2 * abs({0}) + abs({1}), 2 * abs({1})))"
# Computed by PostgreSQL alone, beside the engine that made the rows: of the last
# month-end, which the ones before led to.
SOURCE_SQL = f"""
WITH latest AS (
    SELECT DISTINCT ON (d.company_id) d.*, 10::numeric ^ c.decimal_places AS unit
      FROM voip_did_deferral d
      JOIN res_company o ON o.id = d.company_id
      JOIN res_currency c ON c.id = o.currency_id
     ORDER BY d.company_id, d.date_end DESC
), found AS (
    SELECT m.id AS deferral_id, m.date_end, m.unit, f.kind, f.line, f.first, f.last,
           f.amount::numeric, f.total::numeric, f.net::numeric,
           2 * abs(f.net::numeric) >= f.gross::numeric AND f.net::numeric <> 0 AS sound,
           f.rate::numeric, (f.last - f.first + 1)::numeric AS days,
           GREATEST(LEAST(f.last - GREATEST(m.date_end, f.first - 1),
                          f.last - f.first + 1), 0)::numeric AS ahead
      FROM latest m CROSS JOIN LATERAL ({_of_months(SOURCES)}) f
), steps AS (
    SELECT *, CASE WHEN sound THEN total ELSE unit END AS over,
           CASE WHEN sound THEN net ELSE rate END AS under,
           sum(amount) OVER own AS reached, lead(first) OVER own IS NULL AS ends
      FROM found WINDOW own AS (PARTITION BY deferral_id, kind, line
                                ORDER BY first, last)
), cut AS (
    SELECT *, CASE WHEN kind = 'owed' THEN -{HALF_UP.format("amount * over", "under")}
                   WHEN ends THEN total
                   ELSE {HALF_UP.format("reached * over", "under")} END AS upto
      FROM steps
), shared AS (
    SELECT *, CASE WHEN kind = 'owed' THEN upto
                   ELSE upto - lag(upto, 1, 0) OVER (
                        PARTITION BY deferral_id, kind, line ORDER BY first, last) END
           AS share
      FROM cut
), wanted AS (
    SELECT *, CASE WHEN kind = 'owed' THEN share - rest ELSE rest END AS closing
      FROM (SELECT *, {HALF_UP.format("(share * ahead)", "days")} AS rest FROM shared) x
), kept AS (
    SELECT l.*, m.unit AS own_unit
      FROM latest m JOIN voip_did_deferral_line l ON l.deferral_id = m.id
)
SELECT count(*)
  FROM wanted w FULL JOIN kept l
    ON l.deferral_id = w.deferral_id AND l.kind = w.kind AND l.move_line_id = w.line
   AND l.first_day = w.first AND l.last_day = w.last
 WHERE COALESCE(l.closing * l.own_unit, 0) <> COALESCE(w.closing, 0)
    OR l.share * w.unit <> w.share
"""
