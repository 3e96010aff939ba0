"""Which sheet and row of a file of rates name its columns. No Odoo here."""

from dataclasses import replace

from odoo.addons.voip_billing_base.imports import look as looking
from odoo.addons.voip_billing_base.reader import header

from ..sheets.row import PRICES
from .columns import ONCE, OTHER_UNITS, WORDS


def look(data, sheet=None, row=None):
    """Find the sheet and the row that names the columns.

    :param data: bytes of the file
    :param sheet: name of the sheet that somebody chose
    :param row: number from 1 of the header that somebody chose
    :rtype: looking.Look
    :raises BadFile: the file cannot be read, or it has no such sheet
    """

    def find(rows):
        chosen = looking.chosen(rows, row, WORDS) if row else header.find(rows, WORDS)
        return _certain(chosen)

    return looking.look(data, find, _weight, sheet)


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


def _weight(found):
    return len(found.columns) + 10 * ("price_per_minute" in found.columns)
