"""Statements that leave as files."""

from odoo.http import Controller, request, route

from odoo.addons.voip_billing_base.downloads import file_answer


class VoipStatementFiles(Controller):
    @route(
        "/voip/statement/<int:wizard_id>/statement.<any(csv,xlsx):kind>",
        type="http",
        auth="user",
    )
    def statement(self, wizard_id, kind):
        """The statement that its user asked for, as a file."""
        wizard = request.env["voip.statement.wizard"].search([("id", "=", wizard_id)])
        if not wizard:
            raise request.not_found()
        wizard._voip_use()
        return file_answer(*wizard._file(kind), kind)
