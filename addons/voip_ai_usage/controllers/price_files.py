"""Files about AI prices that leave: the faulty rows of an import."""

from odoo.http import Controller, request, route

from odoo.addons.voip_billing_base.downloads import TYPES, file_answer


class VoipAiPriceFiles(Controller):
    @route(
        "/voip/ai_price_import/<int:import_id>/faulty.<kind>", type="http", auth="user"
    )
    def faulty(self, import_id, kind):
        """The faulty rows of an import with their reasons, as CSV or XLSX."""
        found = request.env["voip.ai.price.import"].search([("id", "=", import_id)])
        if not found or kind not in TYPES:
            raise request.not_found()
        name = (found.file_name or "prices").rpartition(".")[0] or "prices"
        return file_answer(f"{name}-faulty.{kind}", found._faulty_rows(kind), kind)
