import base64
import csv
import io
from datetime import datetime

import xlsxwriter
from freezegun import freeze_time

from .common import VoipRatingCommon

NOW = datetime(2026, 3, 10, 12)
HEADER = "Code;Destination;Price per minute;Effective date"


def sheet(*rows, header=HEADER):
    """Bytes of a CSV with these rows."""
    return "\n".join((header, *rows)).encode()


def workbook(*rows, sheets=("Rates",)):
    """Bytes of an XLSX whose last sheet has these rows."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"default_date_format": "yyyy-mm-dd"}) as book:
        for name in sheets:
            page = book.add_worksheet(name)
        for place, row in enumerate(rows):
            page.write_row(place, 0, row)
    return stream.getvalue()


class ImportCommon(VoipRatingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time(NOW))
        cls.deck = cls._create_deck(
            [
                {"prefix": "44", "price_per_minute": "0.01", "destination": "UK"},
                {"prefix": "447", "price_per_minute": "0.05"},
            ]
        )

    def _import(self, data, deck=None, name="rates.csv", **values):
        return self.env["voip.rate.import"].create(
            {
                "deck_id": (deck or self.deck).id,
                "file": base64.b64encode(data),
                "file_name": name,
                **values,
            }
        )

    def _preview(self, data, **values):
        found = self._import(data, **values)
        found.action_preview()
        return found

    def _apply(self, data, **values):
        found = self._preview(data, **values)
        found.action_apply()
        return found

    def _rows(self, found, *names):
        names = names or ("prefix", "status")
        self.env["voip.rate.import.row"].flush_model()
        rows = self.env["voip.rate.import.row"].search([("import_id", "=", found.id)])
        return [tuple(row[name] for name in names) for row in rows]

    def _table(self, deck=None):
        """All of voip_rate that is of the deck, as PostgreSQL keeps it."""
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT to_jsonb(r)::text FROM voip_rate r WHERE deck_id = %s ORDER BY id",
            [(deck or self.deck).id],
        )
        return [row for (row,) in self.env.cr.fetchall()]

    def _faults(self, found):
        data = found._faulty_rows().decode("utf-8-sig")
        return list(csv.reader(io.StringIO(data)))
