"""Files as they come: text, packed with gzip, or a spreadsheet. No Odoo here."""

import zlib

from odoo.addons.voip_billing_base.reader.workbook import BadFile, is_workbook

from .spreadsheet import csv_of_sheet

MAX_BYTES = 256 << 20
GZIP = b"\x1f\x8b"
# How files begin that some take for text, and what to do.
BINARY = {
    b"\xff\xfe": "it is UTF-16 text: save it as CSV UTF-8",
    b"\xfe\xff": "it is UTF-16 text: save it as CSV UTF-8",
    b"%PDF": "it is a PDF, no CSV or other text file",
}
LOOKED_AT = 1_024
# Text has hardly any; a damaged line may have some.
CONTROLS = bytes(code for code in range(32) if code not in b"\t\n\r\x1b")


def plain_file(data, sheet=None):
    """The bytes of the text file that ``data`` holds.

    :param data: bytes of a text file, of one in gzip, or of an XLSX workbook
    :param sheet: name of the sheet; without it the first
    :raises BadFile: what it is cannot be read, or is larger than anybody needs
    """
    if data.startswith(GZIP):
        data = _unpacked(data)
    if is_workbook(data):
        return csv_of_sheet(data, sheet)
    _refuse_binary(data)
    return data


def _refuse_binary(data):
    for mark, why in BINARY.items():
        if data.startswith(mark):
            raise BadFile(why)
    start = data[:LOOKED_AT]
    controls = len(start) - len(start.translate(None, CONTROLS))
    if controls * 10 > len(start):
        raise BadFile("it is no CSV or other text file")


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
