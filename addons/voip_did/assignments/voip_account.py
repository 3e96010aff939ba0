"""The numbers of an account."""

from odoo import fields, models
from odoo.exceptions import UserError


class VoipAccount(models.Model):
    _inherit = "voip.account"

    did_count = fields.Integer(string="Assigned Numbers", compute="_compute_did_count")

    def _compute_did_count(self):
        assignments = self.env["voip.did.assignment"]
        groups = assignments._read_group(
            [("account_id", "in", self.ids), *assignments._current_domain()],
            ["account_id"],
            ["__count"],
        )
        counts = {account.id: count for account, count in groups}
        for account in self:
            account.did_count = counts.get(account.id, 0)

    def action_view_dids(self):
        return self._open_action(
            "voip_did.voip_did_assignment_action",
            [("account_id", "child_of", self.ids)],
            {"search_default_current": 1, "default_account_id": self[:1].id},
        )

    def _did_today(self):
        """The day it is at the account."""
        self.ensure_one()
        return fields.Date.context_today(self.with_context(tz=self.tz))

    def _refuse_dependants(self):
        """:raises UserError: it has numbers, too"""
        for account in self.filtered("did_count"):
            raise UserError(
                self.env._(
                    "%(account)s has %(count)s numbers: give them back first.",
                    account=account.display_name,
                    count=account.did_count,
                )
            )
        return super()._refuse_dependants()
