"""How the cells of a column are written, as far as they tell."""

from dataclasses import dataclass

from . import values

EXAMPLE_LIMIT = 40


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


def mark(cells):
    """The decimal mark of cells with numbers.

    :param cells: what a spreadsheet knows says nothing
    :rtype: Guess
    """
    return _guess(cells, values.MARKS, values.number, _has_mark)


def shape(cells):
    """The order of day, month and year of cells with dates.

    :rtype: Guess
    """
    return _guess(cells, values.SHAPES, values.moment, _is_open)


def _has_mark(text):
    return "." in text or "," in text


def _is_open(text):
    """Whether a date neither begins with four figures nor names its month."""
    return not text[:4].isdigit() and not any(char.isalpha() for char in text[:6])


def _guess(cells, ways, reader, telling):
    """What can be read in no way at all is a fault of its row, and tells nothing."""
    texts = dict.fromkeys(
        values.clean(cell) for cell in cells if isinstance(cell, str)
    )
    able, example = set(ways), ""
    for text in filter(telling, texts):
        reads = {way for way in ways if _reads(reader, text, way)}
        if reads:
            able &= reads
            if not example or len(reads) > 1:
                example = text[:EXAMPLE_LIMIT]
    return Guess(tuple(way for way in ways if way in able), example)


def _reads(reader, text, way):
    try:
        reader(text, way)
    except values.BadCell:
        return False
    return True
