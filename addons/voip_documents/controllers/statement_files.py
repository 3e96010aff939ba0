"""Statements that leave as files."""

from odoo.http import Controller, content_disposition, request, route

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


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
        name, data = wizard._file(kind)
        headers = [
            ("Content-Type", TYPES[kind]),
            ("Content-Disposition", content_disposition(name)),
            ("X-Content-Type-Options", "nosniff"),
        ]
        return request.make_response(data, headers)
