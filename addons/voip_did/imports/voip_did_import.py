"""A list of numbers from its file to the inventory: state, choices, counts."""

from odoo import api, fields, models
from odoo.exceptions import UserError

STATES = [("draft", "Draft"), ("previewed", "Previewed"), ("applied", "Applied")]
STATUSES = [
    ("new", "New"),
    ("changed", "Changed"),
    ("unchanged", "Unchanged"),
    ("faulty", "Faulty"),
]
COUNTS = [f"{status}_count" for status, _label in STATUSES]
# What is read again when it changes.
SOURCE = {"file", "sheet", "header_row", "supplier_id"}
SETTINGS = SOURCE | {"mark", "leave_faulty", "currency_id", "company_id"}
COUNT = {"readonly": True, "copy": False, "aggregator": None}


class VoipDidImport(models.Model):
    """A supplier's list: mapped, previewed, applied all or nothing.

    It is kept with its original file: the history of the inventory.
    """

    _name = "voip.did.import"
    _inherit = ["mail.thread", "voip.guard"]
    _description = "Import of Numbers"
    _order = "id desc"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    supplier_id = fields.Many2one(
        "res.partner",
        domain="[('parent_id', '=', False)]",
        check_company=True,
        ondelete="restrict",
        index="btree_not_null",
        help="Whose numbers these are. The map of the columns is kept for him.",
    )
    currency_id = fields.Many2one(
        "res.currency",
        string="Currency of Costs",
        required=True,
        default=lambda self: self.env.company.currency_id,
        help="Of costs in rows that name none.",
    )
    state = fields.Selection(
        STATES, required=True, readonly=True, default="draft", copy=False
    )
    file = fields.Binary(copy=False, required=True, help="CSV, text or XLSX.")
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
    mark = fields.Selection(
        [(".", "Point: 0.0125"), (",", "Comma: 0,0125")], string="Decimal Mark"
    )
    mark_example = fields.Char(readonly=True, copy=False)
    leave_faulty = fields.Boolean(
        string="Leave Faulty Rows Out", help="Apply the good rows alone."
    )
    column_ids = fields.One2many("voip.did.import.column", "import_id", copy=False)
    row_ids = fields.One2many("voip.did.import.row", "import_id", copy=False)
    row_count = fields.Integer(string="Rows", **COUNT)
    new_count = fields.Integer(string="New", **COUNT)
    changed_count = fields.Integer(string="Changed", **COUNT)
    unchanged_count = fields.Integer(string="Unchanged", **COUNT)
    faulty_count = fields.Integer(string="Faulty", **COUNT)
    number_count = fields.Integer(
        string="New Numbers", help="Those of blocks counted one by one.", **COUNT
    )
    previewed_at = fields.Datetime(readonly=True, copy=False)
    applied_at = fields.Datetime(readonly=True, copy=False)
    applied_by = fields.Many2one("res.users", readonly=True, copy=False)
    question = fields.Text(compute="_compute_question")
    is_stopped = fields.Boolean(compute="_compute_is_stopped")

    # === COMPUTE METHODS === #

    @api.depends("file_name")
    def _compute_display_name(self):
        for one in self:
            one.display_name = one.file_name or self.env._("New import of numbers")

    @api.depends("state", "sha256", "mark", "mark_example", "column_ids")
    def _compute_question(self):
        for one in self:
            one.question = "\n".join(one._questions())

    def _questions(self):
        """What has to be chosen before a preview."""
        if not self.sha256 or self.state == "applied":
            return []
        if not self.column_ids:
            return [
                self.env._(
                    "No row names columns such as Number and Country. Say in which row"
                    " the names of the columns are."
                )
            ]
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
            one.is_stopped = (
                one.state == "previewed" and one.faulty_count and not one.leave_faulty
            )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        found = super().create(vals_list)
        for one in found:
            one._look(fresh=False)
        return found

    def write(self, vals):
        if SETTINGS & vals.keys():
            self.check_access("write")
            self._check_open()
        result = super().write(vals)
        if SETTINGS & vals.keys():
            for one in self:
                if SOURCE & vals.keys():
                    one._look(fresh="file" in vals)
                one._back_to_draft()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_applied(self):
        if self.filtered(lambda one: one.state == "applied"):
            raise UserError(
                self.env._("What was applied stays, as the history of the inventory.")
            )

    def _check_open(self):
        """:raises UserError: it was applied"""
        for one in self:
            if one.state == "applied":
                raise UserError(
                    self.env._(
                        "%s was applied: import the file again to change something.",
                        one.display_name,
                    )
                )

    def _keep(self, vals):
        """Write what the program keeps, without looking at the file again."""
        return super(VoipDidImport, self.sudo()).write(vals)

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
        self.env.flush_all()
        self.env.cr.execute(
            "DELETE FROM voip_did_import_row WHERE import_id = %s", [self.id]
        )
        self.env["voip.did.import.row"].invalidate_model()
        self._keep(dict.fromkeys([*COUNTS, "row_count", "number_count"], 0))

    # === ACTION METHODS === #

    def action_preview(self):
        """Find out what the list would change, and change nothing."""
        self.check_access("write")
        self.ensure_one()
        self._check_open()
        self._preview()

    def action_apply(self):
        """Change the inventory as the preview says, all or nothing."""
        self.check_access("write")
        self.ensure_one()
        self._check_open()
        self.env["voip.did"].check_access("create")
        self._apply()

    def action_view_rows(self):
        """The rows; of one status where the context names it."""
        self.check_access("read")
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "voip_did.voip_did_import_row_action"
        )
        status = self.env.context.get("status")
        context = {f"search_default_{status}": 1} if status else {}
        return {**action, "domain": [("import_id", "=", self.id)], "context": context}

    def action_download_faults(self):
        """The faulty rows as they came, the reason in a last column."""
        self.check_access("read")
        self.ensure_one()
        if not self.faulty_count:
            raise UserError(self.env._("No row is faulty."))
        kind = self._kind()
        return {
            "type": "ir.actions.act_url",
            "url": f"/voip/did_import/{self.id}/faulty.{kind}",
            "target": "self",
        }
