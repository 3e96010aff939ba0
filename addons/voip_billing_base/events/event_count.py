"""Waiting events find account and type, and join the sum of their day."""

from odoo import api, models

from ..charge.transaction import run_money

PIECE = 20_000


class VoipUsageEvent(models.Model):
    _inherit = "voip.usage.event"

    # === CRON METHODS === #

    @api.model
    def _cron_count(self):
        """Count what waits, in every company, some thousands a transaction."""
        progress = self.env["ir.cron"]._commit_progress
        self.env.cr.execute(WAITING_SQL)
        for (company,) in self.env.cr.fetchall():
            while done := run_money(
                self.env,
                lambda env, own=company: env[self._name]._count_waiting(own),
            ):
                if not progress(done):
                    self._wake_counting()
                    return

    # === BUSINESS METHODS === #

    @api.model
    def _count_waiting(self, company_id, ids=None):
        """Count waiting events of a company; how many were looked at.

        Each is in the sum of its day from the transaction on that calls it counted.

        :param ids: only these, else the oldest :data:`PIECE`
        """
        self.env.cr.execute(
            COUNT_SQL, {"company": company_id, "ids": ids, "piece": PIECE}
        )
        done = self.env.cr.fetchone()[0]
        self.env["voip.usage.event.day"].invalidate_model()
        return done


WAITING_SQL = """
SELECT id FROM res_company c
 WHERE EXISTS (SELECT FROM voip_usage_event e
                WHERE e.company_id = c.id AND e.state = 'waiting')
 ORDER BY id
"""
# Sums are written in the order of their keys: two workers never wait in a circle.
COUNT_SQL = """
WITH taken AS (
    SELECT id, company_id, account_code, type_code, occurred_at
      FROM voip_usage_event
     WHERE company_id = %(company)s AND state = 'waiting'
       AND (%(ids)s::int[] IS NULL OR id = ANY(%(ids)s::int[]))
     ORDER BY id LIMIT %(piece)s FOR UPDATE SKIP LOCKED
), named AS (
    SELECT t.id, a.id AS account_id, a.state, k.id AS type_id, k.category,
           (t.occurred_at AT TIME ZONE 'UTC' AT TIME ZONE a.tz)::date AS local_day
      FROM taken t
      LEFT JOIN voip_account a
             ON a.company_id = t.company_id AND a.code = t.account_code
      LEFT JOIN LATERAL (
           SELECT id, category FROM voip_usage_event_type k
            WHERE k.code = t.type_code AND k.active
              AND COALESCE(k.company_id, t.company_id) = t.company_id
            ORDER BY k.company_id LIMIT 1) k ON true
), judged AS (
    SELECT *, CASE WHEN account_id IS NULL THEN 'no_account'
                   WHEN state = 'closed' THEN 'account_closed'
                   WHEN type_id IS NULL THEN 'unknown_event_type' END AS error
      FROM named
), done AS (
    UPDATE voip_usage_event e
       SET state = CASE WHEN j.error IS NULL THEN 'counted' ELSE 'error' END,
           error = j.error,
           account_id = CASE WHEN j.error IS NULL THEN j.account_id END,
           type_id = CASE WHEN j.error IS NULL THEN j.type_id END,
           local_day = CASE WHEN j.error IS NULL THEN j.local_day END
      FROM judged j WHERE j.id = e.id
    RETURNING e.account_id, e.type_id, j.category, e.source, e.local_day, e.units,
              e.state
), counted AS (
    INSERT INTO voip_usage_event_day AS d (company_id, account_id, type_id, category,
                                           source, local_day, events, units)
    SELECT %(company)s, account_id, type_id, category, source, local_day, count(*),
           sum(units)
      FROM done WHERE state = 'counted'
     GROUP BY account_id, type_id, category, source, local_day
     ORDER BY account_id, type_id, source, local_day
        ON CONFLICT (account_id, type_id, source, local_day) DO UPDATE
       SET events = d.events + EXCLUDED.events, units = d.units + EXCLUDED.units)
SELECT count(*) FROM done
"""
