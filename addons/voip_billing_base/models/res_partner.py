"""Partners that own VoIP accounts."""

from odoo import fields, models
from odoo.exceptions import UserError

from ..counts import counts_by
from .voip_guard import one

# What a partner's commercial entity follows from.
COMMERCIAL = {"parent_id", "is_company", "company_type", "commercial_partner_id"}


class ResPartner(models.Model):
    _inherit = "res.partner"

    voip_account_ids = fields.One2many(
        "voip.account", "partner_id", groups="voip_billing_base.group_voip_viewer"
    )
    voip_account_count = fields.Integer(
        compute="_compute_voip_account_count",
        groups="voip_billing_base.group_voip_viewer",
    )

    def write(self, vals):
        """A customer with bookings becomes no other one's contact; open items of who
        becomes a customer's go into his wallets."""
        if vals.get("company_id"):
            self._voip_refuse_company(vals["company_id"])
        if not COMMERCIAL & vals.keys():
            return super().write(vals)
        customers = {
            account: account.partner_id.commercial_partner_id
            for account in self._voip_booked_accounts()
        }
        before = self.sudo().commercial_partner_id
        result = super().write(vals)
        for account, customer in customers.items():
            if account.partner_id.commercial_partner_id != customer:
                raise account._customer_refusal()
        after = self.sudo().commercial_partner_id
        self.env["voip.account"]._settle_mains(before | after)
        after._voip_sync_receivables()
        return result

    def _voip_refuse_company(self, company_id):
        """:raises UserError: he has accounts in another company"""
        accounts = self.env["voip.account"].sudo().with_context(active_test=False)
        strange = [("partner_id", "in", self.ids), ("company_id", "!=", company_id)]
        if accounts.search_count(strange, limit=1):
            raise UserError(
                self.env._("A customer with VoIP accounts stays open to their company.")
            )

    def _voip_booked_accounts(self):
        """Accounts of these partners and their contacts whose customer stays."""
        # Archived accounts, too, were invoiced.
        accounts = self.env["voip.account"].sudo().with_context(active_test=False)
        return accounts.search([("partner_id", "child_of", self.ids)])._with_history()

    def _voip_sync_receivables(self):
        """Put receivable lines of these customers that are in no wallet, or in another
        customer's, into the one they belong to now."""
        if not self.ids:
            return
        self.env.flush_all()
        self.env.cr.execute(RECEIVABLES_SQL, [self.ids])
        lines = [row[0] for row in self.env.cr.fetchall()]
        self.env["account.move"]._voip_sync(lines=lines)

    def _compute_voip_account_count(self):
        counts = counts_by(self.env["voip.account"], "partner_id", self)
        for partner in self:
            partner.voip_account_count = counts.get(partner, 0)

    def action_view_voip_accounts(self):
        self.check_access("read")
        one(self)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "voip_billing_base.voip_account_action"
        )
        action["domain"] = [("partner_id", "=", self.id)]
        action["context"] = {"default_partner_id": self.id}
        return action


RECEIVABLES_SQL = """
SELECT l.id FROM account_move_line l
  JOIN account_account aa ON aa.id = l.account_id
  JOIN res_partner p ON p.id = l.partner_id
 WHERE p.commercial_partner_id = ANY(%s) AND l.parent_state = 'posted'
   AND aa.account_type = 'asset_receivable'
   AND CASE WHEN l.voip_account_id IS NOT NULL
            THEN NOT voip_account_serves(
                     l.voip_account_id, p.commercial_partner_id, l.company_id)
            ELSE EXISTS (
                 SELECT FROM voip_account a JOIN res_partner ap ON ap.id = a.partner_id
                  WHERE ap.commercial_partner_id = p.commercial_partner_id) END
"""
