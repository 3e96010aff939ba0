"""Invariants of rate sheets and notices: their files are those that were audited."""

from hashlib import sha256

from odoo import api, models

# What was applied is in the audit trail of its deck with the hash of its file.
APPLIED_SQL = """
SELECT count(*) FROM voip_rate_import i
 WHERE i.state IN ('applied', 'undone') AND i.is_generated IS NOT TRUE
   AND NOT EXISTS (
       SELECT FROM voip_audit a
        WHERE a.event = 'rate_import_apply' AND a.res_model = 'voip.rate.deck'
          AND a.res_id = i.deck_id AND a.data::json ->> 'sha256' = i.sha256)
"""
# Notices that are delivered are those that the trail says, each with its files.
DELIVERED_SQL = """
WITH said AS (
    SELECT DISTINCT ON (res_id) res_id AS id, data::json AS data FROM voip_audit
     WHERE event = 'notice_delivered' AND res_model = 'voip.rate.notice'
     ORDER BY res_id, seq DESC
)
SELECT count(*)
  FROM (SELECT * FROM voip_rate_notice WHERE state = 'delivered') n
  FULL JOIN said s USING (id)
 WHERE n.id IS NULL OR s.id IS NULL
    OR COALESCE(n.csv_sha256, '') <> COALESCE(s.data ->> 'csv', '')
    OR COALESCE(n.xlsx_sha256, '') <> COALESCE(s.data ->> 'xlsx', '')
"""
# (model, field with a file, field with its hash)
FILES = (
    ("voip.rate.import", "file", "sha256"),
    ("voip.rate.notice", "csv", "csv_sha256"),
    ("voip.rate.notice", "xlsx", "xlsx_sha256"),
)


class VoipCheck(models.AbstractModel):
    _inherit = "voip.check"

    @api.model
    def _checks(self, since, full):
        return [
            *super()._checks(since, full),
            ("sheets", "Applied rate sheets are as audited", APPLIED_SQL),
            ("notices", "Delivered notices are as audited", DELIVERED_SQL),
        ]

    @api.model
    def run(self, full=False):
        results = super().run(full)
        if not full:
            return results
        broken = sum(self._broken_files(*names) for names in FILES)
        title = "Files of rate sheets and notices have their SHA-256"
        return [*results, {"name": "files", "title": title, "violations": broken}]

    def _broken_files(self, model, field, hashed):
        """How many files are missing or differ from their hash; one at a time."""
        self.env.cr.execute(
            f"SELECT r.id, r.{hashed}, a.id FROM {self.env[model]._table} r"
            "  LEFT JOIN ir_attachment a ON a.res_model = %s AND a.res_field = %s"
            "   AND a.res_id = r.id"
            f" WHERE r.{hashed} IS NOT NULL OR a.id IS NOT NULL",
            [model, field],
        )
        found = self.env.cr.fetchall()
        return sum(self._hash_of(file) != digest for _id, digest, file in found)

    def _hash_of(self, attachment_id):
        if not attachment_id:
            return None
        file = self.env["ir.attachment"].sudo().browse(attachment_id)
        digest = sha256(file.raw or b"").hexdigest()
        file.invalidate_recordset()
        return digest
