from odoo import fields, models


class VoipAccount(models.Model):
    _inherit = "voip.account"

    dispute_count = fields.Integer(
        compute="_compute_dispute_count",
        groups="voip_billing_base.group_voip_viewer",
    )

    def _compute_dispute_count(self):
        counts = self.env["voip.dispute"].sudo()._read_group(
            [("account_id", "in", self.ids)], ["account_id"], ["__count"]
        )
        found = {account.id: count for account, count in counts}
        for account in self:
            account.dispute_count = found.get(account.id, 0)

    def action_view_disputes(self):
        """Disputes of these accounts."""
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "voip_supplier_audit.voip_dispute_action"
        )
        return action | {"domain": [("account_id", "in", self.ids)], "context": {}}
