"""Files about numbers that leave: the faulty rows of an import, a month-end."""

from odoo.http import Controller, request, route

from odoo.addons.voip_billing_base.downloads import TYPES, file_answer


class VoipDidFiles(Controller):
    @route("/voip/did_import/<int:import_id>/faulty.<kind>", type="http", auth="user")
    def faulty(self, import_id, kind):
        """The faulty rows of an import with their reasons, as CSV or XLSX."""
        found = request.env["voip.did.import"].search([("id", "=", import_id)])
        if not found or kind not in TYPES:
            raise request.not_found()
        name = (found.file_name or "numbers").rpartition(".")[0] or "numbers"
        return file_answer(f"{name}-faulty.{kind}", found._faulty_rows(kind), kind)

    @route("/voip/did_deferral/<int:deferral_id>/<name>.xlsx", type="http", auth="user")
    def deferral(self, deferral_id, name):
        """A month-end of deferred revenue, as XLSX."""
        found = request.env["voip.did.deferral"].search([("id", "=", deferral_id)])
        if not found:
            raise request.not_found()
        file_name = f"{name}-{found.date_end}.xlsx"
        return file_answer(file_name, found._workbook(), "xlsx")
