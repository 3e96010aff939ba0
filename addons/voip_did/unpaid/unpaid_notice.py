"""Customer and staff are told of rental that a wallet cannot pay."""

from markupsafe import escape

from odoo import models

UNPAID = "voip_did.mail_activity_unpaid"
SHOWN = 20


class VoipAccount(models.Model):
    _inherit = "voip.account"

    def _tell_unpaid(self, ones):
        """Once for each number: a mail to the customer, a task for the managers.

        :param ones: assignments of this account that nobody was told of
        """
        if not ones:
            return
        ones.write({"unpaid_told": True})
        grace = min(ones.plan_id.mapped("grace_days"))
        self._mail_numbers("voip_did.mail_template_unpaid", ones, grace)
        told = self.activity_search([UNPAID]).user_id
        note = self.env._("The wallet cannot pay the rental of: %s", _names(ones))
        for user in self._billing_managers() - told:
            quick = self.with_context(mail_activity_quick_update=True)
            quick.activity_schedule(UNPAID, note=escape(note), user_id=user.id)

    def _tell_released(self, ones):
        self._mail_numbers("voip_did.mail_template_taken_back", ones, 0)
        note = self.env._("Taken back, the rental was not paid: %s", _names(ones))
        self.message_post(body=note)

    def _grace_text(self, days):
        """Until when a customer may pay, as he reads it."""
        if not days:
            return self.env._(
                "Please top up; until there is enough credit these numbers are"
                " suspended."
            )
        if days == 1:
            return self.env._(
                "Please top up within 1 day; after that these numbers are suspended"
                " until there is enough credit."
            )
        return self.env._(
            "Please top up within %s days; after that these numbers are suspended until"
            " there is enough credit.",
            days,
        )

    def _mail_numbers(self, template, ones, grace):
        def words(account):
            plans = ones.plan_id.with_env(account.env)
            rules = {plan._unpaid_rule() for plan in plans} - {""}
            return {
                "voip_numbers": _names(ones),
                "voip_top_up": account._grace_text(grace),
                "voip_rule": " ".join(sorted(rules)),
            }

        self._mail_alert(template, words)

    def _untell_unpaid(self):
        """Close the tasks of accounts that have paid all of it."""
        waiting = self.env["voip.did.assignment"].sudo()
        waiting = waiting.search(
            [("account_id", "in", self.ids), ("unpaid_since", "!=", False)]
        )
        (self - waiting.account_id).sudo().activity_unlink([UNPAID])


def _names(ones):
    names = sorted(ones.did_id.mapped("display_name"))
    more = [f"(+{len(names) - SHOWN})"] if len(names) > SHOWN else []
    return ", ".join(names[:SHOWN] + more)
