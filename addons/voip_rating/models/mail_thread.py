from odoo import api, models
from odoo.exceptions import AccessError


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    def message_notify(self, **options):
        self._voip_refuse_senders([])
        return super().message_notify(**options)

    def message_subscribe(self, partner_ids=None, subtype_ids=None):
        self._voip_refuse_senders([])
        return super().message_subscribe(partner_ids, subtype_ids)

    def message_unsubscribe(self, partner_ids=None):
        self._voip_refuse_senders([])
        return super().message_unsubscribe(partner_ids)

    def message_get_followers(self, after=None, limit=100, filter_recipients=False):
        self._voip_refuse_senders([])
        return super().message_get_followers(after, limit, filter_recipients)

    @api.model
    def _voip_refuse_senders(self, names):
        # A switch hands in call records, and mail on no record at all.
        if not self.env.su and self.env.user._is_switch():
            raise AccessError(self.env._("A switch hands in no mail."))
        return super()._voip_refuse_senders(names)
