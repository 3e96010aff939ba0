"""Register Payment leaves out what is held."""

from odoo import api, models


class AccountPaymentRegister(models.TransientModel):
    _inherit = "account.payment.register"

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        if ids := [number for command in values.get("line_ids", [])
                   for number in (command[2] if command[0] == 6 else ())]:
            lines = self.env["account.move.line"].browse(ids)
            free = lines.filtered(lambda line: not line.move_id.voip_payment_hold)
            if not free:
                lines.move_id._voip_refuse_held()
            values["line_ids"] = [(6, 0, free.ids)]
        return values

    def _create_payments(self):
        self.check_access("read")
        self.line_ids.move_id._voip_refuse_held()
        return super()._create_payments()
