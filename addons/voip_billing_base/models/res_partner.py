"""Partners that own VoIP accounts."""

from odoo import fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    voip_account_ids = fields.One2many(
        "voip.account", "partner_id", groups="voip_billing_base.group_voip_viewer"
    )
    voip_account_count = fields.Integer(
        compute="_compute_voip_account_count",
        groups="voip_billing_base.group_voip_viewer",
    )

    def _compute_voip_account_count(self):
        counts = dict(
            self.env["voip.account"]._read_group(
                [("partner_id", "in", self.ids)], ["partner_id"], ["__count"]
            )
        )
        for partner in self:
            partner.voip_account_count = counts.get(partner, 0)

    def action_view_voip_accounts(self):
        self.check_access("read")
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "voip_billing_base.voip_account_action"
        )
        action["domain"] = [("partner_id", "=", self.id)]
        action["context"] = {"default_partner_id": self.id}
        return action
