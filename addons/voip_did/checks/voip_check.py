"""Invariants of numbers and their rental."""

from odoo import api, models

from odoo.addons.voip_billing_base.checks.voip_check import refusing_sql


class VoipCheck(models.AbstractModel):
    _inherit = "voip.check"

    @api.model
    def _checks(self, since, full):
        return [
            *super()._checks(since, full),
            ("did_overlap", "A number is at one account a day", OVERLAP_SQL),
            ("did_turns", "No month of a number is charged twice", TURNS_SQL),
            ("did_usage", "A charge of a number is its usage", USAGE_SQL),
            ("did_covered", "Usage of rental is a charge of a number", COVERED_SQL),
            ("did_costs", "No month of a number costs twice", COSTS_SQL),
            ("did_priced", "A month of a number costs what was charged", PRICED_SQL),
            ("did_days", "Charged days lie within month and assignment", DAYS_SQL),
            ("did_refuses", "Charges and costs of numbers refuse changes", KEPT_SQL),
        ]


KEPT_SQL = refusing_sql(
    "voip_did_charge", "voip_did_charge_kept", "voip_did_cost", "voip_did_caller"
)
OVERLAP_SQL = """
SELECT count(*) FROM voip_did_assignment a
  JOIN voip_did_assignment b ON b.did_id = a.did_id AND b.id > a.id
   AND daterange(a.date_start, a.date_end, '[]')
       && daterange(b.date_start, b.date_end, '[]')
"""
# Turns are counted through, and months of a fee do not lie over each other.
TURNS_SQL = """
SELECT count(*) FROM (
    SELECT assignment_id FROM voip_did_charge
     GROUP BY assignment_id, fee, month_first
    HAVING max(turn) <> count(*) OR min(turn) <> 1
        OR count(DISTINCT month_last) <> 1
    UNION ALL
    SELECT assignment_id FROM (
        SELECT assignment_id, month_first,
               lag(month_last) OVER (PARTITION BY assignment_id, fee
                                     ORDER BY month_first, turn) AS before,
               lag(month_first) OVER (PARTITION BY assignment_id, fee
                                      ORDER BY month_first, turn) AS first
          FROM voip_did_charge) c
     WHERE before >= month_first AND first <> month_first) x
"""
USAGE_SQL = """
SELECT count(*) FROM (
       SELECT account_id, amount, summary_id, usage_id, currency_id
         FROM voip_did_charge
        UNION ALL
       SELECT k.account_id, k.amount, k.summary_id, k.usage_id, a.currency_id
         FROM voip_did_charge_kept k JOIN voip_account a ON a.id = k.account_id) c
  JOIN voip_usage_summary s ON s.id = c.summary_id
  LEFT JOIN voip_usage_row u ON u.id = c.usage_id AND u.account_id = c.account_id
       AND u.started_at = s.local_day + interval '12 hours'
 WHERE u.id IS NULL OR u.amount <> c.amount OR u.summary_id <> c.summary_id
    OR s.account_id <> c.account_id OR s.currency_id <> c.currency_id
"""
COVERED_SQL = """
SELECT count(*) FROM voip_open_summary s
  LEFT JOIN (SELECT summary_id, sum(amount) AS amount, count(*) AS rows
               FROM (SELECT summary_id, amount FROM voip_did_charge
                      UNION ALL
                     SELECT summary_id, amount FROM voip_did_charge_kept) x
              GROUP BY 1) c ON c.summary_id = s.id
 WHERE s.facets ? 'month'
   AND (c.summary_id IS NULL OR c.amount <> s.amount OR c.rows <> s.attempts)
"""
# What a release gives back is less than the days cost where they were credited before;
# it is more than was charged where a credit note has taken back what one gave back.
PRICED_SQL = """
SELECT count(*) FROM (
       SELECT assignment_id, fee, month_first, sum(amount) AS amount,
              (array_agg(month_price ORDER BY turn DESC))[1] AS price
         FROM voip_did_charge GROUP BY 1, 2, 3) m
 WHERE (amount < COALESCE(price, 0) OR amount > price) AND NOT EXISTS (
       SELECT FROM voip_did_charge c
         JOIN voip_usage_summary s ON s.id = c.summary_id
         JOIN account_move_line n ON n.voip_credited_line_id = s.move_line_id
        WHERE c.assignment_id = m.assignment_id AND c.fee = m.fee
          AND c.month_first = m.month_first AND n.parent_state = 'posted'
          AND (m.amount > m.price OR c.amount < 0))
"""
DAYS_SQL = """
SELECT count(*) FROM voip_did_charge c
  JOIN voip_did_assignment a ON a.id = c.assignment_id
 WHERE c.days NOT BETWEEN 0 AND c.month_last - c.month_first + 1
    OR c.through > c.month_last OR c.account_id <> a.account_id
    OR c.did_id <> a.did_id OR c.plan_id <> a.plan_id
    OR (c.days > 0 AND c.through < a.date_start)
"""
# Turns are counted through; months of one number do not lie over each other; a month is
# never below nothing nor above what it costs wholly.
COSTS_SQL = """
SELECT count(*) FROM (
    SELECT did_id FROM voip_did_cost
     GROUP BY did_id, supplier_id, fee, month_first
    HAVING max(turn) <> count(*) OR min(turn) <> 1
        OR count(DISTINCT (month_last, unit_cost, currency_id)) <> 1
        OR sum(amount) NOT BETWEEN 0 AND min(unit_cost)
    UNION ALL
    SELECT did_id FROM (
        SELECT did_id, month_first,
               lag(month_last) OVER own AS before, lag(month_first) OVER own AS first
          FROM voip_did_cost
        WINDOW own AS (PARTITION BY did_id, supplier_id, fee
                       ORDER BY month_first, turn)) c
     WHERE before >= month_first AND first <> month_first) x
"""
