"""The file of a workbook: what it may hold, and the same bytes for the same content."""

import re
from io import BytesIO
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

from openpyxl.drawing.spreadsheet_drawing import SpreadsheetDrawing
from openpyxl.utils import column_index_from_string
from openpyxl.worksheet._writer import WorksheetWriter
from openpyxl.writer.excel import ExcelWriter

from .faults import Fault

MAX_FILE, MAX_INSIDE, MAX_PARTS = 3_000_000, 30_000_000, 300
REFUSED = re.compile(
    r"(vbaProject|externalLinks?/|embeddings/|activeX|ctrlProps|connections\.xml|"
    r"queryTables?/|macrosheets/|customUI|webExtensions|\.bin$)",
    re.IGNORECASE,
)
# Another encoding could hide what is looked for; links other than within the file.
ENCODING = re.compile(
    rb"<\?xml[^>]*\bencoding\s*=\s*[\"'](?!(?:utf-8|us-ascii)[\"'])", re.IGNORECASE
)
LINK = re.compile(rb"\bTargetMode\s*=\s*(?![\"']Internal[\"'])")
# What takes openpyxl minutes is refused by its measure: each area of merged cells is
# made of cells, each row and name is an object.
MAX_TAGS, MAX_AREA, MAX_LIST = 200_000, 200_000, 4_000
# Characters of a formula, as in spreadsheet programs, and of those that are moved.
MAX_FORMULA, MAX_MOVED = 8_192, 2_000_000
FORMULA = re.compile(rb"<(?:[\w.-]+:)?f\b[^>]*>([^<]*)")
SHARED = re.compile(rb"[\"']shared[\"']")
MERGED = re.compile(rb"<(?:[\w.-]+:)?mergeCell\b([^>]*)")
AREA = re.compile(
    rb"\bref\s*=\s*[\"']([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})[\"']"
)
LISTED = re.compile(
    rb"\bsqref\s*=\s*[\"'][^\"']{%d}|<(?:[\w.-]+:)?definedName\b[^<]{%d}"
    % (MAX_LIST, MAX_LIST)
)
PICTURE = re.compile(r"\.(?:png|jpe?g|gif|bmp|tiff?|emf|wmf)$", re.IGNORECASE)
EARLY = (1980, 1, 1, 0, 0, 0)
MODIFIED = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(<)")


def checked_file(content):
    """:raises Fault: not a plain XLSX workbook, too large, or with active content"""
    if len(content) > MAX_FILE:
        raise Fault(f"a workbook has at most {MAX_FILE} bytes")
    try:
        with ZipFile(BytesIO(content)) as archive:
            _check_parts(archive)
    except (BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError):
        raise Fault("the file is no XLSX workbook") from None


def _check_parts(archive):
    parts = archive.infolist()
    if "[Content_Types].xml" not in archive.namelist():
        raise Fault("the file is no XLSX workbook")
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_INSIDE:
        raise Fault("the workbook is too large for a template")
    for part in parts:
        if REFUSED.search(part.filename):
            raise Fault(
                f"the workbook holds {part.filename[:60]!r}: save it without macros, "
                "links to other files and embedded objects"
            )
        # Whatever its name: what is XML is told by another part.
        if not PICTURE.search(part.filename):
            _check_part(part.filename, archive.read(part))


def _check_part(name, body):
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body or b"\x00" in body:
        raise Fault("the workbook has XML that is not allowed")
    if ENCODING.search(body):
        raise Fault("the workbook has XML that is not UTF-8")
    if name.lower().endswith(".rels") and LINK.search(body):
        raise Fault("the workbook links to other files or pages: take the links out")
    longest = max((len(found[1]) for found in FORMULA.finditer(body)), default=0)
    if (
        body.count(b"<") > MAX_TAGS
        or LISTED.search(body)
        or _merged(body) > MAX_AREA
        or longest > MAX_FORMULA
        or longest * len(SHARED.findall(body)) > MAX_MOVED
    ):
        raise Fault("the workbook is too large for a template")


def _merged(body):
    """Cells in merged areas.

    :raises Fault: an area cannot be read
    """
    count = 0
    for found in MERGED.finditer(body):
        area = AREA.search(found[1])
        if not area:
            raise Fault("the workbook has merged cells that cannot be read")
        left, top, right, bottom = area.groups()
        width = column_index_from_string(right.decode()) - column_index_from_string(
            left.decode()
        )
        count += (abs(width) + 1) * (abs(int(bottom) - int(top)) + 1)
    return count


class _MemoryWriter(ExcelWriter):
    """Writes sheets in memory: a worker has no folder for temporary files."""

    def write_worksheet(self, ws):
        ws._drawing = SpreadsheetDrawing()
        ws._drawing.charts, ws._drawing.images = ws._charts, ws._images
        stream = BytesIO()
        writer = WorksheetWriter(ws, stream)
        writer.write()
        ws._rels = writer._rels
        self._archive.writestr(ws.path[1:], stream.getvalue())
        self.manifest.append(ws)


def saved(book):
    """The bytes of a workbook of openpyxl."""
    stream = BytesIO()
    with ZipFile(stream, "w", ZIP_DEFLATED, allowZip64=True) as archive:
        _MemoryWriter(book, archive).save()
    return stream.getvalue()


def same_bytes(content, made_at):
    """``content`` with the times of ``made_at``: nothing depends on the clock."""
    stream = BytesIO()
    stamp = made_at[:19].encode() + b"Z"
    with ZipFile(BytesIO(content)) as old, ZipFile(stream, "w", ZIP_DEFLATED) as new:
        for part in old.infolist():
            body = old.read(part)
            if part.filename == "docProps/core.xml":
                body = MODIFIED.sub(rb"\g<1>" + stamp + rb"\g<2>", body)
            entry = ZipInfo(part.filename, EARLY)
            entry.compress_type = ZIP_DEFLATED
            new.writestr(entry, body)
    return stream.getvalue()
