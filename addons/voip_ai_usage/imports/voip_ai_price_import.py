"""A price list of AI from its file to the catalogue: choices and columns."""

from odoo import fields, models

from odoo.addons.voip_billing_base.imports import look as looking
from odoo.addons.voip_billing_base.imports.voip_list_import import VoipListImport
from odoo.addons.voip_billing_base.reader import header

from .columns import KINDS, NEEDED, NUMBERS, WORDS


class VoipAiPriceImport(models.Model):
    """A list of prices: mapped, previewed, applied all or nothing.

    It is kept with its original file: the history of the catalogue.
    """

    _name = "voip.ai.price.import"
    _inherit = ["voip.list.import"]
    _description = "Import of AI Prices"

    _sheet_settings = VoipListImport._sheet_settings | {"provider_id"}
    _sheet_rows = ("voip.ai.price.import.row",)
    _sheet_map = "voip.ai.price.import.map"
    _sheet_rows_action = "voip_ai_usage.voip_ai_price_import_row_action"
    _sheet_path = "/voip/ai_price_import"
    _list_model = "voip.ai.price"
    _list_event = "ai_price_import"
    _list_kinds = KINDS
    _list_numbers = NUMBERS
    _list_columns = ("what",)

    provider_id = fields.Many2one(
        "voip.ai.provider",
        check_company=True,
        ondelete="restrict",
        index="btree_not_null",
        help="Of rows that name none.",
    )
    column_ids = fields.One2many("voip.ai.price.import.column", "import_id", copy=False)
    row_ids = fields.One2many("voip.ai.price.import.row", "import_id", copy=False)

    # === HOOKS === #

    def _new_name(self):
        return self.env._("New import of AI prices")

    def _changed_text(self):
        return self.env._("Prices have changed meanwhile: preview the list again.")

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

    def _map_owner(self):
        return {"company_id": self.company_id.id}
