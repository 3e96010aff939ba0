"""Files of a request, by its templates."""

from odoo import models
from odoo.exceptions import UserError

from ..const import FORMATS


class VoipNetting(models.Model):
    _inherit = "voip.netting"

    def action_make_documents(self):
        """Make PDF, XLSX and CSV of the request, keep them, and show them."""
        documents = self.env["voip.document"]
        documents.check_access("create")
        self.check_access("read")
        self.ensure_one()
        if not self.line_ids:
            raise UserError(self.env._("There are no items yet: propose some first."))
        subject = self.env["voip.document.kind"]._of("netting")._of_netting(self)
        for format_, _label in FORMATS:
            documents |= documents._made("netting", format_, subject)
        return documents._shown([("id", "in", documents.ids)])
