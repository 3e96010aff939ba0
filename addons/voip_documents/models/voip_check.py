"""Documents are among the files that the check reads."""

from odoo import api, models


class VoipCheck(models.AbstractModel):
    _inherit = "voip.check"

    @api.model
    def _files(self):
        return [*super()._files(), ("voip.document", "content", "sha256")]
