"""Looking at a list: its sheet and columns, how its numbers are written."""

import base64
from hashlib import sha256
from itertools import islice

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Command

from odoo.addons.voip_billing_base.reader import grid, guess, header
from odoo.addons.voip_billing_base.reader.header import MOST_ROWS
from odoo.addons.voip_billing_base.reader.workbook import BadFile, is_workbook
from odoo.addons.voip_rating.imports.look import LOOKED_AT, NAME_LIMIT, Look, columns

from .columns import LABELS, NUMBERS, WORDS


class VoipDidImport(models.Model):
    _inherit = "voip.did.import"

    def _data(self):
        """Bytes of the file."""
        return base64.b64decode(self.with_context(bin_size=False).file or b"")

    def _kind(self):
        return "xlsx" if is_workbook(self._data()) else "csv"

    def _look(self, fresh=True):
        """Find out what the file is, map its columns, guess how it is written.

        :param fresh: the file is another one: nothing of what was chosen holds
        :raises UserError: the file cannot be read
        """
        self.ensure_one()
        data = self._data()
        found = self._looked(data, fresh)
        named = found.header
        self._keep(
            {
                "sha256": sha256(data).hexdigest(),
                "sheet_names": ", ".join(found.sheets)[:NAME_LIMIT],
                "sheet": found.sheet or False,
                "header_row": named.row + 1 if named else 0,
                "header_mark": named.mark if named else False,
                **({"mark": False} if fresh else {}),
            }
        )
        known = self.env["voip.did.import.map"].sudo()
        if named:
            known = known._find(self.company_id, self.supplier_id, named.mark)
        self._make_columns(found, known)
        self._guess(found, known)

    def _looked(self, data, fresh=False):
        row = None if fresh else self.header_row or None
        try:
            return _look_at(data, None if fresh else self.sheet or None, row)
        except BadFile as error:
            raise UserError(
                self.env._(
                    "%(file)s cannot be read: %(reason)s.",
                    file=self.display_name,
                    reason=str(error),
                )
            ) from error

    def _make_columns(self, found, known):
        commands = [Command.clear()]
        if found.header:
            kept = known.columns if known else None
            commands += map(Command.create, columns(found, kept))
        self._keep({"column_ids": commands})

    def _guess(self, found=None, known=None):
        """The decimal mark: what is certain, else as the last time."""
        if not self.header_row:
            return
        found = found or self._looked(self._data())
        places = {c.target: c.place for c in self.column_ids if c.target}
        costs = {places[name] for name in NUMBERS if name in places}
        cells = [
            cell
            for row in found.rows[found.header.row + 1 :]
            for place, cell in enumerate(row)
            if place in costs
        ]
        mark = guess.mark(cells)
        known = known or self.env["voip.did.import.map"]
        self._keep(
            {
                "mark": mark.chosen(self.mark, known.mark),
                "mark_example": mark.example,
            }
        )

    def _by_target(self):
        """{field: column number from 0}.

        :raises UserError: two columns are the same, or the number is missing
        """
        found = {}
        for column in self.column_ids.filtered("target"):
            if column.target in found:
                raise UserError(
                    self.env._(
                        "Two columns are mapped to %(field)s: leave one of them empty.",
                        field=LABELS[column.target],
                    )
                )
            found[column.target] = column.place
        if "number" not in found:
            raise UserError(self.env._("Say which column is the Number."))
        return found

    def _remember_map(self):
        """The next list of this supplier with this header maps itself."""
        names = ", ".join(column.header or "" for column in self.column_ids)
        self.env["voip.did.import.map"]._remember(
            self.company_id,
            self.supplier_id,
            {
                "header_mark": self.header_mark,
                "header": names[:NAME_LIMIT],
                "columns": {c.place: c.target for c in self.column_ids if c.target},
                "mark": self.mark,
            },
        )


def _look_at(data, sheet, row):
    """:class:`Look` at a file: the sheet whose header names most."""
    names = grid.sheets(data)
    best = None
    for name in [sheet] if sheet else names:
        rows = list(islice(grid.rows(data, name), LOOKED_AT))
        if row:
            known = 1 <= row <= len(rows)
            found = header.read(row - 1, rows[row - 1], WORDS) if known else None
        else:
            found = header.find(rows, WORDS, ("number",)) or _lone(rows)
        if best is None or _weight(found) > _weight(best.header):
            best = Look(names, name, found, rows)
    return best


def _lone(rows):
    """The header of a list that names its numbers and nothing else that is known."""
    named = (header.read(n, row, WORDS) for n, row in enumerate(rows[:MOST_ROWS]))
    return next((one for one in named if "number" in one.columns), None)


def _weight(found):
    return len(found.columns) if found else -1
