"""A list of numbers from its file to the inventory: state, choices, counts."""

from odoo import api, fields, models

from odoo.addons.voip_billing_base.imports.voip_sheet_import import (
    COUNT,
    VoipSheetImport,
)

STATES = [("draft", "Draft"), ("previewed", "Previewed"), ("applied", "Applied")]
STATUSES = [
    ("new", "New"),
    ("changed", "Changed"),
    ("unchanged", "Unchanged"),
    ("faulty", "Faulty"),
]
COUNTS = tuple(f"{status}_count" for status, _label in STATUSES)
SETTINGS = ("supplier_id", "currency_id", "company_id")


class VoipDidImport(models.Model):
    """A supplier's list: mapped, previewed, applied all or nothing.

    It is kept with its original file: the history of the inventory.
    """

    _name = "voip.did.import"
    _inherit = ["voip.sheet.import"]
    _description = "Import of Numbers"
    _order = "id desc"
    _check_company_auto = True

    _sheet_source = VoipSheetImport._sheet_source | {"supplier_id"}
    _sheet_settings = VoipSheetImport._sheet_settings | set(SETTINGS)
    _sheet_counts = (*COUNTS, "row_count", "number_count")
    _sheet_rows = ("voip.did.import.row",)
    _sheet_row_number = "row"
    _sheet_map = "voip.did.import.map"
    _sheet_rows_action = "voip_did.voip_did_import_row_action"
    _sheet_path = "/voip/did_import"

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
    file = fields.Binary(required=True)
    column_ids = fields.One2many("voip.did.import.column", "import_id", copy=False)
    row_ids = fields.One2many("voip.did.import.row", "import_id", copy=False)
    new_count = fields.Integer(string="New", **COUNT)
    changed_count = fields.Integer(string="Changed", **COUNT)
    unchanged_count = fields.Integer(string="Unchanged", **COUNT)
    number_count = fields.Integer(
        string="New Numbers", help="Those of blocks counted one by one.", **COUNT
    )

    # === COMPUTE METHODS === #

    @api.depends("file_name")
    def _compute_display_name(self):
        for one in self:
            one.display_name = one.file_name or self.env._("New import of numbers")

    def _no_header_text(self):
        return self.env._(
            "No row names columns such as Number and Country. Say in which row the"
            " names of the columns are."
        )

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
