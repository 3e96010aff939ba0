from odoo import api, models
from odoo.exceptions import AccessError


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    @api.model
    def _voip_refuse_senders(self, names):
        # A switch hands in call records, and mail on no record at all.
        if not self.env.su and self.env.user._is_switch():
            raise AccessError(self.env._("A switch hands in no mail."))
        return super()._voip_refuse_senders(names)
