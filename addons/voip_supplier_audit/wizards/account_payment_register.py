"""Register Payment leaves out what is held."""

from odoo import api, models
from odoo.fields import Command


class AccountPaymentRegister(models.TransientModel):
    _inherit = "account.payment.register"

    @api.model
    def default_get(self, fields):
        self.browse().check_access("create")
        values = super().default_get(fields)
        ids = [
            number
            for command in values.get("line_ids", [])
            if command[0] == Command.SET
            for number in command[2]
        ]
        if ids:
            lines = self.env["account.move.line"].browse(ids)
            free = lines.filtered(lambda line: not line.move_id.voip_payment_hold)
            if not free:
                lines.move_id._voip_refuse_held()
            values["line_ids"] = [Command.set(free.ids)]
        return values

    def _create_payments(self):
        self.check_access("read")
        self.line_ids.move_id._voip_refuse_held()
        return super()._create_payments()
