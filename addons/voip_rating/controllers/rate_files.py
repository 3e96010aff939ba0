"""Files of rates that leave: a deck as a sheet, the faulty rows of an import."""

from datetime import MAXYEAR, MINYEAR, UTC, datetime

from werkzeug.exceptions import BadRequest

from odoo.http import Controller, request, route

from odoo.addons.voip_billing_base.downloads import TYPES, file_answer


class VoipRateFiles(Controller):
    @route(
        "/voip/rate_deck/<int:deck_id>/rates.<any(csv,xlsx):kind>",
        type="http",
        auth="user",
    )
    def rates(self, deck_id, kind, at=None, since=None):
        """The rates of a deck at a moment; without one the valid and future ones.

        :param at: ISO 8601 in UTC
        :param since: the moment to compare with
        """
        deck = self._readable("voip.rate.deck", deck_id)
        moment = self._moment(at) or datetime.now(UTC).replace(tzinfo=None)
        data = deck.export_file(kind, moment, self._moment(since), future=not at)
        return file_answer(deck._export_name(kind, moment), data, kind)

    @route(
        "/voip/rate_comparison/<int:comparison_id>/comparison.xlsx",
        type="http",
        auth="user",
    )
    def comparison(self, comparison_id):
        """Compared decks as they were shown last."""
        found = self._readable("voip.rate.comparison", comparison_id)
        found._voip_use()
        return file_answer("comparison.xlsx", found._file(), "xlsx")

    @route("/voip/rate_import/<int:import_id>/faulty.<kind>", type="http", auth="user")
    def faulty(self, import_id, kind):
        """The faulty rows of an import with their reasons, as CSV or XLSX."""
        sheet = self._readable("voip.rate.import", import_id)
        if kind not in TYPES:
            raise request.not_found()
        name = (sheet.file_name or "rates").rpartition(".")[0] or "rates"
        return file_answer(f"{name}-faulty.{kind}", sheet._faulty_rows(kind), kind)

    @staticmethod
    def _readable(model, record_id):
        record = request.env[model].search([("id", "=", record_id)])
        if not record:
            raise request.not_found()
        return record

    @staticmethod
    def _moment(text):
        if not text:
            return None
        try:
            moment = datetime.fromisoformat(text)
            if moment.tzinfo:
                moment = moment.astimezone(UTC).replace(tzinfo=None)
        except (ValueError, OverflowError) as error:
            raise BadRequest from error
        # At its edges the calendar has no date for the clocks of some zones.
        if not MINYEAR < moment.year < MAXYEAR:
            raise BadRequest
        return moment
