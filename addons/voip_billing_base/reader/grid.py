"""A file as sheets of rows of cells: CSV, text and XLSX."""

import csv
import io
import re

from . import workbook
from .workbook import (
    MAX_CELLS,
    MAX_COLUMNS,
    BadFile,
    is_workbook,
    sheet_names,
    sheet_rows,
)

MAX_BYTES = 64 << 20
CELL_LIMIT = 32_767
DELIMITERS = ",;\t|"
# A quoted cell may go over so many lines.
MOST_LINES = 20
SAMPLE = 1 << 14
# How programs write a text into a CSV so that no spreadsheet takes it for a number; a
# cell of ours that looks so has an apostrophe before it and stays as it is.
_FORCED = re.compile(r'\A\s*="([^"]*)"\s*\Z')
# How files begin that are often taken for sheets.
_NO_SHEETS = (
    (b"%pdf-", "a PDF"),
    (b"<!doctype html", "a web page"),
    (b"<html", "a web page"),
    (b"{\\rtf", "a text document (RTF)"),
    (b"\x89png", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"rar!", "an archive (RAR)"),
    (b"7z\xbc\xaf", "an archive (7z)"),
    (b"\x1f\x8b", "an archive (GZ)"),
)
_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)


def sheets(data):
    """``{name: whether it is shown}`` of the sheets of a file, hidden ones last.

    A text file is one sheet without name.

    :raises BadFile: the file cannot be read
    """
    _check(data)
    return sheet_names(data) if is_workbook(data) else {"": True}


def rows(data, sheet=None):
    """The rows of a sheet, empty ones included.

    :param data: bytes of a CSV, text or XLSX file
    :param sheet: name of a sheet of a workbook; without it the first that is shown
    :return: iterator of lists of cells: texts, and of a workbook also ``Decimal``,
        ``datetime`` and ``bool``
    :raises BadFile: the file cannot be read; also while the rows are taken
    """
    _check(data)
    if is_workbook(data):
        return sheet_rows(data, sheet or None)
    return _text_rows(_decoded(data))


def hidden(data, sheet=None):
    """(numbers of rows from 1, places of columns from 0) that a workbook hides.

    :param data, sheet: what :func:`rows` has read
    """
    return workbook.hidden(data, sheet) if sheet else ([], [])


def _check(data):
    beginning = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    for mark, kind in _NO_SHEETS:
        if beginning.startswith(mark):
            raise BadFile(
                f"this is {kind}, whatever its name says: ask for the rows as XLSX or"
                " CSV"
            )
    if not data.strip():
        raise BadFile("the file is empty")
    if len(data) > MAX_BYTES:
        raise BadFile(f"the file has more than {MAX_BYTES >> 20} MB")


def _decoded(data):
    """The text of a file: as its mark says, UTF-8, else as Windows writes it."""
    encodings = [encoding for mark, encoding in _MARKS if data.startswith(mark)]
    encoding = encodings[0] if encodings else _unmarked(data)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    if "\x00" in text:
        raise BadFile("the file is no text: save it as XLSX, or as CSV in UTF-8")
    return text


def _unmarked(data):
    """UTF-16 where every second byte of the beginning is zero, else UTF-8."""
    even, odd = data[0:40:2], data[1:40:2]
    if not any(odd) and all(even):
        return "utf-16-le"
    return "utf-16-be" if not any(even) and all(odd) else "utf-8"


def _text_rows(text):
    delimiter, text = _delimiter(text)
    has_forced = '="' in text
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    cells = 0
    before = 0
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise BadFile(f"line {reader.line_num:,}: {error}") from error
        # csv's own limit is one for all that the process reads.
        if any(len(cell) > CELL_LIMIT for cell in row):
            raise BadFile(
                f"line {before + 1:,}: a cell is longer than {CELL_LIMIT:,} characters"
            )
        if any(cell.count("\n") > MOST_LINES for cell in row):
            raise BadFile(f"line {before + 1:,}: a quote is not closed")
        before = reader.line_num
        cells += len(row)
        if len(row) > MAX_COLUMNS or cells > MAX_CELLS:
            raise BadFile(
                f"line {reader.line_num:,}: more than {MAX_COLUMNS} columns or"
                f" {MAX_CELLS:,} cells"
            )
        yield [_FORCED.sub(r"\1", cell) for cell in row] if has_forced else row


def _delimiter(text):
    """(delimiter, text without the line that names it)."""
    first, found, rest = text.partition("\n")
    if found and first.strip().strip('"').lower().startswith("sep="):
        named = first.strip().strip('"')[4:5]
        if named not in DELIMITERS or not named:
            raise BadFile("line 1 names a delimiter that is not taken")
        return named, rest
    lines = [line for line in text[:SAMPLE].splitlines() if line.strip()][:50]
    # What parts most lines into the same number of cells.
    return max(DELIMITERS, key=lambda mark: _evenness(lines, mark)), text


def _evenness(lines, mark):
    counts = [
        len(row) for row in csv.reader(lines, delimiter=mark) if any(row) and row
    ]
    counts = [count for count in counts if count > 1]
    if not counts:
        return (0, 0)
    usual = max(set(counts), key=counts.count)
    return (counts.count(usual), usual)
