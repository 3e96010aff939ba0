"""Audit trail: append-only and hash-chained, one chain per company."""

import json
from hashlib import sha256

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..charge.append_only import install_append_only

GENESIS = "0" * 64
HEAD_TABLE = """
CREATE TABLE IF NOT EXISTS voip_audit_head (
    company_id integer PRIMARY KEY,
    seq integer NOT NULL,
    hash text NOT NULL
)
"""
# What is hashed, in SQL and in Python alike.
PAYLOAD = (
    "concat_ws('|', seq, company_id, to_char(at, 'YYYY-MM-DD HH24:MI:SS'), user_id,"
    " event, COALESCE(res_model, ''), COALESCE(res_id, 0), data)"
)


class VoipAudit(models.Model):
    """Who did what: runs, approvals, limits, states, decks, undone batches.

    Each record's hash covers its content and the hash before it, so that a change, a
    removal in the middle and a reordering show. The database refuses changes as well.
    """

    _name = "voip.audit"
    _description = "VoIP Audit Record"
    _inherit = ["voip.append.only"]
    _log_access = False
    _order = "company_id, seq desc"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="restrict"
    )
    seq = fields.Integer(string="Number", required=True, readonly=True, aggregator=None)
    at = fields.Datetime(string="Date", required=True, readonly=True)
    user_id = fields.Many2one(
        "res.users", required=True, readonly=True, ondelete="restrict"
    )
    event = fields.Selection("_select_event", required=True, readonly=True)
    res_model = fields.Char(string="Model", readonly=True)
    res_id = fields.Integer(string="Record", readonly=True, aggregator=None)
    data = fields.Text(required=True, readonly=True)
    prev_hash = fields.Char(required=True, readonly=True)
    hash = fields.Char(required=True, readonly=True)

    _seq_uniq = models.Constraint(
        "UNIQUE(company_id, seq)", "An audit number is used once."
    )
    _seals = models.Index("(company_id, id) WHERE event = 'month_sealed'")

    def init(self):
        self.env.cr.execute(HEAD_TABLE)
        install_append_only(self.env.cr, self._table)

    # === ACTION METHODS === #

    def action_view_record(self):
        """Open what the audit record is about."""
        self.check_access("read")
        self.ensure_one()
        if not self.res_model or self.res_model not in self.env:
            raise UserError(self.env._("This audit record is about no record."))
        return {
            "type": "ir.actions.act_window",
            "res_model": self.res_model,
            "res_id": self.res_id,
            "view_mode": "form",
        }

    # === BUSINESS METHODS === #

    @api.model
    def _log(self, event, record, data, company=None):
        """Append an audit record.

        :param event: short name of what happened
        :param record: record it happened to, or None
        :param data: JSON-able dict
        :param company: defaults to the record's company, else the current one
        """
        company = (
            company
            or (record and "company_id" in record._fields and record.company_id)
            or self.env.company
        )
        seq, previous = self._next_link(company)
        row = {
            "company_id": company.id,
            "seq": seq,
            "at": fields.Datetime.now(),
            "user_id": self.env.uid,
            "event": event,
            "res_model": record._name if record else None,
            "res_id": record.id if record else None,
            "data": json.dumps(data, sort_keys=True, default=str),
            "prev_hash": previous,
        }
        row["hash"] = digest = _hash(row)
        names = ", ".join(row)
        values = ", ".join(f"%({name})s" for name in row)
        cr = self.env.cr
        cr.execute(f"INSERT INTO voip_audit ({names}) VALUES ({values})", row)
        cr.execute(
            "UPDATE voip_audit_head SET hash = %s WHERE company_id = %s",
            [digest, company.id],
        )
        self.invalidate_model()

    def _next_link(self, company):
        """Lock the company's chain: (next number, last hash)."""
        cr = self.env.cr
        cr.execute(
            "INSERT INTO voip_audit_head (company_id, seq, hash) VALUES (%s, 0, %s)"
            " ON CONFLICT DO NOTHING",
            [company.id, GENESIS],
        )
        cr.execute(
            "UPDATE voip_audit_head SET seq = seq + 1 WHERE company_id = %s"
            " RETURNING seq, hash",
            [company.id],
        )
        return cr.fetchone()

    @api.model
    def _chain_sql(self):
        """SQL that counts broken links: wrong hash or order, cut or grown tail."""
        return CHAIN_SQL


def _hash(row):
    payload = "|".join(
        (
            str(row["seq"]),
            str(row["company_id"]),
            fields.Datetime.to_string(row["at"]),
            str(row["user_id"]),
            row["event"],
            row["res_model"] or "",
            str(row["res_id"] or 0),
            row["data"],
        )
    )
    return sha256(f"{row['prev_hash']}{payload}".encode()).hexdigest()


CHAIN_SQL = f"""
SELECT (SELECT count(*) FROM (
            SELECT hash, prev_hash, seq,
                   encode(sha256(convert_to(prev_hash || {PAYLOAD}, 'UTF8')), 'hex')
                       AS computed,
                   lag(hash, 1, '{GENESIS}') OVER chain AS previous,
                   lag(seq, 1, 0) OVER chain AS before
              FROM voip_audit WINDOW chain AS (PARTITION BY company_id ORDER BY seq)) x
         WHERE hash <> computed OR prev_hash <> previous OR seq <> before + 1)
     + (SELECT count(*) FROM voip_audit_head h
          FULL JOIN (SELECT DISTINCT ON (company_id) company_id, seq, hash
                       FROM voip_audit ORDER BY company_id, seq DESC) a
            ON a.company_id = h.company_id
         WHERE a.seq IS DISTINCT FROM h.seq OR a.hash IS DISTINCT FROM h.hash)
"""
