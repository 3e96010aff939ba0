"""Charges of sessions are taken back, and the sessions priced again."""

from types import SimpleNamespace

from odoo import api, models

from odoo.addons.voip_billing_base.charge.taken_back import Charges

from .charging import CHARGE_COLUMNS
from .months import COLUMNS, add_sessions

CHARGES = Charges(
    view="voip_ai_charge",
    rows="voip_ai_charge",
    owner="session_id",
    columns=CHARGE_COLUMNS,
    counted=("units",),
)


class VoipAiSession(models.Model):
    _inherit = "voip.ai.session"

    _again_audit = "ai_again"
    _again_noun = "sessions"
    _again_origin = "AI sessions priced again"
    _again_charges = CHARGES

    # === BUSINESS METHODS === #

    def _again_words(self, count):
        return self.env._("%s sessions were priced again.", count)

    @api.model
    def _price_all(self, company_id, ids):
        # They were charged before, so they wait for no call any more.
        while self._charge_waiting(company_id, ids, alone=True):
            pass

    @api.model
    def _with_volumes(self, ids):
        """Charged ones among ``ids``, and those that use up the same included units."""
        self.env.cr.execute(WITH_VOLUMES_SQL, [list(ids)])
        return [row[0] for row in self.env.cr.fetchall()]

    @api.model
    def _let_wait(self, company_id, ids):
        cr = self.env.cr
        cr.execute(VOLUMES_SQL)
        cr.execute(MONTHS_SQL)
        cr.execute(WAIT_SQL, [ids])
        names = ("account_id", "local_day", "connected", "tools", "seconds")
        rows = [
            SimpleNamespace(**dict(zip(names, row, strict=True)))
            for row in cr.fetchall()
        ]
        add_sessions(cr, company_id, rows, sign=-1)


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
# Not charged units were never counted against included ones.
VOLUMES_SQL = """
UPDATE voip_ai_volume v SET units = v.units - b.units
  FROM (SELECT account_id, plan_id, date_trunc('month', local_day)::date AS month,
               CASE kind WHEN 'minute' THEN 'minutes' ELSE 'tokens' END AS unit,
               sum(units) AS units
          FROM voip_charge_back
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
          FROM voip_charge_back b GROUP BY 1, 2) x
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
