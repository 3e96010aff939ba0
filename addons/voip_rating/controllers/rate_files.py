"""Files of rates that leave: a deck as a sheet, the faulty rows of an import."""

from odoo.http import Controller, content_disposition, request, route

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class VoipRateFiles(Controller):
    @route("/voip/rate_deck/<int:deck_id>/rates.csv", type="http", auth="user")
    def rates(self, deck_id):
        """The valid and future rates of a deck."""
        deck = self._readable("voip.rate.deck", deck_id)
        return self._file(f"{deck.code}.csv", deck._export_rates())

    @route("/voip/rate_import/<int:import_id>/faulty.<kind>", type="http", auth="user")
    def faulty(self, import_id, kind):
        """The faulty rows of an import with their reasons, as CSV or XLSX."""
        sheet = self._readable("voip.rate.import", import_id)
        if kind not in TYPES:
            raise request.not_found()
        name = (sheet.file_name or "rates").rpartition(".")[0] or "rates"
        return self._file(f"{name}-faulty.{kind}", sheet._faulty_rows(kind), kind)

    @staticmethod
    def _readable(model, record_id):
        record = request.env[model].search([("id", "=", record_id)])
        if not record:
            raise request.not_found()
        return record

    @staticmethod
    def _file(name, data, kind="csv"):
        headers = [
            ("Content-Type", TYPES[kind]),
            ("Content-Disposition", content_disposition(name)),
            ("X-Content-Type-Options", "nosniff"),
        ]
        return request.make_response(data, headers)
