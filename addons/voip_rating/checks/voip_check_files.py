"""Invariants of rate sheets, notices and agreements: they are as they were audited."""

from odoo import api, models

from ..imports.result import MARK

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
# What an undo would give back is what the trail says of the import.
UNDO_SQL = f"""
SELECT count(*)
  FROM voip_audit a JOIN voip_rate_import i
    ON i.id = (a.data::json ->> 'import')::integer AND i.state = 'applied'
 WHERE a.event IN ('rate_import_apply', 'deck_generate')
   AND (a.data::json ->> 'changes') <> ({MARK.format("i.id")})
"""
# What is agreed is what was audited last; of those never audited nothing is known.
AGREED_SQL = """
WITH said AS (
    SELECT DISTINCT ON (res_id) res_id AS id, data::jsonb AS data FROM voip_audit
     WHERE event = 'agreement_change' AND res_model = 'voip.rate.agreement'
     ORDER BY res_id, seq DESC
)
SELECT count(*) FROM voip_rate_agreement r JOIN said s USING (id)
 WHERE s.data ->> 'direction' <> r.direction
    OR (s.data ->> 'active')::boolean IS DISTINCT FROM r.active
    OR s.data ->> 'tz' <> r.tz OR s.data ->> 'content' <> r.content
    OR (s.data ->> 'days_new')::integer <> r.days_new
    OR (s.data ->> 'days_increased')::integer <> r.days_increased
    OR (s.data ->> 'days_decreased')::integer <> r.days_decreased
    OR (s.data ->> 'days_closed')::integer <> r.days_closed
    OR (s.data ->> 'calendar')::integer IS DISTINCT FROM r.calendar_id
    OR EXISTS (
       SELECT FROM (SELECT voip_rate_deck_id AS id
                      FROM voip_rate_agreement_voip_rate_deck_rel
                     WHERE voip_rate_agreement_id = r.id) d
         FULL JOIN (SELECT d.id FROM voip_rate_deck d
                      JOIN jsonb_array_elements_text(s.data -> 'decks') x (id)
                        ON x.id::integer = d.id) x USING (id)
        WHERE d.id IS NULL OR x.id IS NULL)
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
            ("undo", "An undo of a rate sheet is as audited", UNDO_SQL),
            ("agreements", "Agreements about notices are as audited", AGREED_SQL),
        ]

    @api.model
    def _files(self):
        return [*super()._files(), *FILES]
