"""What a file of rates looks like before anybody says what it is. No Odoo here."""

from dataclasses import dataclass
from itertools import islice

from odoo.addons.voip_billing_base.reader import grid, header, values

from .columns import DATES, NUMBERS, WORDS

# Rows whose cells tell decimal mark and shape of dates.
LOOKED_AT = 5_000
SAMPLES = 3
SAMPLE_LIMIT = 40


@dataclass(frozen=True, slots=True)
class Look:
    """What was found.

    ``header`` is None where no row names columns. ``samples`` are texts by column.
    """

    sheets: list
    sheet: str
    header: header.Header | None
    rows: list


def look(data, sheet=None, row=None):
    """Find the sheet and the row that names the columns.

    :param data: bytes of the file
    :param sheet: name of the sheet that somebody chose
    :param row: number from 1 of the header that somebody chose
    :rtype: Look
    :raises BadFile: the file cannot be read, or it has no such sheet
    """
    names = grid.sheets(data)
    looked = [sheet] if sheet else names
    best = None
    for name in looked:
        rows = list(islice(grid.rows(data, name), LOOKED_AT))
        found = _chosen(rows, row) if row else header.find(rows, WORDS)
        if best is None or _weight(found) > _weight(best.header):
            best = Look(names, name, found, rows)
    return best


def _chosen(rows, number):
    if not 1 <= number <= len(rows):
        return None
    return header.read(number - 1, rows[number - 1], WORDS)


def _weight(found):
    if found is None:
        return -1
    return len(found.columns) + 10 * ("price_per_minute" in found.columns)


def samples(found):
    """The first different values of each column, as one text each."""
    texts = []
    for column in range(len(found.header.names)):
        seen = {}
        for cell in _cells(found, column):
            text = values.clean(cell)
            if text:
                seen.setdefault(text[:SAMPLE_LIMIT])
            if len(seen) == SAMPLES:
                break
        texts.append(" | ".join(seen))
    return texts


def _cells(found, column):
    for row in found.rows[found.header.row + 1 :]:
        if column < len(row):
            yield row[column]


@dataclass(frozen=True, slots=True)
class Guess:
    """Ways in which all cells can be read, and one of them as an example.

    No cell tells where there is no example.
    """

    able: tuple
    example: str = ""

    def chosen(self, *remembered):
        """The only way, else the first of those remembered that reads all, or None."""
        if self.example and len(self.able) == 1:
            return self.able[0]
        return next((way for way in remembered if way in self.able), None)


def mark(found, columns):
    """The decimal mark of the columns with numbers.

    :param columns: {field: column}
    :rtype: Guess
    """
    return _guess(found, columns, NUMBERS, values.MARKS, values.number, _has_mark)


def shape(found, columns):
    """The order of day, month and year.

    :rtype: Guess
    """
    return _guess(found, columns, DATES, values.SHAPES, values.moment, _is_open)


def _has_mark(text):
    return "." in text or "," in text


def _is_open(text):
    """Whether a date does not begin with four figures."""
    return not text[:4].isdigit()


def _guess(found, columns, names, ways, reader, telling):
    """What can be read in no way at all is a fault of its row, and tells nothing."""
    texts = dict.fromkeys(
        values.clean(cell)
        for name in names
        for cell in _mapped(found, columns, name)
        if isinstance(cell, str)
    )
    able, example = set(ways), ""
    for text in texts:
        if not telling(text):
            continue
        reads = {way for way in ways if _reads(reader, text, way)}
        if reads:
            able &= reads
            if not example or len(reads) > 1:
                example = text[:SAMPLE_LIMIT]
    return Guess(tuple(way for way in ways if way in able), example)


def _reads(reader, text, way):
    try:
        reader(text, way)
    except values.BadCell:
        return False
    return True


def _mapped(found, columns, name):
    return _cells(found, columns[name]) if name in columns else ()
