"""Providers of AI: whose models answer the calls."""

from odoo import fields, models
from odoo.tools.translate import LazyTranslate

from odoo.addons.voip_billing_base.counts import counts_by

_lt = LazyTranslate(__name__)


class VoipAiProvider(models.Model):
    """Who provides models, speech or a platform, and as which supplier we pay it."""

    _name = "voip.ai.provider"
    _inherit = ["voip.coded"]
    _description = "AI Provider"
    _order = "name, id"
    _code_noun = _lt("provider")

    code = fields.Char(help="What sessions and price lists name it by.")
    supplier_id = fields.Many2one(
        "res.partner",
        check_company=True,
        ondelete="restrict",
        index="btree_not_null",
        help="Whom we pay for it.",
    )
    model_ids = fields.One2many("voip.ai.model", "provider_id")
    model_count = fields.Integer(string="Models", compute="_compute_model_count")

    # === COMPUTE METHODS === #

    def _compute_model_count(self):
        counts = counts_by(self.env["voip.ai.model"], "provider_id", self)
        for provider in self:
            provider.model_count = counts.get(provider, 0)

    # === ACTION METHODS === #

    def action_view_prices(self):
        """Its prices, of both sides."""
        self.check_access("read")
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "voip_ai_usage.voip_ai_price_action"
        )
        return action | {
            "domain": [("provider_id", "=", self.id)],
            "context": {"default_provider_id": self.id},
        }
