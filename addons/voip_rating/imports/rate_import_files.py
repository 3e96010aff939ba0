"""The faulty rows of an import as a file, with their reasons."""

import csv
import io
from datetime import datetime
from decimal import Decimal

import xlsxwriter

from odoo import models
from odoo.exceptions import UserError

from odoo.addons.voip_billing_base.reader import grid
from odoo.addons.voip_billing_base.reader.values import clean, harmless
from odoo.addons.voip_billing_base.reader.workbook import is_workbook

PLAIN = {"strings_to_formulas": False, "strings_to_urls": False}
WIDTH, REASON_WIDTH = 16, 70


class VoipRateImport(models.Model):
    _inherit = "voip.rate.import"

    def action_download_faults(self):
        """The faulty rows as they came, the reason in a last column."""
        self.check_access("read")
        self.ensure_one()
        if not self.faulty_count:
            raise UserError(self.env._("No row is faulty."))
        kind = "xlsx" if is_workbook(self._data()) else "csv"
        return {
            "type": "ir.actions.act_url",
            "url": f"/voip/rate_import/{self.id}/faulty.{kind}",
            "target": "self",
        }

    def _faulty_rows(self, kind="csv"):
        """Bytes of a file of that kind, csv or xlsx."""
        rows = self._faulty_cells()
        return faulty_file(rows, kind)

    def _faulty_cells(self):
        """(cells, reason) of the header and of each faulty row."""
        reasons = {}
        for row in self.env["voip.rate.import.row"].search_read(
            [("import_id", "=", self.id), ("status", "=", "faulty")],
            ["number", "reason"],
        ):
            reasons.setdefault(row["number"], row["reason"])
        wanted = {self.header_row: self.env._("Reason"), **reasons}
        for number, cells in enumerate(grid.rows(self._data(), self.sheet or None), 1):
            if number in wanted:
                yield cells, wanted[number]


def faulty_file(rows, kind):
    """Bytes of a file of faulty rows.

    :param rows: (cells, reason) of the header and of each faulty row
    :param kind: csv or xlsx
    """
    return _xlsx(rows) if kind == "xlsx" else _csv(rows)


def _csv(rows):
    stream = io.StringIO()
    writer = csv.writer(stream)
    for cells, reason in rows:
        writer.writerow([*(harmless(clean(cell)) for cell in cells), reason])
    return stream.getvalue().encode("utf-8-sig")


def _xlsx(rows):
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {**PLAIN, "in_memory": True}) as book:
        sheet = book.add_worksheet("Faulty")
        day = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        red = book.add_format({"font_color": "#b00020"})
        width = 0
        for at, (cells, reason) in enumerate(rows):
            # Behind the longest row before: a reason is where the header says it.
            width = width or len(cells)
            for place, cell in enumerate(cells):
                _write(sheet, at, place, cell, day)
            sheet.write_string(at, max(width, len(cells)), reason, red)
        sheet.set_column(0, max(0, width - 1), WIDTH)
        sheet.set_column(width, width, REASON_WIDTH)
        sheet.freeze_panes(1, 0)
    return stream.getvalue()


def _write(sheet, at, place, cell, day):
    """A cell as what it was: a number, a time, or a text."""
    if isinstance(cell, datetime):
        sheet.write_datetime(at, place, cell, day)
    elif isinstance(cell, Decimal) and cell.is_finite():
        sheet.write_number(at, place, float(cell))
    elif text := clean(cell):
        sheet.write_string(at, place, text)
