"""Files as they come: text, packed with gzip, or a spreadsheet. No Odoo here."""

import zlib

from odoo.addons.voip_billing_base.reader.workbook import BadFile, is_workbook

from .spreadsheet import csv_of_sheet

MAX_BYTES = 256 << 20
GZIP = b"\x1f\x8b"


def plain_file(data, sheet=None):
    """The bytes of the text file that ``data`` holds.

    :param data: bytes of a text file, of one in gzip, or of an XLSX workbook
    :param sheet: name of the sheet; without it the first
    :raises BadFile: what it is cannot be read, or is larger than anybody needs
    """
    if data.startswith(GZIP):
        data = _unpacked(data)
    return csv_of_sheet(data, sheet) if is_workbook(data) else data


def _unpacked(data):
    parts, size = [], 0
    while data:
        reader = zlib.decompressobj(wbits=31)
        try:
            part = reader.decompress(data, MAX_BYTES + 1 - size)
        except zlib.error as error:
            raise BadFile(f"the gzip file is damaged: {error}") from error
        size += len(part)
        if size > MAX_BYTES:
            raise BadFile(f"unpacked the file has more than {MAX_BYTES >> 20} MB")
        if not reader.eof:
            raise BadFile("the gzip file ends too early")
        parts.append(part)
        data = reader.unused_data.lstrip(b"\0")
    return b"".join(parts)
