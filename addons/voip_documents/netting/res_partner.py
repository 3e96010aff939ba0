"""Partners with whom is netted."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.voip_billing_base.counts import counts_by
from odoo.addons.voip_billing_base.models.voip_guard import one

MOST = 10**15
USERS = "voip_billing_base.group_voip_user"


class ResPartner(models.Model):
    _inherit = "res.partner"

    voip_netting_threshold = fields.Float(
        string="Least Amount to Net",
        company_dependent=True,
        index=False,
        digits=(16, 2),
        groups=USERS,
        help="In the company's currency. Where a netting comes to less, nothing is"
        " netted. 0: as in the settings of the company.",
    )
    voip_netting_count = fields.Integer(
        compute="_compute_voip_netting_count", groups=USERS
    )

    def _compute_voip_netting_count(self):
        counts = counts_by(self.env["voip.netting"], "partner_id", self)
        for partner in self:
            partner.voip_netting_count = counts.get(partner, 0)

    @api.constrains("voip_netting_threshold")
    def _check_voip_netting_threshold(self):
        for partner in self:
            # Also false for what is no number.
            if not 0 <= partner.voip_netting_threshold <= MOST:
                raise ValidationError(
                    self.env._("The least amount to net is 0 or more.")
                )

    def action_view_voip_nettings(self):
        self.check_access("read")
        one(self)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "voip_documents.voip_netting_action"
        )
        action["domain"] = [("partner_id", "=", self.commercial_partner_id.id)]
        action["context"] = {"default_partner_id": self.commercial_partner_id.id}
        return action
