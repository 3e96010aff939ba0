"""Take a block of numbers into the inventory."""

from odoo import api, fields, models

from odoo.addons.voip_billing_base.const import MONEY
from odoo.addons.voip_billing_base.fields import Amount

from ..blocks.voip_did_block import SIZES
from ..numbers.country import Codes
from ..numbers.voip_did import KINDS

# What the numbers of a block have in common.
SHARED = (
    "country_id",
    "area",
    "kind",
    "two_way",
    "has_voice",
    "has_sms",
    "has_fax",
    "channels",
    "supplier_id",
    "cost_monthly",
    "cost_currency_id",
)


class VoipDidBlockMake(models.TransientModel):
    """First number, size, and what all its numbers have in common."""

    _name = "voip.did.block.make"
    _inherit = ["voip.finite"]
    _description = "New Block of Numbers"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    number = fields.Char(
        string="First Number",
        required=True,
        help="E.164: country code and number. Its last digits are zeros.",
    )
    size = fields.Selection(SIZES, required=True, default="100")
    country_id = fields.Many2one(
        "res.country", compute="_compute_country_id", store=True, readonly=False
    )
    area = fields.Char(help="City or area, as customers look for it.")
    kind = fields.Selection(KINDS, required=True, default="local")
    two_way = fields.Boolean(string="Two-way", default=True)
    has_voice = fields.Boolean(string="Voice", default=True)
    has_sms = fields.Boolean(string="SMS")
    has_fax = fields.Boolean(string="Fax")
    channels = fields.Integer(default=2, required=True, help="Of each number.")
    supplier_id = fields.Many2one(
        "res.partner", domain="[('parent_id', '=', False)]", check_company=True
    )
    cost_monthly = Amount(
        string="Monthly Cost", **MONEY, help="Of each number, not of the block."
    )
    cost_currency_id = fields.Many2one(
        "res.currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
    )

    @api.depends("number")
    def _compute_country_id(self):
        codes = Codes(self.env)
        for wizard in self:
            wizard.country_id = codes.proposed(wizard.number, wizard.country_id.id)

    def action_apply(self):
        """Make the block and show it."""
        self._voip_use()
        self.ensure_one()
        self.env["voip.did"].check_access("create")
        values = {
            name: self[name].id if self._fields[name].relational else self[name]
            for name in SHARED
        }
        blocks = self.env["voip.did.block"].with_company(self.company_id)
        values["company_id"] = self.company_id.id
        block = blocks._make(self.number, self.size, values)
        return {
            "type": "ir.actions.act_window",
            "res_model": "voip.did.block",
            "res_id": block.id,
            "view_mode": "form",
        }
