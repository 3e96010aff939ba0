"""Documents are among the files that the check reads."""

from odoo import api, models

# What was removed is so by the audit trail, with its hash.
REMOVED = """
a.id IS NULL AND r.removed_at IS NOT NULL AND EXISTS (
    SELECT FROM voip_audit t
     WHERE t.event = 'document_removed' AND t.res_model = 'voip.document'
       AND t.res_id = r.id AND t.data::json ->> 'sha256' = r.sha256)
"""

# What is published is what the audit trail says, and is what its hash says. Older
# templates were published without an audit.
PUBLISHED = """
SELECT count(*) FROM voip_document_template t
  JOIN voip_document_template_version v ON v.id = t.version_id
  LEFT JOIN (SELECT DISTINCT ON (res_id) res_id, data::json ->> 'sha256' AS sha256
               FROM voip_audit
              WHERE res_model = 'voip.document.template'
                AND event = 'template_published'
              ORDER BY res_id, id DESC) a ON a.res_id = t.id
 WHERE v.template_id <> t.id OR v.sha256 <> COALESCE(a.sha256, v.sha256)
    OR v.sha256 <> encode(sha256(convert_to(v.definition, 'UTF8')), 'hex')
"""
# Whose documents a template makes is what the audit trail says; older ones were
# published without that.
PLACE = """
SELECT count(*) FROM voip_document_template t
  JOIN (SELECT DISTINCT ON (res_id) res_id, data::json AS said
          FROM voip_audit
         WHERE res_model = 'voip.document.template'
           AND event IN ('template_published', 'template_moved')
           AND data::jsonb ? 'account_id'
         ORDER BY res_id, id DESC) a ON a.res_id = t.id
 WHERE (COALESCE(t.company_id, 0), COALESCE(t.account_id, 0)) <>
       ((a.said ->> 'company_id')::int, (a.said ->> 'account_id')::int)
"""


class VoipCheck(models.AbstractModel):
    _inherit = "voip.check"

    @api.model
    def _checks(self, since, full):
        return [
            *super()._checks(since, full),
            ("published", "What templates make is as it was published", PUBLISHED),
            ("template_place", "Templates are of whom they were last", PLACE),
        ]

    @api.model
    def _files(self):
        return [*super()._files(), ("voip.document", "content", "sha256")]

    @api.model
    def _removed(self, model):
        return REMOVED if model == "voip.document" else super()._removed(model)
