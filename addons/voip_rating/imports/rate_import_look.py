"""Looking at a file: its sheet and columns, how numbers and dates are written."""

import base64
from hashlib import sha256

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Command

from odoo.addons.voip_billing_base.reader.workbook import BadFile

from . import look as looking
from .look import NAME_LIMIT


class VoipRateImport(models.Model):
    _inherit = "voip.rate.import"

    def _data(self):
        """Bytes of the file."""
        return base64.b64decode(self.with_context(bin_size=False).file or b"")

    def _look(self, fresh=True):
        """Find out what the file is, map its columns, guess how it is written.

        :param fresh: the file is another one: nothing of what was chosen holds
        :raises UserError: the file cannot be read
        """
        self.ensure_one()
        if not self.file:
            self._keep(
                {"sha256": False, "sheet_names": False, "column_ids": [Command.clear()]}
            )
            return
        data = self._data()
        found = self._looked(data, fresh)
        header = found.header
        self._keep(
            {
                "sha256": sha256(data).hexdigest(),
                "sheet_names": ", ".join(found.sheets)[:NAME_LIMIT],
                "sheet": found.sheet or False,
                "header_row": header.row + 1 if header else 0,
                "header_mark": header.mark if header else False,
            }
            | ({"mark": False, "shape": False} if fresh else {})
        )
        known = header and self._map(header)
        self._make_columns(found, known)
        if header:
            self._guess(found, known)

    def _looked(self, data, fresh=False):
        try:
            return looking.look(
                data,
                None if fresh else self.sheet or None,
                None if fresh else self.header_row or None,
            )
        except BadFile as error:
            raise UserError(
                self.env._(
                    "%(file)s cannot be read: %(reason)s.",
                    file=self.display_name,
                    reason=str(error),
                )
            ) from error

    def _map(self, header):
        """How this header was mapped the last time."""
        return self.env["voip.rate.import.map"].sudo()._find(self.deck_id, header.mark)

    def _make_columns(self, found, known):
        commands = [Command.clear()]
        if found.header:
            kept = known.columns if known else None
            commands += map(Command.create, looking.columns(found, kept))
        self._keep({"column_ids": commands})

    def _guess(self, found=None, known=None):
        """Decimal mark and shape of dates: what is certain, else as the last time."""
        if not self.file or not self.header_row:
            return
        found = found or self._looked(self._data())
        columns = {c.target: c.place for c in self.column_ids if c.target}
        mark = looking.mark(found, columns)
        shape = looking.shape(found, columns)
        known = known or self.env["voip.rate.import.map"]
        self._keep(
            {
                "mark": mark.chosen(self.mark, known.mark),
                "mark_example": mark.example,
                "shape": shape.chosen(self.shape, known.shape),
                "shape_example": shape.example,
            }
        )

    def _remember_map(self):
        """The next file of this header maps itself."""
        self.env["voip.rate.import.map"]._remember(
            self.deck_id,
            {
                "header_mark": self.header_mark,
                "header": ", ".join(c.header or "" for c in self.column_ids)[
                    :NAME_LIMIT
                ],
                "columns": {c.place: c.target for c in self.column_ids if c.target},
                "mark": self.mark,
                "shape": self.shape,
            },
        )
