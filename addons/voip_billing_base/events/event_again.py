"""Charges of events are taken back, and the events counted and priced again."""

from odoo import api, models
from odoo.exceptions import UserError

from ..charge.bounds import SUMS
from ..charge.columns import RENEWED, SIGNED, STORED
from ..charge.regroup import CREDITED_SQL, KEY_SQL, MOVED_SQL, charge_of, wide
from ..charge.transaction import in_money, lock_company
from ..charge.writer import UsageWriter

LIMIT = 100_000
SUMS_FROM = 12  # columns of KEY_SQL


class VoipUsageEvent(models.Model):
    _inherit = "voip.usage.event"

    # === ACTION METHODS === #

    def action_price_again(self):
        """Take back what these events were charged, and price them anew.

        With them go all events of the same months by prices with tiers or free units,
        whose places in the month move. What was invoiced stays so: the difference is on
        the next invoice.
        """
        self.check_access("write")
        if not self.env.user.has_group("voip_billing_base.group_voip_manager"):
            raise UserError(
                self.env._("Only a billing manager takes back what was charged.")
            )
        counted = self.filtered(lambda event: event.state == "counted")
        done = 0
        for company, events in counted.grouped("company_id").items():
            own = company.id
            done += in_money(events.sudo(), lambda some, own=own: some._price_anew(own))
        self.env.invalidate_all()
        return self._tell(self.env._("%s events were priced again.", done))

    # === BUSINESS METHODS === #

    def _price_anew(self, company_id):
        """Take back and price these events and those whose tiers move with them.

        :return: how many events were priced again
        """
        lock_company(self.env.cr, company_id)
        ids = self._with_volumes()
        if len(ids) > LIMIT:
            raise UserError(
                self.env._(
                    "These are %(count)s events with those of the same volumes, at most"
                    " %(limit)s are priced again at once. Choose events of fewer"
                    " accounts or months.",
                    count=len(ids),
                    limit=LIMIT,
                )
            )
        self._take_back(company_id, ids)
        while self._count_waiting(company_id, ids):
            pass
        company = self.env["res.company"].browse(company_id)
        data = {"events": len(ids), "first": ids[0], "last": ids[-1]}
        self.env["voip.audit"]._log("events_again", None, data, company=company)
        return len(ids)

    def _with_volumes(self):
        """Ids of these events and of those in the same months of metered prices."""
        self.env.cr.execute(WITH_VOLUMES_SQL, {"ids": self.ids})
        return [row[0] for row in self.env.cr.fetchall()]

    @api.model
    def _take_back(self, company_id, ids):
        """Reverse the charges of events and take them out of their day's sum.

        :raises UserError: they are credited, or another account pays by now
        """
        cr = self.env.cr
        company = self.env["res.company"].browse(company_id)
        cr.execute(BACK_SQL, {"ids": ids})
        cr.execute(GROUPS_SQL)
        groups = cr.fetchall()
        if groups:
            self._refuse_back([group[0] for group in groups])
            columns = list(zip(*groups, strict=True))
            sums = {n: -wide(columns[at]) for at, n in enumerate(SUMS, SUMS_FROM)}
            writer = UsageWriter(self.env, company, None, "events priced again")
            targets = writer.assign(charge_of(groups, **sums)).tolist()
            cr.execute(REVERSE_SQL, [list(columns[0]), targets])
            cr.execute(VOLUMES_SQL)
            writer.finish()
        cr.execute(WAIT_SQL, {"ids": ids})
        self.env.invalidate_all(flush=False)

    def _refuse_back(self, summaries):
        cr = self.env.cr
        cr.execute(CREDITED_SQL, [summaries])
        if credited := cr.fetchall():
            raise UserError(
                self.env._(
                    "These events are credited already: %s. Credit what is left by a"
                    " credit note.",
                    ", ".join(f"{one} ({other})" for one, other in credited),
                )
            )
        self.env["voip.account"].flush_model(["payer_id"])
        cr.execute(MOVED_SQL, [summaries])
        if moved := cr.fetchall():
            raise UserError(
                self.env._(
                    "Others pay now than were charged: %s. Credit by a credit note.",
                    ", ".join(f"{account} ({payer})" for account, payer in moved),
                )
            )


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
BACK_SQL = """
DROP TABLE IF EXISTS pg_temp.voip_event_back;
CREATE TEMP TABLE voip_event_back ON COMMIT DROP AS
SELECT c.*, nextval('voip_usage_row_block_seq') AS new_usage
  FROM voip_usage_event_charge c
 WHERE c.event_id = ANY(%(ids)s::bigint[]) AND c.reversal_of IS NULL
   AND NOT EXISTS (SELECT FROM voip_usage_event_charge r WHERE r.reversal_of = c.id);
ANALYZE voip_event_back
"""
ROW_OF = (
    "u.id = b.usage_id AND u.account_id = b.account_id AND u.started_at = b.started_at"
)
GROUPS_SQL = f"""
SELECT {KEY_SQL},
       g.attempts, g.attempts, g.units, 0, g.amount, g.amount_company, g.cost
  FROM (SELECT b.summary_id, count(*) AS attempts, sum(b.units)::text AS units,
               (sum(b.amount) * 100000000)::numeric(40)::text AS amount,
               (sum(COALESCE(u.amount_company, u.amount))
                * 100000000)::numeric(40)::text AS amount_company,
               (sum(b.cost) * 100000000)::numeric(40)::text AS cost
          FROM voip_event_back b JOIN voip_usage_row u ON {ROW_OF}
         GROUP BY 1) g
  JOIN voip_usage_summary s ON s.id = g.summary_id
 ORDER BY s.id
"""
COPIED = tuple(name for name in STORED if name not in (*RENEWED, *SIGNED))
TAKEN = (
    "company_id, event_id, account_id, price_id, local_day, started_at, part, word,"
    " start, unit_price, per, currency_id, cost_price_id, cost_carrier_fee_id,"
    " cost_surcharge_id"
)
REVERSE_SQL = f"""
WITH moved AS (SELECT * FROM unnest(%s::int[], %s::int[]) AS m (source, target)
), rows AS (
    INSERT INTO voip_usage_row (id, summary_id, reversal_of,
           {", ".join((*SIGNED, *COPIED))})
    SELECT b.new_usage, m.target, u.id,
           {", ".join([f"-u.{n}" for n in SIGNED] + [f"u.{n}" for n in COPIED])}
      FROM voip_event_back b JOIN voip_usage_row u ON {ROW_OF}
      JOIN moved m ON m.source = u.summary_id)
INSERT INTO voip_usage_event_charge_row ({TAKEN}, units, base, amount, cost, summary_id,
       usage_id, reversal_of)
SELECT {", ".join(f"b.{name.strip()}" for name in TAKEN.split(","))}, -b.units, -b.base,
       -b.amount, -b.cost, m.target, b.new_usage, b.id
  FROM voip_event_back b JOIN moved m ON m.source = b.summary_id
"""
VOLUMES_SQL = """
UPDATE voip_usage_event_volume v SET units = v.units - b.units
  FROM (SELECT account_id, price_id, date_trunc('month', local_day)::date AS month,
               sum(units) AS units
          FROM voip_event_back GROUP BY 1, 2, 3) b
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
