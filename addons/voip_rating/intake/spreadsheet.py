"""The rows of an XLSX sheet as CSV, to the letter. No Odoo here."""

import csv
import io
from decimal import Decimal

from odoo.addons.voip_billing_base.reader.workbook import sheet_rows


def csv_of_sheet(data, sheet=None):
    """A sheet as CSV: one row a line, empty rows included.

    A cell becomes what its writer saw: a date ISO text, a number plain decimals.

    :param data: bytes of an XLSX workbook
    :param sheet: name of the sheet; without it the first
    :raises BadFile: no workbook, too large, or a cell that has no certain value
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for row in sheet_rows(data, sheet):
        texts = [_text(cell) for cell in row]
        writer.writerow(texts if any(texts) else [])
    return out.getvalue().encode()


def _text(cell):
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return f"{cell:f}" if isinstance(cell, Decimal) else cell.isoformat(" ")
