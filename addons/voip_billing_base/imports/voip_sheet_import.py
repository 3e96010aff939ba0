"""A file of rows on its way into records: state, choices, counts."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from .look import NAME_LIMIT
from .rows import rows_action

# How fields are that count rows.
COUNT = {"readonly": True, "copy": False, "aggregator": None}


class VoipSheetImport(models.AbstractModel):
    """A file whose columns are mapped, which is previewed, then applied all or nothing.

    It is kept with its original file, as the history of what it changed. The model has
    a ``state`` (draft, previewed, applied and whatever else), ``company_id``,
    ``faulty_count``, ``column_ids`` (``voip.sheet.import.column``) and rows with
    ``import_id``, ``status`` and ``reason``, which are written in SQL.
    """

    _name = "voip.sheet.import"
    _inherit = ["mail.thread", "voip.guard"]
    _description = "Import of a Sheet"

    # What is read again when it changes, and what makes a preview old.
    _sheet_source = frozenset(("file", "sheet", "header_row"))
    _sheet_settings = _sheet_source | {"mark", "leave_faulty"}
    # How its texts are written: guessed, kept with the map, asked for.
    _sheet_forms = ("mark",)
    # States in which nothing is chosen any more.
    _sheet_done = ("applied",)
    # What a preview counts, and the models of its rows, those of the file first.
    _sheet_counts = ("row_count", "faulty_count")
    _sheet_rows = ()
    # The field of a row that has its number in the file.
    _sheet_row_number = "number"
    _sheet_map = None
    # XML id of the action that shows rows; address of the file of the faulty ones.
    _sheet_rows_action = None
    _sheet_path = None

    file = fields.Binary(copy=False, help="CSV, text or XLSX.")
    file_name = fields.Char(copy=False)
    sha256 = fields.Char(
        string="SHA-256", readonly=True, copy=False, help="Of the original file."
    )
    sheet = fields.Char(help="Of a workbook; found by itself.")
    sheet_names = fields.Char(string="Sheets in the File", readonly=True, copy=False)
    hidden_text = fields.Char(string="Hidden in the File", readonly=True, copy=False)
    header_row = fields.Integer(
        aggregator=None, help="The row that names the columns; found by itself."
    )
    header_mark = fields.Char(readonly=True, copy=False)
    mark = fields.Selection(
        [(".", "Point: 0.0125"), (",", "Comma: 0,0125")], string="Decimal Mark"
    )
    mark_example = fields.Char(readonly=True, copy=False)
    leave_faulty = fields.Boolean(
        string="Leave Faulty Rows Out", help="Apply the good rows alone."
    )
    row_count = fields.Integer(string="Rows", **COUNT)
    faulty_count = fields.Integer(string="Faulty", **COUNT)
    previewed_at = fields.Datetime(readonly=True, copy=False)
    applied_at = fields.Datetime(readonly=True, copy=False)
    applied_by = fields.Many2one("res.users", readonly=True, copy=False)
    question = fields.Text(compute="_compute_question")
    is_stopped = fields.Boolean(compute="_compute_is_stopped")

    # === COMPUTE METHODS === #

    @api.depends("state", "sha256", "mark", "mark_example", "column_ids")
    def _compute_question(self):
        for one in self:
            one.question = "\n".join(one._questions())

    def _questions(self):
        """What has to be chosen before a preview."""
        if not self.sha256 or self.state in self._sheet_done:
            return []
        if not self.column_ids:
            return [self._no_header_text()]
        if self.mark_example and not self.mark:
            return [
                self.env._(
                    "%(example)s can be read in two ways: choose whether a point or a"
                    " comma is the decimal mark.",
                    example=self.mark_example,
                )
            ]
        return []

    @api.depends("state", "faulty_count", "leave_faulty")
    def _compute_is_stopped(self):
        for one in self:
            faulty = one.faulty_count > 0 and not one.leave_faulty
            one.is_stopped = one.state == "previewed" and faulty

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        found = super().create(vals_list)
        for vals in vals_list:
            self._refuse_empty(vals)
        for one in found.filtered("file"):
            one._look(fresh=False)
        return found

    def write(self, vals):
        changed = self._sheet_settings & vals.keys()
        if changed:
            self.check_access("write")
            self._check_open()
            self._refuse_empty(vals)
        result = super().write(vals)
        if changed:
            for one in self:
                if self._sheet_source & vals.keys():
                    one._look(fresh="file" in vals)
                one._back_to_draft()
        return result

    def _refuse_empty(self, vals):
        """:raises UserError: a file without a byte, of which a name is all there is"""
        if "file" in vals and not vals["file"] and vals.get("file_name"):
            raise UserError(
                self.env._(
                    "%(name)s is empty: choose a file with rows.",
                    name=vals["file_name"],
                )
            )

    def unlink(self):
        # Not each kind of row has a foreign key that would do it.
        self.check_access("unlink")
        self._delete_rows()
        return super().unlink()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_applied(self):
        for one in self:
            if one.state in self._sheet_done:
                raise UserError(
                    self.env._(
                        "%(sheet)s was applied: it stays, as the history of what it"
                        " changed.",
                        sheet=one.display_name,
                    )
                )

    # === HOOKS === #

    def _no_header_text(self):
        """What is asked where no row names columns."""
        raise NotImplementedError

    def _map_owner(self):
        """{field of the map: value}: whose maps are this file's."""
        raise NotImplementedError

    # === ACTION METHODS === #

    def action_view_rows(self):
        """The rows; of one status where the context names it."""
        return rows_action(self, self._sheet_rows_action, "import_id")

    def action_download_faults(self):
        """The faulty rows as they came, the reason in a last column."""
        self.check_access("read")
        self.ensure_one()
        if not self.faulty_count:
            raise UserError(self.env._("No row is faulty."))
        url = f"{self._sheet_path}/{self.id}/faulty.{self._kind()}"
        return {"type": "ir.actions.act_url", "url": url, "target": "self"}

    # === BUSINESS METHODS === #

    def _check_open(self):
        """:raises UserError: it was applied, so its settings stay"""
        for one in self:
            if one.state in self._sheet_done:
                raise UserError(
                    self.env._(
                        "%(sheet)s was applied: its settings stay. Import the file"
                        " again to change something.",
                        sheet=one.display_name,
                    )
                )

    def _keep(self, vals):
        """Write what the program keeps, without looking at the file again."""
        return super(VoipSheetImport, self.sudo()).write(vals)

    def _settings_changed(self):
        """A column was mapped otherwise."""
        self._check_open()
        for one in self:
            one._guess()
            one._back_to_draft()

    def _back_to_draft(self):
        if self.state == "previewed":
            self._clear_rows()
            self._keep({"state": "draft", "previewed_at": False})

    def _clear_rows(self):
        """Forget the last preview."""
        self._delete_rows()
        self._keep(dict.fromkeys(self._sheet_counts, 0))

    def _delete_rows(self):
        self.env.flush_all()
        for name in self._sheet_rows:
            rows = self.env[name]
            self.env.cr.execute(
                f'DELETE FROM "{rows._table}" WHERE import_id = ANY(%s)', [self.ids]
            )
            rows.invalidate_model()

    def _remember_map(self):
        """The next file of this header maps itself."""
        names = ", ".join(column.header or "" for column in self.column_ids)
        self.env[self._sheet_map]._remember(
            self._map_owner(),
            {
                "header_mark": self.header_mark,
                "header": names[:NAME_LIMIT],
                "columns": {c.place: c.target for c in self.column_ids if c.target},
                **{name: self[name] for name in self._sheet_forms},
            },
        )
