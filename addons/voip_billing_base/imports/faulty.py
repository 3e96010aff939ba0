"""Faulty rows as a file: as they came, the reason in a last column. No Odoo here."""

import csv
import io
from datetime import datetime
from decimal import Decimal

import xlsxwriter

from ..reader.values import clean, harmless
from ..workbooks import head_height

PLAIN = {"strings_to_formulas": False, "strings_to_urls": False}
WIDTH, REASON_WIDTH = 16, 70


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
        forms = {
            "day": book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
            # Apart from the number before it, which ends where a text begins.
            "text": book.add_format({"indent": 1}),
        }
        red = {"font_color": "#b00020", "indent": 1, "valign": "top"}
        red = book.add_format(red)
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        heads, width = [], 0
        for at, (cells, reason) in enumerate(rows):
            if at == 0:
                heads, width = [clean(cell) or "" for cell in cells], len(cells)
                for place, head in enumerate(heads):
                    sheet.write_string(at, place, head, bold)
            else:
                for place, cell in enumerate(cells):
                    _write(sheet, at, place, cell, forms)
            # Behind the longest row before: a reason is where the header says it.
            sheet.write_string(at, max(width, len(cells)), reason, red)
        sheet.set_column(0, max(0, width - 1), WIDTH)
        sheet.set_column(width, width, REASON_WIDTH)
        sheet.set_row(0, head_height([(head, WIDTH) for head in heads]))
        sheet.freeze_panes(1, 0)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
    return stream.getvalue()


def _write(sheet, at, place, cell, forms):
    """A cell as what it was: a number, a time, or a text."""
    if isinstance(cell, datetime):
        sheet.write_datetime(at, place, cell, forms["day"])
    elif isinstance(cell, Decimal) and cell.is_finite():
        sheet.write_number(at, place, float(cell))
    elif text := clean(cell):
        sheet.write_string(at, place, text, forms["text"] if place else None)
