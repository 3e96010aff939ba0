"""Lines of a call record file one by one, where a block is not of the plain form.

No line takes another one with it: a quote that is not closed, a cell too many or bytes
that are no text refuse their own line, and the next line is read for itself. No Odoo
here.
"""

import csv
import io

from ..engine.parse import quote
from .limits import NOTE, SENT

FIELD_LIMIT = 131_072
LINE_LIMIT = 1 << 20
# A quoted cell may go over so many lines.
MOST_LINES = 50
SPACES = " \t\r\n\v\f"
NO_TEXT = "bad_metadata"
BROKEN = "missing_field"


def count_lines(block):
    """Lines of a block: what ends in LF, CR or both, and a last one without end."""
    ends = block.count(b"\n")
    if b"\r" in block:
        ends += block.count(b"\r") - block.count(b"\r\n")
    return ends + bool(block and not block.endswith((b"\n", b"\r")))


def next_line(file):
    """One line of a binary file; of a longer one than the limit its beginning.

    A line ends in LF; where there is none within the limit also in CR.
    """
    line = file.readline(LINE_LIMIT)
    if len(line) < LINE_LIMIT or line.endswith(b"\n"):
        return line
    if end := line.rfind(b"\r", 0, -1) + 1:
        file.seek(end - len(line), io.SEEK_CUR)
        return line[:end]
    while rest := file.readline(LINE_LIMIT):
        if rest.endswith(b"\n"):
            break
    return line.rstrip(b"\r") + b"\n"


class Rows:
    """The rows of one block.

    :param file: gives the further lines that a last row asks for
    :param width: cells of a row
    :param first: number of the block's first line in the file, from 1

    ``cells`` are rows of texts, ``numbers`` the line each begins in, ``errors`` are
    {row: (code, message)} and ``sent`` {row: the line} of those that are refused;
    ``lines`` counts the lines that were read, ``skipped`` those of
    them that are no row of their own.
    """

    def __init__(self, block, file, width, delimiter, first):
        self._lines = block.splitlines(keepends=True)
        self._file, self._further = file, []
        self._width, self._delimiter, self._first = width, delimiter, first
        self.cells, self.numbers, self.errors, self.sent = [], [], {}, {}
        self.skipped = self.lines = 0
        csv.field_size_limit(FIELD_LIMIT)
        own = len(self._lines)
        while self.lines < own:
            self.lines += self._read(self.lines)
        if unread := self._further[self.lines - own :]:
            file.seek(unread[0])

    def _read(self, place):
        """Read the row that begins in a line; how many lines it has."""
        line, number = self._lines[place], self._first + place
        try:
            text = line.decode().rstrip("\r\n")
        except UnicodeDecodeError as error:
            shown = quote(bytes(line[error.start : error.end]).decode("latin-1"))
            self._refuse(line, number, NO_TEXT, f"{shown} is no UTF-8 text")
            return 1
        cells, why = self._split(text)
        count = 1
        if why == OPEN and (whole := self._over_lines(place, text)):
            cells, count, own = whole
            if own:
                return self._refuse_span(place, count)
            why = ""
        if why:
            self._refuse(line, number, BROKEN, why)
        elif not _says(cells):
            self.skipped += 1
        elif len(cells) != self._width:
            why = f"the row has {len(cells)} columns, the header {self._width}"
            self._refuse(line, number, BROKEN, why)
        else:
            self._take(cells, number)
            self.skipped += count - 1
        return count

    def _split(self, text):
        """(cells, "") of one row, or ([], why it is none)."""
        if '"' not in text:
            return text.split(self._delimiter), ""
        try:
            reader = csv.reader([text], delimiter=self._delimiter, strict=True)
            return next(reader, []), ""
        except csv.Error as error:
            said = str(error)
        if "unexpected end" in said:
            return [], OPEN
        if "limit" in said:
            return [], f"a cell is longer than {FIELD_LIMIT:,} characters"
        return [], STRAY

    def _over_lines(self, place, text):
        """(cells, lines, own) of a row whose quoted cell has line ends, else None.

        ``own`` says that one of its lines could be a row of its own: a name with line
        ends can be made to look like a call.
        """
        own = False
        for count in range(2, MOST_LINES + 1):
            line = self._line(place + count - 1)
            if not line:
                return None
            try:
                further = line.decode()
            except UnicodeDecodeError:
                return None
            alone, why = self._split(further.rstrip("\r\n"))
            own |= not why and len(alone) == self._width and _says(alone)
            text += "\n" + further.rstrip("\r\n")
            if '"' not in further:
                continue
            cells, why = self._split(text)
            if not why:
                return (cells, count, own) if len(cells) == self._width else None
            if why != OPEN:
                return None
        return None

    def _refuse_span(self, place, count):
        """Refuse lines that are one row or several, which nobody can tell."""
        for line in self._lines[place : place + count]:
            self._refuse(line, self._first + place, BROKEN, EITHER)
            place += 1
        return count

    def _line(self, place):
        """A line of the block or, after its last one, of the file."""
        if place == len(self._lines):
            offset = self._file.tell()
            for line in next_line(self._file).splitlines(keepends=True):
                self._lines.append(line)
                self._further.append(offset)
                offset += len(line)
        return self._lines[place] if place < len(self._lines) else b""

    def _take(self, cells, number):
        self.cells.append(cells)
        self.numbers.append(number)

    def _refuse(self, line, number, code, why):
        """Keep a line that is no row, with what its cells seem to be."""
        text = line.decode("utf-8", "backslashreplace").rstrip("\r\n")
        try:
            cells = next(csv.reader([text], delimiter=self._delimiter), [])
        except csv.Error:
            cells = []
        row = len(self.cells)
        self.errors[row] = (code, f"line {number:,}: {why}")
        self.sent[row] = {NOTE: "the line as it came", SENT: text}
        self._take((cells + [""] * self._width)[: self._width], number)


def _says(cells):
    return any(cell.strip(SPACES) for cell in cells)


OPEN = "a quote is not closed"
EITHER = "the line is part of a quoted cell, or a row of its own"
STRAY = "a quote within a cell is not doubled"
