"""Who is mailed what is new with suppliers."""

from odoo import models

from ..const import ACTIVITY_ADDRESS, MANAGER


class ResCompany(models.Model):
    _inherit = "res.company"

    def _digest_managers(self):
        """The billing managers of the company who can be mailed.

        Who has no address is told so by an activity, or he would wait for mails that
        never come.
        """
        self.ensure_one()
        managers = self.env.ref(MANAGER).sudo().all_user_ids.filtered(
            lambda user: user.active and self in user.company_ids
        )
        mailed = managers.filtered("email")
        for user in managers - mailed:
            user._tell_without_address()
        mailed.partner_id.activity_unlink([ACTIVITY_ADDRESS])
        return mailed
