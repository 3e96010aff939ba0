"""A list whose rows are compared with what is there: counted, then applied."""

import re

from psycopg2.extras import execute_values

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..reader import grid, typed
from ..reader.workbook import BadFile
from . import look as looking
from .voip_sheet_import import COUNT, VoipSheetImport

STATES = [("draft", "Draft"), ("previewed", "Previewed"), ("applied", "Applied")]
STATUSES = [
    ("new", "New"),
    ("changed", "Changed"),
    ("unchanged", "Unchanged"),
    ("faulty", "Faulty"),
]
COUNTS = tuple(f"{status}_count" for status, _label in STATUSES)
REASON_LIMIT = 300
ROWS_AT_ONCE = 1_000


class VoipListImport(models.AbstractModel):
    """Each row is new, changed, unchanged or faulty. A preview counts them; applying
    compares again and refuses where the counts are others by now."""

    _name = "voip.list.import"
    _inherit = ["voip.sheet.import"]
    _description = "Import of a List"
    _order = "id desc"
    _check_company_auto = True

    _sheet_settings = VoipSheetImport._sheet_settings | {"currency_id", "company_id"}
    _sheet_counts = (*COUNTS, "row_count")
    _sheet_row_number = "row"
    # The model of what rows are, whose maker may apply; the event of the audit trail.
    _list_model = None
    _list_event = None
    # {field of a row: kind for the reader}, and those of them that are numbers.
    _list_kinds = {}
    _list_numbers = ()
    # What of a found row is kept beside row, status and reason.
    _list_columns = ()

    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
        help="Of rows that name none.",
    )
    state = fields.Selection(
        STATES, required=True, readonly=True, default="draft", copy=False
    )
    file = fields.Binary(required=True)
    new_count = fields.Integer(string="New", **COUNT)
    changed_count = fields.Integer(string="Changed", **COUNT)
    unchanged_count = fields.Integer(string="Unchanged", **COUNT)

    # === COMPUTE METHODS === #

    @api.depends("file_name")
    def _compute_display_name(self):
        for one in self:
            one.display_name = one.file_name or one._new_name()

    # === HOOKS === #

    def _new_name(self):
        """What an import without a file is called."""
        raise NotImplementedError

    def _changed_text(self):
        """What is said where the rows would do something else than the preview said."""
        raise NotImplementedError

    def _compared(self):
        """Rows as they were found: with ``row``, ``status``, ``reason`` and
        ``_list_columns``.

        :raises UserError: the file cannot be read, or it is too long
        """
        raise NotImplementedError

    def _take(self, found):
        """Do what the rows that are not faulty say."""
        raise NotImplementedError

    # === ACTION METHODS === #

    def action_preview(self):
        """Find out what the list would change, and change nothing."""
        self.check_access("write")
        self.ensure_one()
        self._check_open()
        self._preview()

    def action_apply(self):
        """Change what is there as the preview says, all or nothing."""
        self.check_access("write")
        self.ensure_one()
        self._check_open()
        self.env[self._list_model].check_access("create")
        self._apply()

    # === LOOKING === #

    def _known_map(self, header_mark):
        known = self.env[self._sheet_map].sudo()
        return known._of(self._map_owner(), header_mark)

    def _guessed(self, found, places, known):
        mark = looking.mark(found, places, self._list_numbers)
        chosen = mark.chosen(self.mark, known.mark)
        return {"mark": chosen, "mark_example": mark.example}

    # === BUSINESS METHODS === #

    def _preview(self):
        found = self._compared()
        self._clear_rows()
        self._store_rows(found)
        self._keep(
            {
                **self._counted(found),
                "state": "previewed",
                "previewed_at": fields.Datetime.now(),
            }
        )
        self._remember_map()

    def _apply(self):
        """:raises UserError: there is no preview, rows are faulty, or they would do
        something else by now"""
        if self.state != "previewed":
            raise UserError(self.env._("Preview the list first."))
        if self.is_stopped:
            raise UserError(
                self.env._(
                    "%s rows are faulty. Mend them and send the file again, or tick"
                    " Leave Faulty Rows Out.",
                    self.faulty_count,
                )
            )
        found = self._compared()
        counts = self._counted(found)
        if any(self[name] != value for name, value in counts.items()):
            raise UserError(self._changed_text())
        self._take(found)
        self._keep(
            {
                "state": "applied",
                "applied_at": fields.Datetime.now(),
                "applied_by": self.env.uid,
            }
        )
        said = {"sha256": self.sha256, **counts}
        self.env["voip.audit"]._log(self._list_event, self, said)

    def _typed(self, read):
        """[``read(row)``] of the typed rows of the file.

        :raises UserError: something has to be chosen first, or it cannot be read
        """
        if self.question:
            raise UserError(self.question)
        columns = self.column_ids._by_target()
        kinds = {name: self._list_kinds[name] for name in columns}
        form = typed.Form(self.mark or ".")
        try:
            rows = grid.rows(self._data(), self.sheet or None)
            for _place in range(self.header_row):
                next(rows, None)
            rows = typed.read(rows, columns, kinds, form, self.header_row + 1)
            return [read(row) for row in rows]
        except BadFile as error:
            raise UserError(
                self.env._("The file cannot be read: %s.", str(error))
            ) from error

    def _worded(self, error):
        """The reason of a row: its field is called as the page calls its column."""
        target = self.column_ids._fields["target"]
        names = dict(target._description_selection(self.env))
        name, rest = re.fullmatch("([a-z0-9_]*)(.*)", str(error), re.DOTALL).groups()
        return (names.get(name, name) + rest)[:REASON_LIMIT]

    def _counted(self, found):
        """Values of the fields that count."""
        states = [one.status for one in found]
        counts = {f"{s}_count": states.count(s) for s, _label in STATUSES}
        return {**counts, "row_count": len(found)}

    def _store_rows(self, found):
        rows = self.env[self._sheet_rows[0]]
        names = ("row", *self._list_columns, "status", "reason")
        own = {"import_id": self.id, "company_id": self.company_id.id}
        columns = ", ".join(f'"{name}"' for name in (*own, *names))
        values = [
            (*own.values(), *(getattr(one, n) or None for n in names)) for one in found
        ]
        execute_values(
            self.env.cr._obj,
            f'INSERT INTO "{rows._table}" ({columns}) VALUES %s',
            values,
            page_size=ROWS_AT_ONCE,
        )
        rows.invalidate_model()


class VoipListImportRow(models.AbstractModel):
    """What one row of a list does; written in SQL. The model has ``import_id``."""

    _name = "voip.list.import.row"
    _inherit = ["voip.guard"]
    _description = "Row of a List"
    _log_access = False
    _order = "row, id"

    row = fields.Integer(required=True, readonly=True, default=0, aggregator=None)
    status = fields.Selection(STATUSES, required=True, readonly=True, default="new")
    reason = fields.Char(readonly=True, help="Why it is faulty.")
