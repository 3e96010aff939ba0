"""Documents that leave as files without being kept."""

from odoo.http import Controller, request, route

from odoo.addons.voip_billing_base.downloads import file_answer


class VoipDocumentFiles(Controller):
    @route(
        "/voip/document/<any(statement,usage):kind>/<int:wizard_id>/"
        "<string(maxlength=20):name>.<any(csv,xlsx,pdf):format>",
        type="http",
        auth="user",
    )
    def document(self, kind, wizard_id, name, format):  # noqa: A002  as in the API
        """The document that its user asked a wizard for, as a file."""
        wizard = request.env[f"voip.{kind}.wizard"].search([("id", "=", wizard_id)])
        if not wizard:
            raise request.not_found()
        wizard._voip_use()
        return file_answer(*wizard._file(format), format)
