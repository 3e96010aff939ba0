"""Waiting events find account, type and price, are charged, and join their day."""

from odoo import api, models

from ..charge.bounds import OutOfBounds
from ..charge.transaction import lock_company, run_money
from .charging import write_charges
from .pricing import Event, beyond, priced_events
from .tables import make_months

# Of two cores one charges some 5,000 a second: so no event waits long for others.
PIECE = 5_000


class VoipUsageEvent(models.Model):
    _inherit = "voip.usage.event"

    # === CRON METHODS === #

    @api.model
    def _cron_count(self):
        """Count and charge what waits, in every company, some thousands a
        transaction."""
        progress = self.env["ir.cron"]._commit_progress
        make_months(self.env)
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
        """Count and charge waiting events of a company; how many were looked at.

        Each is charged and in the sum of its day from the transaction on that calls it
        counted. Whoever has a price list charges under the company's lock.

        :param ids: only these, else the oldest :data:`PIECE`
        """
        cr = self.env.cr
        cr.execute(CHARGES_SQL, [company_id])
        if cr.fetchone()[0]:
            lock_company(cr, company_id)
        cr.execute(TAKE_SQL, {"company": company_id, "ids": ids, "piece": PIECE})
        events = [Event(*row) for row in cr.fetchall()]
        if not events:
            return 0
        errors = {event.id: event.error for event in events if event.error}
        charged = [event for event in events if event.priced and not event.error]
        if charged:
            self._charge_events(company_id, charged, errors)
        self._keep_counted(company_id, events, errors)
        return len(events)

    @api.model
    def _charge_events(self, company_id, events, errors):
        """Charge events; ``errors`` is filled with the codes of those that cannot be.

        What no row or sum can hold is left out and the rest is tried again.
        """
        company = self.env["res.company"].browse(company_id)
        services = {event.type_id: event.service_id for event in events}
        while events:
            priced = priced_events(self.env, company, events, errors)
            if wide := beyond(priced):
                out = {priced.events[place].id for place in wide}
            else:
                out = self._written(company, priced, services)
            if not out:
                return
            errors.update(dict.fromkeys(out, "out_of_bounds"))
            events = [event for event in events if event.id not in errors]

    def _written(self, company, priced, services):
        """Ids of the events for which nothing was written; none: all is."""
        try:
            with self.env.cr.savepoint():
                write_charges(self.env, company, priced, services)
        except OutOfBounds as error:
            self.env.invalidate_all(flush=False)
            return {e.id for e in priced.events if e.account_id in error.reasons}
        return set()

    @api.model
    def _keep_counted(self, company_id, events, errors):
        """Keep what became of events, and add those that count to their day."""
        names = ("id", "occurred_at", "account_id", "type_id", "local_day", "priced")
        columns = {name: [getattr(event, name) for event in events] for name in names}
        moments = columns["occurred_at"]
        values = {
            **columns,
            "errors": [errors.get(event.id) for event in events],
            "company": company_id,
            "first": min(columns["id"]),
            "last": max(columns["id"]),
            "since": min(moments),
            "until": max(moments),
        }
        self.env.cr.execute(DONE_SQL, values)
        self.env["voip.usage.event.day"].invalidate_model()


WAITING_SQL = """
SELECT id FROM res_company c
 WHERE EXISTS (SELECT FROM voip_usage_event_row e
                WHERE e.company_id = c.id AND e.state = 'waiting')
 ORDER BY id
"""
CHARGES_SQL = """
SELECT EXISTS (SELECT FROM voip_usage_event_type t
                WHERE t.is_priced AND (t.company_id IS NULL OR t.company_id = %s))
"""
TAKE_SQL = """
SELECT e.id, e.event_ref, e.source, e.units, e.occurred_at, a.id, k.id,
       (e.occurred_at AT TIME ZONE 'UTC' AT TIME ZONE a.tz)::date,
       CASE WHEN a.id IS NULL THEN 'no_account'
            WHEN a.state = 'closed' THEN 'account_closed'
            WHEN k.id IS NULL THEN 'unknown_event_type' END,
       COALESCE(k.is_priced, false), k.service_id,
       CASE WHEN k.is_priced THEN COALESCE(a.event_pricelist_id, l.id) END,
       e.metadata ->> 'to', e.metadata ->> 'campaign', e.metadata ->> 'carrier',
       e.metadata ->> 'model', e.metadata ->> 'kind', e.metadata ->> 'supplier'
  FROM (SELECT * FROM voip_usage_event_row
         WHERE company_id = %(company)s AND state = 'waiting'
           AND (%(ids)s::bigint[] IS NULL OR id = ANY(%(ids)s::bigint[]))
         ORDER BY id LIMIT %(piece)s FOR UPDATE SKIP LOCKED) e
  LEFT JOIN voip_account a
         ON a.company_id = e.company_id AND a.code = e.account_code
  LEFT JOIN LATERAL (
       SELECT id, is_priced, service_id FROM voip_usage_event_type k
        WHERE k.code = e.type_code AND k.active
          AND COALESCE(k.company_id, e.company_id) = e.company_id
        ORDER BY k.company_id LIMIT 1) k ON true
  LEFT JOIN voip_event_pricelist l
         ON l.company_id = e.company_id AND l.currency_id = a.currency_id
        AND l.side = 'sale' AND l.is_default AND l.active
 ORDER BY e.id
"""
# Sums are written in the order of their keys: two workers never wait in a circle. The
# events are named by what the index of waiting ones knows: else millions are read.
DONE_SQL = """
WITH judged AS (
    SELECT * FROM unnest(%(id)s::bigint[], %(occurred_at)s::timestamp[],
                         %(account_id)s::int[], %(type_id)s::int[],
                         %(local_day)s::date[], %(priced)s::bool[], %(errors)s::text[])
               AS j (id, occurred_at, account_id, type_id, local_day, priced, error)
), done AS (
    UPDATE voip_usage_event_row e
       SET state = CASE WHEN j.error IS NULL THEN 'counted' ELSE 'error' END,
           error = j.error, is_priced = j.error IS NULL AND j.priced,
           account_id = CASE WHEN j.error IS NULL THEN j.account_id END,
           type_id = CASE WHEN j.error IS NULL THEN j.type_id END,
           local_day = CASE WHEN j.error IS NULL THEN j.local_day END
      FROM judged j
     WHERE j.id = e.id AND j.occurred_at = e.occurred_at
       AND e.company_id = %(company)s AND e.state = 'waiting'
       AND e.id BETWEEN %(first)s AND %(last)s
       AND e.occurred_at BETWEEN %(since)s AND %(until)s
    RETURNING e.account_id, e.type_id, e.source, e.local_day, e.units, e.state
)
INSERT INTO voip_usage_event_day AS d (company_id, account_id, type_id, category,
                                       source, local_day, events, units)
SELECT %(company)s, account_id, type_id, min(k.category), source, local_day, count(*),
       sum(units)
  FROM done JOIN voip_usage_event_type k ON k.id = done.type_id
 WHERE state = 'counted'
 GROUP BY account_id, type_id, source, local_day
 ORDER BY account_id, type_id, source, local_day
    ON CONFLICT (account_id, type_id, source, local_day) DO UPDATE
   SET events = d.events + EXCLUDED.events, units = d.units + EXCLUDED.units
"""
