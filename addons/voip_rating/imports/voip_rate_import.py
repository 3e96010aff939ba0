"""A rate sheet from its file to the deck: state, choices, counts."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.voip_billing_base.charge.transaction import run_money
from odoo.addons.voip_billing_base.imports.voip_sheet_import import (
    COUNT,
    VoipSheetImport,
)

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
SETTINGS = ("deck_id", "mode", "date_mode", "date", "past", "duplicates", "shape")
FORGOTTEN = (*COUNTS, "row_count", "late_count", "late_batch_count", "sale_count")


class VoipRateImport(models.Model):
    """A file of rates: mapped, previewed, applied all or nothing, undone.

    It is kept with its original file: the history of a deck's sheets.
    """

    _name = "voip.rate.import"
    _inherit = [
        "voip.sheet.import",
        "voip.mail.file",
        "mail.activity.mixin",
        "voip.job",
    ]
    _description = "VoIP Rate Import"
    _order = "id desc"
    _check_company_auto = True

    _sheet_source = VoipSheetImport._sheet_source | {"deck_id"}
    _sheet_settings = VoipSheetImport._sheet_settings | set(SETTINGS)
    _sheet_forms = ("mark", "shape")
    _sheet_done = ("applied", "undone")
    _sheet_counts = FORGOTTEN
    _sheet_rows = ("voip.rate.import.row", "voip.rate.import.sale")
    _sheet_map = "voip.rate.import.map"
    _sheet_rows_action = "voip_rating.voip_rate_import_row_action"
    _sheet_path = "/voip/rate_import"

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
    file = fields.Binary(help="CSV, text or XLSX as the carrier sent it.")
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
        help="Apply the good rows alone. A full replacement closes no code of a faulty "
        "row.",
    )
    column_ids = fields.One2many("voip.rate.import.column", "import_id", copy=False)
    new_count = fields.Integer(string="New", **COUNT)
    increased_count = fields.Integer(string="Increased", **COUNT)
    decreased_count = fields.Integer(string="Decreased", **COUNT)
    changed_count = fields.Integer(string="Changed", **COUNT)
    unchanged_count = fields.Integer(string="Unchanged", **COUNT)
    closed_count = fields.Integer(string="Closed", **COUNT)
    duplicate_count = fields.Integer(string="Duplicates", **COUNT)
    late_count = fields.Integer(
        string="Calls to Rate Again",
        help="Calls that versions rated which now begin to be others before them.",
        **COUNT,
    )
    sale_count = fields.Integer(string="Sold Below Cost", **COUNT)
    deck_revision = fields.Integer(**COUNT)
    applied_revision = fields.Integer(**COUNT)
    undone_at = fields.Datetime(readonly=True, copy=False)
    undone_by = fields.Many2one("res.users", readonly=True, copy=False)
    is_done = fields.Boolean(compute="_compute_is_done")

    def init(self):
        self.env.cr.execute(CHANGE_TABLE)

    # === COMPUTE METHODS === #

    @api.depends("file_name", "deck_id")
    def _compute_display_name(self):
        for sheet in self:
            sheet.display_name = sheet.file_name or self.env._("New rate import")

    @api.depends("shape", "shape_example")
    def _compute_question(self):
        return super()._compute_question()

    @api.depends("state")
    def _compute_is_done(self):
        for sheet in self:
            sheet.is_done = sheet.state in ("working", *sheet._sheet_done)

    def _questions(self):
        asked = super()._questions()
        if self._is_undated():
            asked.append(
                self.env._(
                    "%(example)s can be read in several ways: choose the order of day, "
                    "month and year.",
                    example=self.shape_example,
                )
            )
        return asked

    def _is_undated(self):
        """Whether the dates of an open sheet can be read in several ways."""
        unread = self.shape_example and not self.shape
        open_ = self.sha256 and self.state not in self._sheet_done
        return bool(unread and open_ and self.column_ids)

    def _no_header_text(self):
        return self.env._(
            "No row names columns such as Code and Price. Say in which row the "
            "names of the columns are."
        )

    # === CRUD METHODS === #

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
        return super()._check_open()

    def _clear_rows(self):
        result = super()._clear_rows()
        self._keep({"sale_problem": False})
        return result

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

    def action_view_sales(self):
        """What is sold below the new cost."""
        self.check_access("read")
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "voip_rating.voip_rate_import_sale_action"
        )
        return action | {"domain": [("import_id", "=", self.id)]}
