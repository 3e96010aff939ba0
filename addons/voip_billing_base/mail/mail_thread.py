"""Incoming mail on records of the suite: from the mail gateway only."""

import logging

from odoo import api, models
from odoo.exceptions import AccessError

_logger = logging.getLogger(__name__)
SUITE = "voip."
# Of before RFC 3834, and of programs that do not know it.
_PRECEDENCE = ("auto_reply", "bulk", "junk", "list")
_ANSWERS = ("X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Auto-Reply")


def is_automatic(message):
    """Whether a program sent a mail by itself: an absence, a receipt, a circular.

    :param message: ``email.message.EmailMessage``; by its Auto-Submitted (RFC 3834)
    """
    said = str(message.get("Auto-Submitted") or "no").partition(";")[0].strip().lower()
    precedence = str(message.get("Precedence") or "").strip().lower()
    return (
        said != "no"
        or precedence in _PRECEDENCE
        or any(message.get(name) for name in _ANSWERS)
    )


class MailThread(models.AbstractModel):
    """Odoo posts incoming mail with all rights; so whoever hands it in has to be it.

    The gateway is Odoo's own fetching of mail, or an administrator, whose key the
    script of a mail server uses.
    """

    _inherit = "mail.thread"

    @api.model
    def message_process(self, model, message, **options):
        self._voip_refuse_senders([self._name, model])
        return super().message_process(model, message, **options)

    @api.model
    def _message_route_process(self, message, message_dict, routes):
        # A reply finds its record by its references, whatever model was named.
        self._voip_refuse_senders([route[0] for route in routes or ()])
        if is_automatic(message):
            self = self.with_context(voip_mail_automatic=True)
            idle = self._voip_is_idle
            routes = [r for r in routes or () if not idle(message_dict, *r[:2])]
        return super()._message_route_process(message, message_dict, routes)

    def _voip_is_idle(self, msg_dict, model, thread_id):
        """Whether an automatic mail would become a record without the file that it is
        about."""
        takes = getattr(self.env.get(model), "_mailed_files", None)
        if not takes or thread_id or any(takes(msg_dict)):
            return False
        _logger.info(
            "Automatic mail from %s to %s without a file is ignored, Message-Id %s",
            msg_dict.get("email_from"),
            msg_dict.get("to"),
            msg_dict.get("message_id"),
        )
        return True

    @api.model
    def message_new(self, msg_dict, custom_values=None):
        self._voip_refuse_senders([self._name])
        return super().message_new(msg_dict, custom_values)

    def message_update(self, msg_dict, update_vals=None):
        self._voip_refuse_senders([self._name])
        return super().message_update(msg_dict, update_vals)

    def message_get_followers(self, after=None, limit=100, filter_recipients=False):
        # Odoo tells who follows a record to those who may not read it, too.
        if self._name.startswith(SUITE):
            self.check_access("read")
        return super().message_get_followers(after, limit, filter_recipients)

    @api.model
    def _voip_refuse_senders(self, names):
        """:raises AccessError: a model is ours and the user is not the gateway's"""
        ours = any(str(name or "").startswith(SUITE) for name in names)
        if ours and not self.env.su and not self.env.user._is_system():
            raise AccessError(
                self.env._("Incoming mail is handed in by the mail gateway only.")
            )
