"""Which templates an account gets, on its form."""

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..const import FORMATS

TEMPLATE = "/odoo/action-voip_documents.voip_document_template_action/"


class VoipAccount(models.Model):
    _inherit = "voip.account"

    document_templates_html = fields.Html(
        string="Document Templates",
        compute="_compute_document_templates_html",
        sanitize=False,
        help="The most specific wins: account, account above it, company, all.",
    )

    @api.depends("company_id", "parent_id")
    def _compute_document_templates_html(self):
        for account in self:
            account.document_templates_html = account._document_templates_table()

    def _document_templates_table(self):
        templates = self.env["voip.document.template"]
        self.check_access("read")
        rows = []
        for kind, kind_name in self.env["voip.document.kind"]._kinds():
            for format_, label in FORMATS:
                try:
                    found, reason = templates._chosen(
                        kind, format_, self.company_id, self._origin
                    )
                    link = Markup('<a href="%s%s">%s</a>') % (
                        TEMPLATE,
                        found.id,
                        found.version_id.display_name,
                    )
                    cells = (kind_name, label, link, reason)
                except UserError as error:
                    cells = (kind_name, label, "", str(error))
                rows.append(cells)
        made = Markup("").join(
            Markup("<tr><td>%s</td><td>%s</td><td>%s</td><td>%s</td></tr>") % row
            for row in rows
        )
        return Markup('<table class="table table-sm">%s</table>') % made
