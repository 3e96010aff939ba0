"""Month-ends that the schedule cannot do: told once, tried again each day."""

import logging

from markupsafe import escape

from odoo import models

from odoo.addons.voip_billing_base.charge.retry import temporary_kind

_logger = logging.getLogger(__name__)
MONTH_END = "voip_did.mail_activity_month_end"


class ResCompany(models.Model):
    _inherit = "res.company"

    def _month_end_failed(self, error):
        """Have the billing managers know why, by one open activity for each.

        It stands at the company's contact, and says what is amiss now. What passes by
        itself is tried again the next day, and only logged.
        """
        self.ensure_one()
        if temporary_kind(error):
            _logger.warning("month-end of company %s is put off: %s", self.id, error)
            return
        _logger.error("month-end of company %s failed", self.id, exc_info=error)
        note = escape(
            self.env._(
                "The month-end of deferred revenue is not done: %(why)s It is tried"
                " again each day, and by Do Month-End in Numbers, Deferred Revenue.",
                why=self.env["voip.job"]._sentence(None, error),
            )
        )
        contact = self.partner_id.with_context(mail_activity_quick_update=True)
        told = contact.activity_search([MONTH_END])
        told.note = note
        for user in self._billing_managers() - told.user_id:
            contact.activity_schedule(MONTH_END, note=note, user_id=user.id)

    def _month_end_done(self):
        self.ensure_one()
        self.sudo().partner_id.activity_unlink([MONTH_END])
