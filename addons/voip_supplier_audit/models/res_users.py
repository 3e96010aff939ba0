"""A billing manager without an address is told what he misses."""

from odoo import models

from ..const import ACTIVITY_ADDRESS


class ResUsers(models.Model):
    _inherit = "res.users"

    def _tell_without_address(self):
        """An activity of the user's own, once until it is done."""
        # Nor is he mailed that he has something to do.
        partner = self.partner_id.with_context(
            lang=self.lang, mail_activity_quick_update=True
        )
        known = self.env["mail.activity"].search_count(
            [
                ("res_model", "=", "res.partner"),
                ("res_id", "=", partner.id),
                ("user_id", "=", self.id),
                ("activity_type_id", "=", self.env.ref(ACTIVITY_ADDRESS).id),
            ],
            limit=1,
        )
        if not known:
            partner.activity_schedule(
                ACTIVITY_ADDRESS,
                user_id=self.id,
                note=partner.env._(
                    "What is new with suppliers is mailed to billing managers once a"
                    " day. You have no e-mail address: enter one under My Preferences."
                ),
            )
