"""Seals cover the call records of a month too."""

from odoo import api, models

from odoo.addons.voip_billing_base.charge.seal import blocks_sql
from odoo.addons.voip_billing_base.charge.transaction import run_money

CALL_COLUMNS = (
    'id, start, answer, "end", company_id, batch_id, position, duration_ms, pdd_ms,'
    " sip_code, answered, call_id, called, caller, trunk, supplier_trunk,"
    " hangup_cause, mos, packet_loss, jitter_ms, leg, direction, account,"
    " jurisdiction, lrn, attempts, metadata"
)
CALLS_SQL = blocks_sql(
    "r",
    CALL_COLUMNS.split(","),
    {"duration_ms": "r.duration_ms"},
    """voip_cdr_row r
         WHERE r.company_id = %(company)s AND r.start >= %(month)s
           AND r.start < %(month)s + interval '1 month'
           AND r.id > %(from)s AND r.id <= %(to)s""",
)
# A number that is taken is written soon, or never: once nobody is at work any more who
# was when the mark was made, all records up to it are there.
MARK_TABLE = """
CREATE TABLE IF NOT EXISTS voip_seal_mark (
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    cdr_id bigint NOT NULL
)
"""
MARK_SQL = """
INSERT INTO voip_seal_mark (cdr_id) SELECT last_value + 99 FROM voip_cdr_row_block_seq;
DELETE FROM voip_seal_mark WHERE at < now() - interval '30 days'
"""
REACHED_SQL = """
SELECT COALESCE(max(cdr_id), 0) FROM voip_seal_mark
 WHERE at < (SELECT min(xact_start) FROM pg_stat_activity
              WHERE datname = current_database() AND backend_type = 'client backend')
"""


class VoipSeal(models.AbstractModel):
    _inherit = "voip.seal"

    def init(self):
        self.env.cr.execute(MARK_TABLE)

    @api.model
    def _cron_seal(self):
        run_money(self.env, lambda env: env.cr.execute(MARK_SQL))
        return super()._cron_seal()

    def _content(self, company_id, month, number, data=None):
        content = super()._content(company_id, month, number, data)
        span = {"company": company_id, "month": month}
        if data:
            span |= {name: data["calls"][name] for name in ("from", "to")}
        else:
            span |= self._new_calls(company_id, month)
        calls = self._counted(CALLS_SQL, span)
        content["calls"] = calls | {"from": span["from"], "to": span["to"]}
        return content

    def _new_calls(self, company_id, month):
        """Numbers of the records that no seal of the month covers yet."""
        company = self.env["res.company"].browse(company_id)
        last = [
            data["calls"]["to"]
            for _number, _company, sealed, data in self._seals(company)
            if sealed == str(month)
        ]
        self.env.cr.execute(REACHED_SQL)
        first = max(last, default=0)
        return {"from": first, "to": max(self.env.cr.fetchone()[0], first)}
