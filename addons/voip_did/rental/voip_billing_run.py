"""A billing run charges the rental that is due before it looks at what is open."""

from odoo import models

from odoo.addons.voip_billing_base.charge.transaction import in_money


class VoipBillingRun(models.Model):
    _inherit = "voip.billing.run"

    def _make_lines(self):
        accounts = self._bill_accounts()
        members = self.env["voip.account"].search(
            [("bill_account_id", "in", accounts.ids)]
        )
        assignments = self.env["voip.did.assignment"].sudo()
        if assignments.search_count([("account_id", "in", members.ids)], limit=1):
            company = self.company_id.id
            in_money(assignments, lambda own: own._charge_each(company, members.ids))
            self.env.invalidate_all()
        return super()._make_lines()
