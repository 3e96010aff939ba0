"""Seals cover the call records of a month too."""

from odoo import api, fields, models

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
DELETE FROM voip_seal_mark
 WHERE cdr_id < (SELECT max(cdr_id) FROM voip_seal_mark
                  WHERE at < now() - interval '30 days');
INSERT INTO voip_seal_mark (cdr_id) SELECT last_value + 99 FROM voip_cdr_row_block_seq
"""
LAST_SQL = """
SELECT COALESCE(max(id), 0) FROM voip_cdr_row
 WHERE company_id = %(company)s AND start >= %(month)s
   AND start < %(month)s + interval '1 month'
"""
UNCOVERED_SQL = """
SELECT count(*) FROM voip_cdr_row
 WHERE company_id = %(company)s AND start >= %(month)s
   AND start < %(month)s + interval '1 month' AND id > %(to)s
"""
REACHED_SQL = """
SELECT COALESCE(max(cdr_id), 0) FROM voip_seal_mark
 WHERE at < (SELECT min(xact_start) FROM pg_stat_activity
              WHERE datname = current_database() AND backend_type = 'client backend')
"""


# A prefix, and the terms that came later where a version has them: one without is what
# it was before they came.
PREFIX = (
    "(CASE WHEN r.first_price = -1 AND r.attempt_fee = 0 THEN r.prefix ELSE"
    " r.prefix || ' ' || trim_scale(r.first_price) || ' ' || trim_scale(r.attempt_fee)"
    " END)::varchar"
)
# What the view shows of rows through the rate versions that rated them.
RATES_SQL = blocks_sql(
    "r",
    (
        "id, prefix, price_per_minute, connect_fee, initial_increment, next_increment,"
        " currency_id"
    ).split(","),
    {"price": "r.price_per_minute"},
    f"""(SELECT r.id, {PREFIX} AS prefix, r.price_per_minute, r.connect_fee,
                r.initial_increment, r.next_increment, d.currency_id
           FROM voip_rate r JOIN voip_rate_deck d ON d.id = r.deck_id
         WHERE r.id IN (
            SELECT unnest(ARRAY[u.rate_id, u.cost_rate_id])
              FROM voip_usage_row u JOIN voip_usage_summary s ON s.id = u.summary_id
             WHERE s.seal_id = %(seal)s AND s.company_id = %(company)s
               AND s.local_day >= %(month)s
               AND s.local_day < %(month)s + interval '1 month'
               AND u.started_at >= %(month)s - interval '1 day'
               AND u.started_at < %(month)s + interval '1 month 2 days')) r""",
)


class VoipSeal(models.AbstractModel):
    _inherit = "voip.seal"

    def init(self):
        result = super().init()
        self.env.cr.execute(MARK_TABLE)
        return result

    @api.model
    def _cron_seal(self):
        run_money(self.env, lambda env: env.cr.execute(MARK_SQL))
        # This transaction is older than the mark, and so in its way.
        self.env["ir.cron"]._commit_progress()
        return super()._cron_seal()

    def _may_seal(self, company_id, month):
        """Not before every call record stored for the month counts as written."""
        span = {"company": company_id, "month": month}
        self.env.cr.execute(LAST_SQL, span)
        last = self.env.cr.fetchone()[0]
        self.env.cr.execute(REACHED_SQL)
        reached = self.env.cr.fetchone()[0]
        return last <= reached and super()._may_seal(company_id, month)

    def _content(self, company_id, month, number, data=None):
        content = super()._content(company_id, month, number, data)
        span = {"company": company_id, "month": month}
        if data:
            span |= {name: data["calls"][name] for name in ("from", "to")}
        else:
            span |= self._new_calls(company_id, month)
        calls = self._counted(CALLS_SQL, span)
        content["calls"] = calls | {"from": span["from"], "to": span["to"]}
        content["rates"] = self._counted(RATES_SQL, {**span, "seal": number})
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

    def _broken(self):
        return super()._broken() + self._uncovered()

    def _uncovered(self):
        """Sealed months with old call records that no seal of them covers.

        Records that came after the newest mark wait for the next run.
        """
        self.env.cr.execute(
            "SELECT max(cdr_id) FROM voip_seal_mark"
            " WHERE at < now() - interval '2 days'"
        )
        old = self.env.cr.fetchone()[0] or 0
        covered = {}
        for _number, company_id, month, data in self._seals():
            key = company_id, month
            covered[key] = max(covered.get(key, 0), data["calls"]["to"])
        found = []
        for (company_id, month), to in covered.items():
            span = {"company": company_id, "month": fields.Date.to_date(month)}
            self.env.cr.execute(f"{UNCOVERED_SQL} AND id <= %(old)s", {
                **span, "to": to, "old": old
            })
            if self.env.cr.fetchone()[0]:
                found.append((company_id, month, "uncovered calls"))
        return found
