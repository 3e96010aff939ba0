"""Billing profiles: billing terms as a template for accounts."""

from odoo import fields, models

from ..counts import counts_by
from ..models.voip_shared import company_unless_all
from .voip_billing_terms import BOUNDS, BOUNDS_MESSAGE


class VoipBillingProfile(models.Model):
    """Terms that accounts take over when they choose the profile, and may override."""

    _name = "voip.billing.profile"
    _description = "Billing Profile"
    _inherit = ["voip.shared", "voip.billing.terms"]
    _order = "name, id"
    _check_company_auto = True
    _check_company_domain = models.check_company_domain_parent_of

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        index=True,
        default=lambda self: company_unless_all(self.env),
        help="Empty: for all companies.",
    )
    tz = fields.Selection(
        required=False, default=False, help="Empty: the account keeps its own."
    )
    account_ids = fields.One2many("voip.account", "profile_id")
    account_count = fields.Integer(compute="_compute_account_count")

    _bounds = models.Constraint(BOUNDS, BOUNDS_MESSAGE)

    def _compute_account_count(self):
        counts = counts_by(self.env["voip.account"], "profile_id", self)
        for profile in self:
            profile.account_count = counts.get(profile, 0)

    def action_view_accounts(self):
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "voip_billing_base.voip_account_action"
        )
        return {**action, "domain": [("profile_id", "in", self.ids)], "context": {}}
