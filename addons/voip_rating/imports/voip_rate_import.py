"""A rate sheet from its file to the deck: state, choices, counts."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.voip_billing_base.charge.transaction import run_money

from .result import CHANGE_TABLE
from .voip_rate_import_row import STATUSES

STATES = [
    ("draft", "Draft"),
    ("working", "In Work"),
    ("previewed", "Previewed"),
    ("applied", "Applied"),
    ("undone", "Undone"),
]
COUNTS = [f"{status}_count" for status, _label in STATUSES]
# What is read again when it changes.
SOURCE = {"deck_id", "file", "sheet", "header_row"}
SETTINGS = SOURCE | {
    "mode",
    "date_mode",
    "date",
    "past",
    "duplicates",
    "mark",
    "shape",
    "leave_faulty",
}
FORGOTTEN = [*COUNTS, "row_count", "late_count", "late_batch_count", "sale_count"]
COUNT = {"readonly": True, "copy": False, "aggregator": None}


class VoipRateImport(models.Model):
    """A file of rates: mapped, previewed, applied all or nothing, undone.

    It is kept with its original file: the history of a deck's sheets.
    """

    _name = "voip.rate.import"
    _inherit = ["voip.mail.file", "mail.activity.mixin", "voip.job"]
    _description = "VoIP Rate Import"
    _order = "id desc"
    _check_company_auto = True

    deck_id = fields.Many2one(
        "voip.rate.deck",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        help="The deck that gets the rates.",
    )
    company_id = fields.Many2one(
        related="deck_id.company_id", store=True, precompute=True, index=True
    )
    currency_id = fields.Many2one(related="deck_id.currency_id")
    side = fields.Selection(related="deck_id.side")
    state = fields.Selection(
        STATES, required=True, readonly=True, default="draft", copy=False
    )
    file = fields.Binary(copy=False, help="CSV, text or XLSX as the carrier sent it.")
    file_name = fields.Char(copy=False)
    sha256 = fields.Char(
        string="SHA-256", readonly=True, copy=False, help="Of the original file."
    )
    sheet = fields.Char(help="Of a workbook; found by itself.")
    sheet_names = fields.Char(string="Sheets in the File", readonly=True, copy=False)
    header_row = fields.Integer(
        aggregator=None, help="The row that names the columns; found by itself."
    )
    header_mark = fields.Char(readonly=True, copy=False)
    mode = fields.Selection(
        [
            ("partial", "Partial: other codes stay as they are"),
            ("full", "Full: codes that are not in the sheet are closed"),
        ],
        required=True,
        default="partial",
    )
    date_mode = fields.Selection(
        [("rows", "Each row's own date"), ("one", "One date for all rows")],
        string="Valid From",
        required=True,
        default="rows",
        help="A row without a date begins now, in a deck without rates always.",
    )
    date = fields.Date(help="All rates begin at midnight, in the deck's time zone.")
    past = fields.Selection(
        [
            ("refuse", "Refused"),
            ("now", "Begin now"),
            ("back", "Back-dated"),
        ],
        string="Dates in the Past",
        required=True,
        default="refuse",
        help="Refused: a change that would begin in the past is faulty. Back-dated: "
        "calls that are rated already keep their price until they are rated again.",
    )
    duplicates = fields.Selection(
        [
            ("refuse", "Refused"),
            ("last", "The last row"),
            ("first", "The first row"),
            ("dearest", "The dearest row"),
        ],
        string="Same Code Twice",
        required=True,
        default="refuse",
        help="Rows of one code and date with other prices. Equal rows count once.",
    )
    mark = fields.Selection(
        [(".", "Point: 0.0125"), (",", "Comma: 0,0125")], string="Decimal Mark"
    )
    mark_example = fields.Char(readonly=True, copy=False)
    shape = fields.Selection(
        [
            ("dmy", "Day, month, year"),
            ("mdy", "Month, day, year"),
            ("ymd", "Year, month, day"),
        ],
        string="Order of Dates",
    )
    shape_example = fields.Char(readonly=True, copy=False)
    leave_faulty = fields.Boolean(
        string="Leave Faulty Rows Out",
        help="Apply the good rows alone. A full replacement closes no code of a faulty "
        "row.",
    )
    column_ids = fields.One2many("voip.rate.import.column", "import_id", copy=False)
    row_count = fields.Integer(string="Rows", **COUNT)
    new_count = fields.Integer(string="New", **COUNT)
    increased_count = fields.Integer(string="Increased", **COUNT)
    decreased_count = fields.Integer(string="Decreased", **COUNT)
    changed_count = fields.Integer(string="Changed", **COUNT)
    unchanged_count = fields.Integer(string="Unchanged", **COUNT)
    closed_count = fields.Integer(string="Closed", **COUNT)
    duplicate_count = fields.Integer(string="Duplicates", **COUNT)
    faulty_count = fields.Integer(string="Faulty", **COUNT)
    late_count = fields.Integer(
        string="Calls to Rate Again",
        help="Calls that versions rated which now begin to be others before them.",
        **COUNT,
    )
    sale_count = fields.Integer(string="Sold Below Cost", **COUNT)
    deck_revision = fields.Integer(**COUNT)
    applied_revision = fields.Integer(**COUNT)
    previewed_at = fields.Datetime(readonly=True, copy=False)
    applied_at = fields.Datetime(readonly=True, copy=False)
    applied_by = fields.Many2one("res.users", readonly=True, copy=False)
    undone_at = fields.Datetime(readonly=True, copy=False)
    undone_by = fields.Many2one("res.users", readonly=True, copy=False)
    question = fields.Text(compute="_compute_question")
    is_done = fields.Boolean(compute="_compute_is_done")
    is_stopped = fields.Boolean(compute="_compute_is_done")

    def init(self):
        self.env.cr.execute(CHANGE_TABLE)

    # === COMPUTE METHODS === #

    @api.depends("file_name", "deck_id")
    def _compute_display_name(self):
        for sheet in self:
            sheet.display_name = sheet.file_name or self.env._("New rate import")

    @api.depends("state", "sha256", "mark", "shape", "column_ids")
    def _compute_question(self):
        for sheet in self:
            sheet.question = "\n".join(sheet._questions())

    @api.depends("state", "faulty_count", "leave_faulty")
    def _compute_is_done(self):
        for sheet in self:
            sheet.is_done = sheet.state in ("working", "applied", "undone")
            sheet.is_stopped = (
                sheet.state == "previewed"
                and sheet.faulty_count > 0
                and not sheet.leave_faulty
            )

    def _questions(self):
        """What has to be chosen before a preview."""
        if not self.sha256 or self.state in ("applied", "undone"):
            return []
        if not self.column_ids:
            return [
                self.env._(
                    "No row names columns such as Code and Price. Say in which row the "
                    "names of the columns are."
                )
            ]
        asked = []
        if self.mark_example and not self.mark:
            asked.append(
                self.env._(
                    "%(example)s can be read in two ways: choose whether a point or a "
                    "comma is the decimal mark.",
                    example=self.mark_example,
                )
            )
        if self.shape_example and not self.shape:
            asked.append(
                self.env._(
                    "%(example)s can be read in several ways: choose the order of day, "
                    "month and year.",
                    example=self.shape_example,
                )
            )
        return asked

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        sheets = super().create(vals_list)
        for sheet in sheets.filtered("file"):
            sheet._look(fresh=False)
        return sheets

    def write(self, vals):
        if SETTINGS & vals.keys():
            self.check_access("write")
            self._check_open()
        result = super().write(vals)
        if SETTINGS & vals.keys():
            for sheet in self:
                if SOURCE & vals.keys():
                    sheet._look(fresh="file" in vals)
                sheet._back_to_draft()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_applied(self):
        for sheet in self:
            if sheet.state in ("applied", "undone"):
                raise UserError(
                    self.env._(
                        "%(sheet)s was applied: it stays, as the history of its deck.",
                        sheet=sheet.display_name,
                    )
                )

    def _check_open(self):
        for sheet in self:
            if sheet.state == "working":
                raise UserError(
                    self.env._(
                        "%(sheet)s is being worked on: wait until it is done, or press"
                        " Stop.",
                        sheet=sheet.display_name,
                    )
                )
            if sheet.state in ("applied", "undone"):
                raise UserError(
                    self.env._(
                        "%(sheet)s was applied: its settings stay. Import the file "
                        "again to change something.",
                        sheet=sheet.display_name,
                    )
                )

    def _keep(self, vals):
        """Write what the program keeps, without looking at the file again."""
        return super(VoipRateImport, self.sudo()).write(vals)

    def _settings_changed(self):
        """A column was mapped otherwise."""
        self._check_open()
        for sheet in self:
            sheet._guess()
            sheet._back_to_draft()

    def _back_to_draft(self):
        if self.state == "previewed":
            self._clear_rows()
            self._keep({"state": "draft", "previewed_at": False})

    def _clear_rows(self):
        """Forget the last preview."""
        self.env.flush_all()
        for table in ("voip_rate_import_row", "voip_rate_import_sale"):
            self.env.cr.execute(f"DELETE FROM {table} WHERE import_id = %s", [self.id])
        self.env["voip.rate.import.row"].invalidate_model()
        self.env["voip.rate.import.sale"].invalidate_model()
        self._keep(dict.fromkeys(FORGOTTEN, 0) | {"sale_problem": False})

    # === ACTION METHODS === #

    def action_preview(self):
        """Find out what the sheet would change, and change nothing."""
        self.check_access("write")
        self.ensure_one()
        self._do("preview")

    def action_apply(self):
        """Change the deck as the preview says, all or nothing."""
        self.check_access("write")
        self.ensure_one()
        self._do("apply")

    def action_undo(self):
        """Give the deck back every version as it was."""
        self.check_access("write")
        self.ensure_one()
        self.env.flush_all()
        # A request sees the calls of its beginning; these are all that are committed.
        run_money(self.env, lambda env: self.with_env(env)._undo())
        self.env.invalidate_all()

    def action_view_rows(self):
        """The rows; of one status where the context names it."""
        self.check_access("read")
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "voip_rating.voip_rate_import_row_action"
        )
        status = self.env.context.get("status")
        context = {f"search_default_{status}": 1} if status else {}
        return action | {
            "domain": [("import_id", "=", self.id)],
            "context": context,
        }

    def action_view_sales(self):
        """What is sold below the new cost."""
        self.check_access("read")
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "voip_rating.voip_rate_import_sale_action"
        )
        return action | {"domain": [("import_id", "=", self.id)]}
