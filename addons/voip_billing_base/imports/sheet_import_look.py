"""Looking at a file: its sheet and columns, how it is written, its faulty rows."""

import base64
from hashlib import sha256

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..reader import grid
from ..reader.workbook import BadFile, is_workbook
from .faulty import faulty_file
from .look import NAME_LIMIT, columns, letters

# Hidden rows or columns that are told by their names.
MOST_NAMED = 10


class VoipSheetImport(models.AbstractModel):
    _inherit = "voip.sheet.import"

    # === HOOKS === #

    def _look_at(self, data, sheet, row):
        """:class:`~.look.Look` at a file.

        :param sheet, row: what somebody chose, or None
        :raises BadFile: it cannot be read
        """
        raise NotImplementedError

    def _known_map(self, header_mark):
        """How a header was mapped the last time, or an empty recordset."""
        raise NotImplementedError

    def _guessed(self, found, places, known):
        """Values of ``_sheet_forms`` and their examples.

        :param places: {field: column}
        :param known: the map of the last time, or an empty recordset
        """
        raise NotImplementedError

    # === LOOKING === #

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
        if not self.file:
            nothing = dict.fromkeys(("sha256", "sheet_names", "hidden_text"), False)
            self._keep({**nothing, "column_ids": [Command.clear()]})
            return
        data = self._data()
        found = self._looked(data, fresh)
        named = found.header
        self._keep(
            {
                "sha256": sha256(data).hexdigest(),
                "sheet_names": ", ".join(found.sheets)[:NAME_LIMIT],
                "sheet": found.sheet or False,
                "hidden_text": self._hidden_text(found),
                "header_row": named.row + 1 if named else 0,
                "header_mark": named.mark if named else False,
                **(dict.fromkeys(self._sheet_forms, False) if fresh else {}),
            }
        )
        known = self.env[self._sheet_map].sudo()
        if named:
            known = self._known_map(named.mark)
        self._make_columns(found, known)
        self._guess(found, known)

    def _hidden_text(self, found):
        """What of the sheet nobody sees who opens it, or False: all of it is read."""
        told, names = [], found.header.names if found.header else ()
        rows, columns = found.hidden
        columns = [letters(at) for at in columns if at < len(names) and names[at]]
        if columns:
            told.append(self.env._("columns %s", ", ".join(columns[:MOST_NAMED])))
        if rows:
            first = ", ".join(map(str, rows[:MOST_NAMED]))
            told.append(
                self.env._("%(count)s rows (%(first)s)", count=len(rows), first=first)
            )
        if not told:
            return False
        return self.env._(
            "The workbook hides %(what)s, which are read like the others. Delete in the"
            " file what is not meant.",
            what=self.env._(" and ").join(told),
        )

    def _looked(self, data, fresh=False):
        row = None if fresh else self.header_row or None
        try:
            return self._look_at(data, None if fresh else self.sheet or None, row)
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
        """How texts are written: what is certain, else as the last time."""
        if not self.file or not self.header_row:
            return
        found = found or self._looked(self._data())
        places = {c.target: c.place for c in self.column_ids if c.target}
        known = known or self.env[self._sheet_map]
        self._keep(self._guessed(found, places, known))

    # === FAULTY ROWS === #

    def _faulty_rows(self, kind="csv"):
        """Bytes of a file of that kind, csv or xlsx."""
        return faulty_file(self._faulty_cells(), kind)

    def _faulty_cells(self):
        """(cells, reason) of the header and of each faulty row."""
        number, reasons = self._sheet_row_number, {}
        for row in self.env[self._sheet_rows[0]].search_read(
            [("import_id", "=", self.id), ("status", "=", "faulty")],
            [number, "reason"],
        ):
            reasons.setdefault(row[number], row["reason"])
        wanted = {self.header_row: self.env._("Reason"), **reasons}
        for place, cells in enumerate(grid.rows(self._data(), self.sheet or None), 1):
            if place in wanted:
                yield cells, wanted[place]
