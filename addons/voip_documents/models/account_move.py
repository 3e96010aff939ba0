"""Documents of invoices and credit notes."""

from odoo import fields, models

from odoo.addons.voip_billing_base.counts import counts_by

from .way_on import leads_to_template


class AccountMove(models.Model):
    _inherit = "account.move"

    voip_document_count = fields.Integer(
        string="Documents", compute="_compute_voip_document_count"
    )

    def _compute_voip_document_count(self):
        counts = counts_by(self.env["voip.document"].sudo(), "move_id", self)
        for move in self:
            move.voip_document_count = counts.get(move, 0)

    @leads_to_template
    def action_voip_make_documents(self):
        """Make PDF, XLSX and CSV by the templates of the account, and show them."""
        documents = self.env["voip.document"]
        documents.check_access("create")
        self.check_access("read")
        for move in self:
            documents._make(move)
        return self.action_voip_view_documents()

    def action_voip_view_documents(self):
        self.check_access("read")
        return self.env["voip.document"]._shown([("move_id", "in", self.ids)])
