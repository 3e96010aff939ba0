"""Documents are among the files that the check reads."""

from odoo import api, models

# What was removed is so by the audit trail, with its hash.
REMOVED = """
a.id IS NULL AND r.removed_at IS NOT NULL AND EXISTS (
    SELECT FROM voip_audit t
     WHERE t.event = 'document_removed' AND t.res_model = 'voip.document'
       AND t.res_id = r.id AND t.data::json ->> 'sha256' = r.sha256)
"""

class VoipCheck(models.AbstractModel):
    _inherit = "voip.check"

    @api.model
    def _files(self):
        return [*super()._files(), ("voip.document", "content", "sha256")]

    @api.model
    def _removed(self, model):
        return REMOVED if model == "voip.document" else super()._removed(model)
