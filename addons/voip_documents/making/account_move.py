"""Documents of many invoices are made in the background."""

from odoo import models

# As many are made while a person waits.
AT_ONCE = 20


class AccountMove(models.Model):
    _inherit = "account.move"

    def action_voip_make_documents(self):
        """Of many documents a run in the background makes them."""
        if len(self) <= AT_ONCE:
            return super().action_voip_make_documents()
        self.env["voip.document"].check_access("create")
        self.check_access("read")
        runs = self.env["voip.document.run"]
        return runs._shown(runs._start(self))

    def action_voip_send(self):
        """Of many documents a run in the background makes and queues them."""
        if len(self) <= AT_ONCE:
            return super().action_voip_send()
        self.check_access("read")
        self.env["voip.delivery"].check_access("write")
        self.env["voip.document"].check_access("create")
        runs = self.env["voip.document.run"]
        return runs._shown(runs._start(self, is_mailed=True))
