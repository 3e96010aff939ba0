"""Invariants of accounts: their terms are those that the audit trail says last."""

from odoo import api, models


class VoipCheck(models.AbstractModel):
    _inherit = "voip.check"

    @api.model
    def _checks(self, since, full):
        return [
            *super()._checks(since, full),
            ("terms", "Terms of an account are as last audited", TERMS_SQL),
            ("payer", "Who pays and bills an account follows its parent", PAYER_SQL),
        ]


# What gives credit is nothing until it is audited; of the rest no audit says the first.
TERMS_SQL = """
WITH last AS (
    SELECT DISTINCT ON (a.res_id, t.key) a.res_id AS id, t.key, t.value ->> 1 AS value
      FROM voip_audit a CROSS JOIN LATERAL json_each(a.data::json) t
     WHERE a.event = 'account_terms' AND a.res_model = 'voip.account'
     ORDER BY a.res_id, t.key, a.seq DESC
), term AS (
    SELECT id, jsonb_object_agg(key, value) AS terms FROM last GROUP BY 1
), state AS (
    SELECT DISTINCT ON (res_id) res_id AS id, data::json ->> 'after' AS state
      FROM voip_audit WHERE event = 'account_state' AND res_model = 'voip.account'
     ORDER BY res_id, seq DESC
)
SELECT count(*) FROM voip_account a
  LEFT JOIN term t USING (id)
  LEFT JOIN state s USING (id)
 CROSS JOIN LATERAL (SELECT COALESCE(t.terms, '{}') AS said) x
 WHERE a.mode <> COALESCE(said ->> 'mode', 'prepaid')
    OR round(COALESCE(a.credit_limit, 0), 2)
       <> round(COALESCE(said ->> 'credit_limit', '0')::numeric, 2)
    OR round(COALESCE(a.overdraft_amount, 0), 2)
       <> round(COALESCE(said ->> 'overdraft_amount', '0')::numeric, 2)
    OR COALESCE(a.overdraft_until::text, 'false')
       <> COALESCE(said ->> 'overdraft_until', 'false')
    OR COALESCE(said ->> 'parent_id', a.parent_id::text, 'false')
       <> COALESCE(a.parent_id::text, 'false')
    OR COALESCE(said ->> 'profile_id', a.profile_id::text, 'false')
       <> COALESCE(a.profile_id::text, 'false')
    OR COALESCE(said ->> 'pay_by_parent', a.pay_by_parent::text, 'false')
       <> COALESCE(a.pay_by_parent::text, 'false')
    OR COALESCE(said ->> 'consolidated_billing', a.consolidated_billing::text, 'false')
       <> COALESCE(a.consolidated_billing::text, 'false')
    OR a.state <> COALESCE(s.state, a.state)
    OR s.state IS NULL AND a.state = 'closed'
"""
PAYER_SQL = """
SELECT count(*) FROM voip_account a LEFT JOIN voip_account p ON p.id = a.parent_id
 WHERE a.payer_id IS DISTINCT FROM CASE
           WHEN a.pay_by_parent OR a.consolidated_billing
           THEN COALESCE(p.payer_id, a.id) ELSE a.id END
    OR a.bill_account_id IS DISTINCT FROM CASE
           WHEN a.consolidated_billing
           THEN COALESCE(p.bill_account_id, a.id) ELSE a.id END
"""
