"""What a file of rows looks like before anybody says what it is. No Odoo here."""

from dataclasses import dataclass, replace
from itertools import islice

from ..reader import grid, guess, header, values
from ..reader.workbook import BadFile

# Rows whose cells tell decimal mark and shape of dates.
LOOKED_AT = 5_000
SAMPLES = 3
SAMPLE_LIMIT = 40
NAME_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Look:
    """What was found.

    ``header`` is None where no row names columns, ``rows`` are the first ones.
    ``hidden`` are numbers of rows from 1 and places of columns from 0.
    """

    sheets: list
    sheet: str
    header: header.Header | None
    rows: list
    hidden: tuple = ((), ())


def look(data, find, weigh, sheet=None):
    """Find the sheet and the row that names the columns.

    :param data: bytes of the file
    :param find: gives the Header of rows, or None
    :param weigh: gives how much a Header says; of several sheets the most is taken,
        a hidden one where no other has a header
    :param sheet: name of the sheet that somebody chose
    :rtype: Look
    :raises BadFile: the file cannot be read, or it has no such sheet
    """
    names = grid.sheets(data)
    best, most, broken = None, None, None
    for name in [sheet] if sheet else names:
        try:
            rows = list(islice(grid.rows(data, name), LOOKED_AT))
        except BadFile as error:
            broken = broken or error
            continue
        found = find(rows)
        weight = (names.get(name, True), weigh(found)) if found else (-1, -1)
        if best is None or weight > most:
            best, most = Look(list(names), name, found, rows), weight
    if broken and not (best and best.header):
        raise broken
    return replace(best, hidden=grid.hidden(data, best.sheet))


def chosen(rows, number, words):
    """The Header in a row that somebody chose, None where there is no such row.

    :param number: from 1
    :param words: {field: names of its column}
    """
    if not 1 <= number <= len(rows):
        return None
    return header.read(number - 1, rows[number - 1], words)


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


def mark(found, places, names):
    """The decimal mark of the columns with numbers.

    :param places: {field: column}
    :param names: the fields that are numbers
    :rtype: guess.Guess
    """
    return guess.mark(_mapped(found, places, names))


def shape(found, places, names):
    """The order of day, month and year in the fields of ``names``; see :func:`mark`."""
    return guess.shape(_mapped(found, places, names))


def _mapped(found, places, names):
    for name in names:
        if name in places:
            yield from _cells(found, places[name])


def columns(found, kept=None):
    """What is known of each column that has a name or a sample.

    :param Look found: a look that found a header
    :param dict kept: ``{column number from 0 as text: field}``, how this header was
        mapped the last time; without one the names of the columns tell
    :return: ``[{place, letter, header, sample, target}]``, ``place`` from 0
    """
    targets = {place: name for name, place in found.header.columns.items()}
    if kept is not None:
        targets = {int(place): name for place, name in kept.items()}
    return [
        {
            "place": place,
            "letter": letters(place),
            "header": name[:NAME_LIMIT],
            "sample": sample,
            "target": targets.get(place),
        }
        for place, (name, sample) in enumerate(
            zip(found.header.names, samples(found), strict=True)
        )
        if name or sample
    ]


def letters(place):
    """The name of a column as spreadsheets show it.

    :param place: from 0
    """
    name = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(65 + rest) + name
    return name
