"""Sheets of an XLSX workbook, checked before they are read."""

import io
import posixpath
import re
import zipfile
import zlib
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import numpy as np
from lxml import etree
from python_calamine import CalamineError, CalamineWorkbook

from .values import DIGITS, Counted1904

MAX_PART = 128 << 20
MAX_ALL = 256 << 20
MAX_CELLS = 8_000_000
MAX_COLUMNS = 500
MAX_PARTS = 2_000
UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    KeyError,
    NotImplementedError,
    EOFError,
    RuntimeError,
    ValueError,
    etree.XMLSyntaxError,
    CalamineError,
)
_ZIP, _OLD = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_BOOK = "xl/workbook.xml"
_CELL = re.compile(rb"<(?:\w+:)?c(\s[^>]*)?(?:/>|>(.*?)</(?:\w+:)?c>)", re.DOTALL)
_NAME = re.compile(rb'\br="([A-Z]+)(\d+)"')
_PLACE = re.compile(rb'<(?:\w+:)?c\s(?:[^>]*\s)?r="([A-Z]+)(\d+)"')
# A sheet is looked through in pieces, so that what is found of it stays small.
_PIECE, _OVERLAP = 1 << 22, 1 << 12
# Characters of the name of a cell beyond which it is refused in any case.
_NAME_LIMIT = 16
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_HIDDEN = re.compile(rb'<(?:\w+:)?(row|col)\s([^>]*\bhidden="(?:1|true)"[^>]*)>')
_VALUE = re.compile(rb"<(?:\w+:)?v(?:\s[^>]*)?>[^<]|<(?:\w+:)?is>")


class BadFile(ValueError):
    """A file that cannot be read; the message says why."""


def is_workbook(data):
    """Whether bytes are an XLSX file, or else text.

    :raises BadFile: a workbook of the old format, or one with a password
    """
    if data.startswith(_OLD):
        raise BadFile(
            "this is a workbook of the old format, an XLS file or one with a password:"
            " save it as XLSX or CSV, without a password"
        )
    return data.startswith(_ZIP)


def sheet_names(data):
    """``{name: whether it is shown}`` of a workbook; hidden sheets stand last.

    :raises BadFile: no workbook, or one that is too large
    """
    found = _checked(data, _sheets)
    return {name: is_shown for name, (_part, is_shown) in found.items()}


def hidden(data, sheet):
    """What a sheet has hidden, beside rows without a cell.

    :param data, sheet: a workbook and a sheet that :func:`sheet_rows` has read
    :return: (numbers of rows from 1, places of columns from 0), both sorted
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        text = archive.read(_sheets(archive)[sheet][0])
    if b'hidden="' not in text:
        return [], []
    rows, columns = set(), set()
    for kind, attributes in _HIDDEN.findall(text):
        given = dict(re.findall(rb'(\w+)="(\d+)"', attributes))
        if kind == b"col":
            last = min(int(given[b"max"]), MAX_COLUMNS)
            columns.update(range(int(given[b"min"]) - 1, last))
        elif b"r" in given and not attributes.endswith(b"/"):
            rows.add(int(given[b"r"]))
    return sorted(rows), sorted(columns)


def sheet_rows(data, sheet=None):
    """The rows of one sheet, empty ones included.

    :param data: bytes of an XLSX workbook
    :param sheet: name of the sheet; without it the first
    :return: iterator of lists of texts, ``Decimal``, ``datetime`` and ``bool``
    :raises BadFile: no workbook, no such sheet, too large, or a cell without a certain
        value
    """

    def check(archive):
        names = _sheets(archive)
        chosen = sheet or next(iter(names))
        if chosen not in names:
            raise BadFile(
                f"the workbook has no sheet {chosen!r}, but: {', '.join(names)}"
            )
        _check_cells(archive.read(names[chosen][0]))
        return chosen, _counts_from_1904(archive)

    chosen, old = _checked(data, check)
    rows = _rows(_read(data, chosen))
    return map(_from_1904, rows) if old else rows


def _from_1904(row):
    return [Counted1904(cell) if type(cell) is Decimal else cell for cell in row]


def _checked(data, work):
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_sizes(archive)
            if _BOOK not in archive.namelist():
                raise BadFile(
                    "this is no XLSX workbook but another ZIP archive: unpack it and"
                    " take its files one by one"
                )
            return work(archive)
    except BadFile:
        raise
    except UNREADABLE as error:
        raise BadFile(f"this is no XLSX workbook that can be read: {error}") from error


def _read(data, sheet):
    try:
        return CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_name(sheet)
    except UNREADABLE as error:
        raise BadFile(f"this is no XLSX workbook that can be read: {error}") from error
    except BaseException as error:
        # Its own kind of failure is no Exception.
        if type(error).__name__ != "PanicException":
            raise
        raise BadFile("this is no XLSX workbook that can be read") from error


def _rows(sheet):
    # Rows are told from the first one on, columns from the first with a cell.
    before = [""] * (sheet.start[1] if sheet.start else 0)
    for number, row in enumerate(sheet.iter_rows(), 1):
        yield before + [
            value if type(value) is str else _cell(value, number, place)
            for place, value in enumerate(row)
        ]


# === What is in the file === #


def _check_sizes(archive):
    """Unpack all once, to know how large it really is."""
    parts, total = archive.infolist(), 0
    if len(parts) > MAX_PARTS:
        raise BadFile(f"the workbook has {len(parts):,} parts, at most {MAX_PARTS:,}")
    for part in parts:
        size = 0
        with archive.open(part) as stream:
            while block := stream.read(1 << 20):
                size, total = size + len(block), total + len(block)
                if size > MAX_PART or total > MAX_ALL:
                    raise BadFile(
                        f"unpacked the workbook has more than {MAX_ALL >> 20} MB, or a"
                        f" sheet of more than {MAX_PART >> 20} MB: save it as CSV"
                    )


def _sheets(archive):
    """{name: (part of the archive, is shown)} in the workbook's order, shown first."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    book = etree.fromstring(archive.read(_BOOK), parser)
    links = etree.fromstring(archive.read("xl/_rels/workbook.xml.rels"), parser)
    targets = {
        link.get("Id"): posixpath.normpath(
            posixpath.join("/xl", link.get("Target", ""))
        ).lstrip("/")
        for link in links
        if link.get("Type", "").endswith("/worksheet")
    }
    found = {}
    for sheet in book.iter("{*}sheet"):
        ids = [value for key, value in sheet.attrib.items() if key.endswith("}id")]
        if ids and ids[0] in targets:
            is_shown = sheet.get("state", "visible") == "visible"
            found[sheet.get("name")] = targets[ids[0]], is_shown
    if not found:
        raise BadFile("the workbook has no sheet")
    return dict(sorted(found.items(), key=lambda sheet: not sheet[1][1]))


def _counts_from_1904(archive):
    book = archive.read(_BOOK)
    return re.search(rb'\bdate1904="(1|true)"', book) is not None


def _check_cells(text):
    """Refuse a sheet that claims to be huge, and cells without a certain value."""
    # Each of these looks costs more than the next: most sheets need the first alone.
    has_formula = b"<f" in text or b":f" in text
    if b't="e"' in text or (has_formula and _FORMULA.search(text)):
        _check_values(text)
    rows, columns = _bounds(text)
    if columns > MAX_COLUMNS or rows * columns > MAX_CELLS:
        rows, columns = _extent(text)
    if columns > MAX_COLUMNS:
        raise BadFile(f"the sheet has {columns:,} columns, at most {MAX_COLUMNS}")
    if rows * columns > MAX_CELLS:
        raise BadFile(
            f"the sheet reaches to row {rows:,}, column {columns:,}: more than"
            f" {MAX_CELLS:,} cells. Delete what is empty, or save it as CSV"
        )


def _check_values(text):
    for cell in _CELL.finditer(text):
        head, inner = cell[1] or b"", cell[2] or b""
        name = _NAME.search(head)
        where = (name[1] + name[2]).decode() if name else "?"
        if b't="e"' in head:
            raise BadFile(f"cell {where} has an error instead of a value")
        if b"<f" in inner and _FORMULA.search(inner) and not _VALUE.search(inner):
            raise BadFile(
                f"cell {where} has a formula without its value: open the file in a"
                " spreadsheet program and save it"
            )


def _bounds(text):
    """(row, column) that no cell lies beyond, whatever texts look like names of cells.

    Many times as fast as :func:`_extent`.
    """
    rows = columns = 0
    for start in range(0, len(text), _PIECE):
        # A name that is cut in two is whole in the piece before.
        piece = np.frombuffer(text[start : start + _PIECE + _NAME_LIMIT + 2], np.uint8)
        quotes = np.flatnonzero(piece == ord('"'))
        quotes = quotes[(quotes >= 2) & (quotes < len(piece) - 1)]
        named = (piece[quotes - 1] == ord("=")) & (piece[quotes - 2] == ord("r"))
        found = _named_extent(piece, quotes[named] + 1)
        rows, columns = max(rows, found[0]), max(columns, found[1])
    return rows, columns


def _named_extent(piece, places):
    """(last row, last column) of what stands at places as names such as ``AB12``.

    A name without an end lies beyond all limits.
    """
    rows, columns = np.zeros(len(places), np.int64), np.zeros(len(places), np.int64)
    inside = np.ones(len(places), bool)
    letters = inside.copy()
    for step in range(_NAME_LIMIT):
        at = places + step
        inside &= at < len(piece)
        signs = piece[np.minimum(at, len(piece) - 1)].astype(np.int64)
        letter, figure = signs - ord("A") + 1, signs - ord("0")
        letters &= inside & (letter >= 1) & (letter <= 26)
        figures = inside & ~letters & (figure >= 0) & (figure <= 9)
        inside = letters | figures
        # No further than a limit: the numbers stay small.
        columns[letters] = np.minimum(columns * 26 + letter, MAX_CELLS)[letters]
        rows[figures] = np.minimum(rows * 10 + figure, MAX_CELLS)[figures]
    if inside.any():
        return MAX_CELLS, MAX_CELLS
    return int(rows.max(initial=0)), int(columns.max(initial=0))


def _extent(text):
    """(last row, last column) that cells name."""
    rows, columns = 0, set()
    for start in range(0, len(text), _PIECE):
        found = _PLACE.findall(text, start, start + _PIECE + _OVERLAP)
        columns.update({letters for letters, _row in found})
        rows = max(rows, max((int(row) for _letters, row in found), default=0))
    return rows, max(map(_number, columns), default=0)


def _number(letters):
    value = 0
    for letter in letters[:4]:
        value = value * 26 + letter - 64
    return value


# === Cells === #


def _cell(value, row, column):
    if isinstance(value, str | bool):
        return value
    if isinstance(value, int | float):
        return _decimal(value, row, column)
    if isinstance(value, datetime):
        return rounded(value)
    if isinstance(value, date):
        # Midnight comes as a date.
        return datetime(value.year, value.month, value.day)
    if isinstance(value, timedelta):
        return Decimal(round(value / timedelta(milliseconds=1))) / 1000
    if isinstance(value, time):
        return rounded(datetime.combine(date.min, value)).time().isoformat()
    return "" if value is None else str(value)


def _decimal(value, row, column):
    text = format(value, f".{DIGITS}g")
    # Most are plain figures already, which need no second look.
    if "e" not in text:
        return Decimal(text)
    number = Decimal(text)
    if number and number.adjusted() >= DIGITS:
        raise BadFile(
            f"row {row:,}, column {column + 1} has a number of more than {DIGITS}"
            " digits, of which spreadsheets lose the last ones: format the column as"
            " text before the numbers are put in"
        )
    text = f"{number:f}"
    return Decimal(text.rstrip("0").rstrip(".") if "." in text else text)


def rounded(moment):
    """To the millisecond, beyond which days with decimals are not exact."""
    micros = round(moment.microsecond / 1000) * 1000
    return moment.replace(microsecond=0) + timedelta(microseconds=micros)
