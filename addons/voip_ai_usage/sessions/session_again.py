"""Charges of sessions are taken back, and the sessions priced again."""

from types import SimpleNamespace

from odoo import api, models
from odoo.exceptions import UserError

from odoo.addons.voip_billing_base.charge.bounds import SUMS
from odoo.addons.voip_billing_base.charge.columns import RENEWED, SIGNED, STORED
from odoo.addons.voip_billing_base.charge.regroup import (
    CREDITED_SQL,
    KEY_SQL,
    MOVED_SQL,
    charge_of,
    wide,
)
from odoo.addons.voip_billing_base.charge.transaction import in_money, lock_company
from odoo.addons.voip_billing_base.charge.writer import UsageWriter
from odoo.addons.voip_billing_base.notice import notice

from .months import COLUMNS, add_sessions

LIMIT = 100_000
SUMS_FROM = 12  # columns of KEY_SQL


class VoipAiSession(models.Model):
    _inherit = "voip.ai.session"

    # === ACTION METHODS === #

    def action_price_again(self):
        """Take back what these sessions were charged, and price them anew.

        With them go all sessions of the same months whose plan includes units, because
        their places in the month move. What was invoiced stays so: the difference is on
        the next invoice.
        """
        self.check_access("write")
        if not self.env.user.has_group("voip_billing_base.group_voip_manager"):
            raise UserError(
                self.env._("Only a billing manager takes back what was charged.")
            )
        charged = self.filtered(lambda session: session.state == "charged")
        done = 0
        for company, some in charged.grouped("company_id").items():
            own = company.id
            done += in_money(some.sudo(), lambda them, own=own: them._price_anew(own))
        self.env.invalidate_all()
        return notice(self.env._("%s sessions were priced again.", done))

    # === BUSINESS METHODS === #

    def _price_anew(self, company_id):
        """Take back and price these sessions and those whose included units move.

        :return: how many sessions were priced again
        """
        lock_company(self.env.cr, company_id)
        ids = self._take_back(company_id, self.ids)
        # They were charged before, so they wait for no call any more.
        while self._charge_waiting(company_id, ids, alone=True):
            pass
        company = self.env["res.company"].browse(company_id)
        data = {"sessions": len(ids), "first": ids[0], "last": ids[-1]} if ids else {}
        self.env["voip.audit"]._log("ai_again", None, data, company=company)
        return len(ids)

    @api.model
    def _take_back(self, company_id, ids):
        """Reverse the charges of sessions and let them wait again.

        The caller holds the company's lock. With them go the sessions of the same
        months whose plan includes units.

        :return: ids of all that wait now, in order
        :raises UserError: they are credited, another account pays by now, or with the
            sessions of the same months they are too many
        """
        cr = self.env.cr
        self.env.flush_all()
        ids = self._with_volumes(ids)
        company = self.env["res.company"].browse(company_id)
        cr.execute(BACK_SQL, {"ids": ids})
        cr.execute(GROUPS_SQL)
        groups = cr.fetchall()
        if groups:
            self._refuse_back([group[0] for group in groups])
            columns = list(zip(*groups, strict=True))
            sums = {n: -wide(columns[at]) for at, n in enumerate(SUMS, SUMS_FROM)}
            writer = UsageWriter(self.env, company, None, "AI sessions priced again")
            targets = writer.assign(charge_of(groups, **sums)).tolist()
            cr.execute(REVERSE_SQL, [list(columns[0]), targets])
            cr.execute(VOLUMES_SQL)
            cr.execute(MONTHS_SQL)
            writer.finish()
        cr.execute(WAIT_SQL, [ids])
        names = ("account_id", "local_day", "connected", "tools", "seconds")
        rows = [
            SimpleNamespace(**dict(zip(names, row, strict=True)))
            for row in cr.fetchall()
        ]
        add_sessions(cr, company_id, rows, sign=-1)
        self.env.invalidate_all(flush=False)
        return ids

    @api.model
    def _with_volumes(self, ids):
        """Charged ones among ``ids``, and those that use up the same included units."""
        self.env.cr.execute(WITH_VOLUMES_SQL, [ids])
        found = [row[0] for row in self.env.cr.fetchall()]
        if len(found) > LIMIT:
            raise UserError(
                self.env._(
                    "These are %(count)s sessions with those of the same months, at"
                    " most %(limit)s are priced again at once. Choose sessions of fewer"
                    " accounts or months.",
                    count=len(found),
                    limit=LIMIT,
                )
            )
        return found

    def _refuse_back(self, summaries):
        cr = self.env.cr
        cr.execute(CREDITED_SQL, [summaries])
        if credited := cr.fetchall():
            raise UserError(
                self.env._(
                    "These sessions are credited already: %s. Credit what is left by a"
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
WITH asked AS (
    SELECT s.id, s.account_id, s.plan_id,
           date_trunc('month', s.local_day)::date AS month
      FROM voip_ai_session s WHERE s.id = ANY(%s) AND s.state = 'charged'
)
SELECT id FROM asked
 UNION
SELECT s.id
  FROM (SELECT DISTINCT account_id, plan_id, month FROM asked) m
  JOIN voip_ai_volume v USING (account_id, plan_id, month)
  JOIN voip_ai_session s ON s.account_id = m.account_id AND s.plan_id = m.plan_id
   AND s.state = 'charged' AND s.local_day >= m.month
   AND s.local_day < m.month + interval '1 month'
 ORDER BY id
"""
BACK_SQL = """
DROP TABLE IF EXISTS pg_temp.voip_ai_back;
CREATE TEMP TABLE voip_ai_back ON COMMIT DROP AS
SELECT c.*, nextval('voip_usage_row_block_seq') AS new_usage
  FROM voip_ai_charge c
 WHERE c.session_id = ANY(%(ids)s::int[]) AND c.reversal_of IS NULL
   AND NOT EXISTS (SELECT FROM voip_ai_charge r WHERE r.reversal_of = c.id);
ANALYZE voip_ai_back
"""
ROW_OF = (
    "u.id = b.usage_id AND u.account_id = b.account_id AND u.started_at = b.started_at"
)
GROUPS_SQL = f"""
SELECT {KEY_SQL},
       g.attempts, g.attempts, g.units, g.seconds, g.amount, g.amount_company, g.cost
  FROM (SELECT b.summary_id, count(*) AS attempts,
               sum(COALESCE(u.units, 1))::text AS units,
               sum(u.billed_seconds)::text AS seconds,
               (sum(b.amount) * 100000000)::numeric(40)::text AS amount,
               (sum(COALESCE(u.amount_company, u.amount))
                * 100000000)::numeric(40)::text AS amount_company,
               (sum(b.cost) * 100000000)::numeric(40)::text AS cost
          FROM voip_ai_back b JOIN voip_usage_row u ON {ROW_OF}
         GROUP BY 1) g
  JOIN voip_usage_summary s ON s.id = g.summary_id
 ORDER BY s.id
"""
COPIED = tuple(name for name in STORED if name not in (*RENEWED, *SIGNED))
TAKEN = (
    "company_id, account_id, session_id, plan_id, subscription_id, local_day, month,"
    " started_at, provider_id, model_id, kind, word, start, unit_price, per,"
    " currency_id, price_id, cost_price_id"
)
REVERSE_SQL = f"""
WITH moved AS (SELECT * FROM unnest(%s::int[], %s::int[]) AS m (source, target)
), rows AS (
    INSERT INTO voip_usage_row (id, summary_id, reversal_of,
           {", ".join((*SIGNED, *COPIED))})
    SELECT b.new_usage, m.target, u.id,
           {", ".join([f"-u.{n}" for n in SIGNED] + [f"u.{n}" for n in COPIED])}
      FROM voip_ai_back b JOIN voip_usage_row u ON {ROW_OF}
      JOIN moved m ON m.source = u.summary_id)
INSERT INTO voip_ai_charge ({TAKEN}, units, amount, cost, summary_id, usage_id,
       reversal_of)
SELECT {", ".join(f"b.{name.strip()}" for name in TAKEN.split(","))}, -b.units,
       -b.amount, -b.cost, m.target, b.new_usage, b.id
  FROM voip_ai_back b JOIN moved m ON m.source = b.summary_id
"""
# Not charged units were never counted against included ones.
VOLUMES_SQL = """
UPDATE voip_ai_volume v SET units = v.units - b.units
  FROM (SELECT account_id, plan_id, date_trunc('month', local_day)::date AS month,
               CASE kind WHEN 'minute' THEN 'minutes' ELSE 'tokens' END AS unit,
               sum(units) AS units
          FROM voip_ai_back
         WHERE COALESCE(word, '') <> 'not_charged'
           AND (kind = 'minute' OR kind LIKE 'input%' OR kind LIKE 'output%')
         GROUP BY 1, 2, 3, 4) b
 WHERE v.account_id = b.account_id AND v.plan_id = b.plan_id AND v.month = b.month
   AND v.unit = b.unit
"""
_KIND = "CASE WHEN b.kind = '{}' THEN b.units ELSE 0 END"
_PARTS = {
    "billed_seconds": _KIND.format("minute"),
    **{column: _KIND.format(kind) for kind, column in COLUMNS.items()},
    "token_amount": "CASE WHEN b.kind = 'minute' THEN 0 ELSE b.amount END",
    "minute_amount": "CASE WHEN b.kind = 'minute' THEN b.amount ELSE 0 END",
    "fee_amount": "0",
    "cost": "b.cost",
}
MONTHS_SQL = f"""
UPDATE voip_ai_month m
   SET {", ".join(f"{name} = m.{name} - x.{name}" for name in _PARTS)}
  FROM (SELECT account_id, date_trunc('month', local_day)::date AS month,
               {", ".join(f"sum({sql}) AS {name}" for name, sql in _PARTS.items())}
          FROM voip_ai_back b GROUP BY 1, 2) x
 WHERE m.account_id = x.account_id AND m.month = x.month
"""
WAIT_SQL = """
WITH old AS (
    SELECT id, account_id, local_day, is_connected, tools, seconds
      FROM voip_ai_session WHERE id = ANY(%s) AND state = 'charged' FOR UPDATE
), waiting AS (
    UPDATE voip_ai_session s
       SET state = 'waiting', look_at = NULL, stated_cost = NULL, found_cost = NULL,
           cost_difference = NULL
      FROM old WHERE old.id = s.id
)
SELECT account_id, local_day, is_connected, tools, seconds FROM old
"""
