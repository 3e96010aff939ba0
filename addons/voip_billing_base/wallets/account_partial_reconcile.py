"""Reconciliations move wallets, and so does undoing them."""

from odoo import models


class AccountPartialReconcile(models.Model):
    _inherit = "account.partial.reconcile"

    def unlink(self):
        self.check_access("unlink")
        if not self:
            # Odoo asks for each line of an entry that it writes: to flush all of its
            # lines each time takes minutes where there are thousands.
            return super().unlink()
        lines = self.debit_move_id | self.credit_move_id
        moves = self.env["account.move"]
        with moves._voip_books():
            result = super().unlink()
            moves._voip_sync(lines=lines.exists().ids)
            return result
