"""Files of a notice, by its templates."""

from odoo import models


class VoipRateNotice(models.Model):
    _inherit = "voip.rate.notice"

    def action_make_documents(self):
        """Make PDF, XLSX and CSV of the notice, keep them, and show them."""
        documents = self.env["voip.document"]
        documents.check_access("create")
        self.check_access("read")
        self.ensure_one()
        subject = self.env["voip.document.kind"]._of("rate_notice")._of_notice(self)
        documents = documents._made_all("rate_notice", subject)
        return documents._shown([("id", "in", documents.ids)])
