"""Accounts whose lines become receivables, or no longer are."""

from odoo import models


class AccountAccount(models.Model):
    _inherit = "account.account"

    def write(self, vals):
        if "account_type" not in vals:
            return super().write(vals)
        result = super().write(vals)
        self.env.flush_all()
        self.env.cr.execute(LINES_SQL, [self.ids])
        lines = [row[0] for row in self.env.cr.fetchall()]
        self.env["account.move"]._voip_sync(lines=lines)
        return result


# Lines in wallets, or of customers that have some.
LINES_SQL = """
SELECT l.id FROM account_move_line l
  LEFT JOIN res_partner p ON p.id = l.partner_id
 WHERE l.account_id = ANY(%s) AND l.parent_state = 'posted'
   AND (l.voip_account_id IS NOT NULL OR EXISTS (
        SELECT FROM voip_account a JOIN res_partner ap ON ap.id = a.partner_id
         WHERE ap.commercial_partner_id = p.commercial_partner_id))
"""
