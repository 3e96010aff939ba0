"""A list of numbers from its file to the inventory: choices and columns."""

from odoo import fields, models

from odoo.addons.voip_billing_base.imports.voip_list_import import VoipListImport
from odoo.addons.voip_billing_base.imports.voip_sheet_import import (
    COUNT,
    VoipSheetImport,
)

from .columns import KINDS, NUMBERS


class VoipDidImport(models.Model):
    """A supplier's list: mapped, previewed, applied all or nothing.

    It is kept with its original file: the history of the inventory.
    """

    _name = "voip.did.import"
    _inherit = ["voip.list.import"]
    _description = "Import of Numbers"

    _sheet_source = VoipSheetImport._sheet_source | {"supplier_id"}
    _sheet_settings = VoipListImport._sheet_settings | {"supplier_id"}
    _sheet_counts = (*VoipListImport._sheet_counts, "number_count")
    _sheet_rows = ("voip.did.import.row",)
    _sheet_map = "voip.did.import.map"
    _sheet_rows_action = "voip_did.voip_did_import_row_action"
    _sheet_path = "/voip/did_import"
    _list_model = "voip.did"
    _list_event = "did_import"
    _list_kinds = KINDS
    _list_numbers = NUMBERS
    _list_columns = ("number", "size", "changes")

    supplier_id = fields.Many2one(
        "res.partner",
        domain="[('parent_id', '=', False)]",
        check_company=True,
        ondelete="restrict",
        index="btree_not_null",
        help="Whose numbers these are. The map of the columns is kept for him.",
    )
    currency_id = fields.Many2one(
        string="Currency of Costs", help="Of costs in rows that name none."
    )
    column_ids = fields.One2many("voip.did.import.column", "import_id", copy=False)
    row_ids = fields.One2many("voip.did.import.row", "import_id", copy=False)
    number_count = fields.Integer(
        string="New Numbers", help="Those of blocks counted one by one.", **COUNT
    )

    # === HOOKS === #

    def _new_name(self):
        return self.env._("New import of numbers")

    def _changed_text(self):
        return self.env._(
            "The inventory has changed meanwhile: preview the list again."
        )

    def _no_header_text(self):
        return self.env._(
            "No row names columns such as Number and Country. Say in which row the"
            " names of the columns are."
        )
