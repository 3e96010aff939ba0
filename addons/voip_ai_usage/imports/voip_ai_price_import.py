"""A price list of AI from its file to the catalogue: state, choices, counts."""

from odoo import api, fields, models

from odoo.addons.voip_billing_base.imports import look as looking
from odoo.addons.voip_billing_base.imports.voip_sheet_import import (
    COUNT,
    VoipSheetImport,
)
from odoo.addons.voip_billing_base.reader import header

from .columns import NEEDED, NUMBERS, WORDS

STATES = [("draft", "Draft"), ("previewed", "Previewed"), ("applied", "Applied")]
STATUSES = [
    ("new", "New"),
    ("changed", "Changed"),
    ("unchanged", "Unchanged"),
    ("faulty", "Faulty"),
]
COUNTS = tuple(f"{status}_count" for status, _label in STATUSES)
SETTINGS = frozenset(("currency_id", "provider_id", "company_id"))


class VoipAiPriceImport(models.Model):
    """A list of prices: mapped, previewed, applied all or nothing.

    It is kept with its original file: the history of the catalogue.
    """

    _name = "voip.ai.price.import"
    _inherit = ["voip.sheet.import"]
    _description = "Import of AI Prices"
    _order = "id desc"
    _check_company_auto = True

    _sheet_settings = VoipSheetImport._sheet_settings | SETTINGS
    _sheet_counts = (*COUNTS, "row_count")
    _sheet_rows = ("voip.ai.price.import.row",)
    _sheet_row_number = "row"
    _sheet_map = "voip.ai.price.import.map"
    _sheet_rows_action = "voip_ai_usage.voip_ai_price_import_row_action"
    _sheet_path = "/voip/ai_price_import"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    provider_id = fields.Many2one(
        "voip.ai.provider",
        check_company=True,
        ondelete="restrict",
        index="btree_not_null",
        help="Of rows that name none.",
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
    column_ids = fields.One2many("voip.ai.price.import.column", "import_id", copy=False)
    row_ids = fields.One2many("voip.ai.price.import.row", "import_id", copy=False)
    new_count = fields.Integer(string="New", **COUNT)
    changed_count = fields.Integer(string="Changed", **COUNT)
    unchanged_count = fields.Integer(string="Unchanged", **COUNT)

    # === COMPUTE METHODS === #

    @api.depends("file_name")
    def _compute_display_name(self):
        for one in self:
            one.display_name = one.file_name or self.env._("New import of AI prices")

    # === ACTION METHODS === #

    def action_preview(self):
        """Find out what the list would change, and change nothing."""
        self.check_access("write")
        self.ensure_one()
        self._check_open()
        self._preview()

    def action_apply(self):
        """Change the prices as the preview says, all or nothing."""
        self.check_access("write")
        self.ensure_one()
        self._check_open()
        self.env["voip.ai.price"].check_access("create")
        self._apply()

    # === HOOKS === #

    def _no_header_text(self):
        return self.env._(
            "No row names columns such as Model and Kind. Say in which row the names of"
            " the columns are."
        )

    def _look_at(self, data, sheet, row):
        def find(rows):
            if row:
                return looking.chosen(rows, row, WORDS)
            return header.find(rows, WORDS, NEEDED)

        return looking.look(data, find, lambda found: len(found.columns), sheet)

    def _known_map(self, header_mark):
        known = self.env["voip.ai.price.import.map"].sudo()
        return known._of(self._map_owner(), header_mark)

    def _map_owner(self):
        return {"company_id": self.company_id.id}

    def _guessed(self, found, places, known):
        mark = looking.mark(found, places, NUMBERS)
        chosen = mark.chosen(self.mark, known.mark)
        return {"mark": chosen, "mark_example": mark.example}
