"""Invariants of what rental follows from: days of looks, ends, plans, costs."""

from odoo import api, models


class VoipCheck(models.AbstractModel):
    _inherit = "voip.check"

    @api.model
    def _checks(self, since, full):
        return [
            *super()._checks(since, full),
            ("did_settled", "No month of a number is passed over", SETTLED_SQL),
            ("did_after", "No month after a number's last day is paid", AFTER_SQL),
            ("did_ends", "Assignments end as the audit trail says", ENDS_SQL),
            ("did_unpaid", "Unpaid rental suspends from its day on", UNPAID_SQL),
            ("did_terms", "Plans and costs are as the audit trail says", TERMS_SQL),
        ]


# A look sets both days: the next one comes after the month that holds that day, and
# what is settled are the months before. From its first charge on each of them was
# charged, unless it was suspended, paid at an installation before, or free by the plan.
SETTLED_SQL = """
WITH charged AS (
    SELECT assignment_id, min(month_first) AS first,
           range_agg(daterange(month_first, month_last, '[]')) AS months
      FROM voip_did_charge WHERE fee = 'monthly' GROUP BY 1
), paused AS (
    SELECT assignment_id, range_agg(daterange(date_start, date_end, '[]')) AS days
      FROM voip_did_suspension GROUP BY 1
)
SELECT (SELECT count(*) FROM voip_did_assignment
         WHERE (date_end IS NULL OR settled_until < date_end)
           AND (due_on <= settled_until
                OR due_on > COALESCE(settled_until, date_start) + 32))
     + (SELECT count(*)
          FROM voip_did_assignment s
          JOIN voip_did d ON d.id = s.did_id
          JOIN charged c ON c.assignment_id = s.id
          LEFT JOIN paused p ON p.assignment_id = s.id
         WHERE NOT datemultirange(
                   daterange(GREATEST(s.date_start, c.first), NULL)
                   * daterange(NULL, LEAST(s.settled_until, s.date_end), '[]'))
               <@ (c.months + COALESCE(p.days, '{}'))
           AND s.settled_until IS NOT NULL
           AND NOT EXISTS (
               SELECT FROM voip_did_price r
                WHERE r.plan_id = s.plan_id AND r.fee = 'monthly' AND r.price = 0)
           AND NOT EXISTS (
               SELECT FROM voip_did_charge_kept k
                WHERE k.number = d.number AND k.account_id = s.account_id))
"""
# Once it was looked at, by plans that always gave unused days back. What a credit note
# gave back of a month no look gives again.
AFTER_SQL = """
WITH after AS (
    SELECT c.assignment_id, c.fee, c.month_first, s.plan_id,
           COALESCE((array_agg(c.month_price ORDER BY c.turn DESC))[1], sum(c.amount))
           AS price
      FROM voip_did_assignment s
      JOIN voip_did_charge c ON c.assignment_id = s.id AND c.month_first > s.date_end
     WHERE s.due_on IS NOT NULL AND s.settled_until >= s.date_end
     GROUP BY 1, 2, 3, 4
)
SELECT count(*)
  FROM after m JOIN voip_did_plan p ON p.id = m.plan_id
 WHERE m.price > 0 AND p.gives_back
   AND NOT EXISTS (
       SELECT FROM voip_audit a
        WHERE a.event = 'did_plan' AND a.res_id = p.id
          AND a.data::jsonb ? 'gives_back')
   AND NOT EXISTS (
       SELECT FROM voip_did_charge c
         JOIN voip_usage_summary s ON s.id = c.summary_id
         JOIN account_move_line n ON n.voip_credited_line_id = s.move_line_id
        WHERE c.assignment_id = m.assignment_id AND c.fee = m.fee
          AND c.month_first = m.month_first AND n.parent_state = 'posted')
"""
ENDS_SQL = """
WITH told AS (
    SELECT DISTINCT ON (res_id, terms ->> 'start') res_id, terms ->> 'start' AS start,
           terms ->> 'end' AS last
      FROM (SELECT id, res_id, CASE event WHEN 'did_assigned' THEN data::jsonb
                               ELSE data::jsonb -> 'after' END AS terms
              FROM voip_audit
             WHERE res_model = 'voip.did'
               AND event IN ('did_assigned', 'did_changed')) x
     WHERE terms ? 'start' ORDER BY 1, 2, id DESC
)
SELECT count(*)
  FROM told t
  JOIN voip_did_assignment s ON s.did_id = t.res_id AND s.date_start = t.start::date
 WHERE COALESCE(s.date_end::text, '') <> t.last
"""
UNPAID_SQL = """
SELECT count(*)
  FROM voip_did_suspension p JOIN voip_did_assignment s ON s.id = p.assignment_id
 WHERE p.cause = 'unpaid' AND p.date_end IS NULL
   AND COALESCE(s.unpaid_since > p.date_start, true)
"""
# What was told since the record was made: ids come again after an uninstallation.
TERMS_SQL = """
WITH told AS (
    SELECT DISTINCT ON (a.res_model, a.res_id, x.key) a.res_model, a.res_id, a.at,
           x.key, x.value ->> 1 AS value
      FROM voip_audit a CROSS JOIN LATERAL jsonb_each(a.data::jsonb) x
     WHERE a.event IN ('did_plan_new', 'did_plan', 'did_changed')
       AND jsonb_typeof(x.value) = 'array'
     ORDER BY a.res_model, a.res_id, x.key, a.id DESC
)
SELECT (SELECT count(*)
          FROM told t
          JOIN voip_did_plan p ON p.id = t.res_id
         CROSS JOIN LATERAL (VALUES
               ('advance', p.advance), ('prorate', p.prorate),
               ('gives_back', initcap(COALESCE(p.gives_back, false)::text)),
               ('charges_suspended',
                initcap(COALESCE(p.charges_suspended, false)::text)),
               ('quarantine_days', p.quarantine_days::text),
               ('grace_days', p.grace_days::text),
               ('release_days', p.release_days::text)) n (key, value)
         WHERE t.res_model = 'voip.did.plan' AND n.key = t.key AND n.value <> t.value
           AND t.at >= date_trunc('second', p.create_date))
     + (SELECT count(*)
          FROM told t
          JOIN voip_did d ON d.id = t.res_id
         WHERE t.res_model = 'voip.did' AND NOT CASE t.key
               WHEN 'kind' THEN d.kind = t.value
               WHEN 'cost_monthly' THEN COALESCE(d.cost_monthly, 0)::float8
                                        = COALESCE(NULLIF(t.value, ''), '0')::float8
               WHEN 'cost_setup' THEN COALESCE(d.cost_setup, 0)::float8
                                      = COALESCE(NULLIF(t.value, ''), '0')::float8
               ELSE true END
           AND t.at >= date_trunc('second', d.create_date))
"""
