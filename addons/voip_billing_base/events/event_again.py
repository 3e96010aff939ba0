"""Charges of events are taken back, and the events counted and priced again."""

from odoo import api, models

from ..charge.taken_back import Charges
from .charging import CHARGE_COLUMNS

CHARGES = Charges(
    view="voip_usage_event_charge",
    rows="voip_usage_event_charge_row",
    owner="event_id",
    columns=CHARGE_COLUMNS,
    counted=("units", "base"),
)


class VoipUsageEvent(models.Model):
    _inherit = "voip.usage.event"

    _again_state = "counted"
    _again_audit = "events_again"
    _again_noun = "events"
    _again_origin = "events priced again"
    _again_charges = CHARGES

    # === BUSINESS METHODS === #

    def _again_words(self, count):
        return self.env._("%s events were priced again.", count)

    @api.model
    def _price_all(self, company_id, ids):
        while self._count_waiting(company_id, ids):
            pass

    @api.model
    def _with_volumes(self, ids):
        """These events and those in the same months of metered prices."""
        self.env.cr.execute(WITH_VOLUMES_SQL, {"ids": list(ids)})
        return [row[0] for row in self.env.cr.fetchall()]

    @api.model
    def _let_wait(self, company_id, ids):
        self.env.cr.execute(VOLUMES_SQL)
        self.env.cr.execute(WAIT_SQL, {"ids": ids})


WITH_VOLUMES_SQL = """
SELECT DISTINCT id FROM (
    SELECT unnest(%(ids)s::bigint[]) AS id
    UNION ALL
    SELECT o.event_id
      FROM (SELECT DISTINCT c.account_id, c.price_id,
                   date_trunc('month', c.local_day)::date AS month
              FROM voip_usage_event_charge c
              JOIN voip_usage_event_volume v
                ON v.account_id = c.account_id AND v.price_id = c.price_id
               AND v.month = date_trunc('month', c.local_day)
             WHERE c.event_id = ANY(%(ids)s::bigint[])) m
      JOIN voip_usage_event_charge o
        ON o.price_id = m.price_id AND o.account_id = m.account_id
       AND o.local_day >= m.month AND o.local_day < m.month + interval '1 month') x
 ORDER BY id
"""
VOLUMES_SQL = """
UPDATE voip_usage_event_volume v SET units = v.units - b.units
  FROM (SELECT account_id, price_id, date_trunc('month', local_day)::date AS month,
               sum(units) AS units
          FROM voip_charge_back GROUP BY 1, 2, 3) b
 WHERE v.account_id = b.account_id AND v.price_id = b.price_id AND v.month = b.month
"""
WAIT_SQL = """
WITH old AS (
    SELECT id, account_id, type_id, source, local_day, units FROM voip_usage_event
     WHERE id = ANY(%(ids)s::bigint[]) AND state = 'counted' FOR UPDATE
), waiting AS (
    UPDATE voip_usage_event e
       SET state = 'waiting', is_priced = false, account_id = NULL, type_id = NULL,
           local_day = NULL
      FROM old WHERE old.id = e.id
), less AS (
    SELECT account_id, type_id, source, local_day, count(*) AS events,
           sum(units) AS units
      FROM old GROUP BY 1, 2, 3, 4
), gone AS (
    DELETE FROM voip_usage_event_day d USING less
     WHERE d.account_id = less.account_id AND d.type_id = less.type_id
       AND d.source = less.source AND d.local_day = less.local_day
       AND d.events = less.events)
UPDATE voip_usage_event_day d
   SET events = d.events - less.events, units = d.units - less.units
  FROM less
 WHERE d.account_id = less.account_id AND d.type_id = less.type_id
   AND d.source = less.source AND d.local_day = less.local_day
   AND d.events > less.events
"""
