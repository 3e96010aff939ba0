"""What a file of rates looks like before anybody says what it is. No Odoo here."""

from dataclasses import dataclass, replace
from itertools import islice

from odoo.addons.voip_billing_base.reader import grid, guess, header, values

from ..sheets.row import DATES, PRICES
from .columns import NUMBERS, ONCE, OTHER_UNITS, WORDS, letters

# Rows whose cells tell decimal mark and shape of dates.
LOOKED_AT = 5_000
SAMPLES = 3
SAMPLE_LIMIT = 40
NAME_LIMIT = 200


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
        found = _certain(_chosen(rows, row) if row else header.find(rows, WORDS))
        if best is None or _weight(found) > _weight(best.header):
            best = Look(names, name, found, rows)
    return best


def _certain(found):
    """Without prices whose names say another unit: somebody has to look at them."""
    if found is None:
        return None
    kept = {
        name: place
        for name, place in found.columns.items()
        if not _other_units(name) & set(header.plain(found.names[place]).split())
    }
    return replace(found, columns=kept)


def _other_units(name):
    """Words in the name of a column that cannot be this price."""
    if name == "price_per_minute":
        return OTHER_UNITS | ONCE
    return OTHER_UNITS if name in PRICES else frozenset()


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


def mark(found, columns):
    """The decimal mark of the columns with numbers.

    :param columns: {field: column}
    :rtype: guess.Guess
    """
    return guess.mark(_mapped(found, columns, NUMBERS))


def shape(found, columns):
    """The order of day, month and year.

    :rtype: guess.Guess
    """
    return guess.shape(_mapped(found, columns, DATES))


def _mapped(found, columns, names):
    for name in names:
        if name in columns:
            yield from _cells(found, columns[name])


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
