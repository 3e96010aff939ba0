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

    def write(self, vals):
        """A customer with bookings becomes no other one's contact."""
        customers = {}
        if vals.keys() & {"parent_id", "is_company"}:
            # Archived accounts, too, were invoiced.
            accounts = self.env["voip.account"].sudo().with_context(active_test=False)
            accounts = accounts.search([("partner_id", "child_of", self.ids)])
            customers = {
                account: account.partner_id.commercial_partner_id
                for account in accounts._with_history()
            }
        result = super().write(vals)
        for account, customer in customers.items():
            if account.partner_id.commercial_partner_id != customer:
                raise account._customer_refusal()
        return result

    def action_view_voip_accounts(self):
        self.check_access("read")
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "voip_billing_base.voip_account_action"
        )
        action["domain"] = [("partner_id", "=", self.id)]
        action["context"] = {"default_partner_id": self.id}
        return action
