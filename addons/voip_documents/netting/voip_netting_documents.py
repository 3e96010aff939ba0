"""Files of a request, by its templates."""

from odoo import models
from odoo.exceptions import UserError

from ..models.way_on import leads_to_template


class VoipNetting(models.Model):
    _inherit = "voip.netting"

    @leads_to_template
    def action_make_documents(self):
        """Make PDF, XLSX and CSV of the request, keep them, and show them."""
        documents = self.env["voip.document"]
        documents.check_access("create")
        self.check_access("read")
        self.ensure_one()
        if not self.line_ids:
            raise UserError(self.env._("There are no items yet: propose some first."))
        subject = self.env["voip.document.kind"]._of("netting")._of_netting(self)
        documents = documents._made_all("netting", subject)
        return documents._shown([("id", "in", documents.ids)])
