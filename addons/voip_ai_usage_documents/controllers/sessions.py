"""The AI sessions of an invoice as a file of any size."""

from odoo.exceptions import UserError
from odoo.http import Controller, request, route

from odoo.addons.voip_documents.controllers.calls import streamed


class VoipAiSessions(Controller):
    @route("/voip/invoice/<int:move_id>/ai_sessions/csv", type="http", auth="user")
    def ai_sessions(self, move_id):
        """The annex of an invoice that the user may read."""
        move = request.env["account.move"].search([("id", "=", move_id)])
        if not move:
            raise request.not_found()
        try:
            return streamed(*move._voip_sessions_file())
        except UserError as error:
            raise request.not_found(str(error)) from error
