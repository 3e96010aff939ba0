"""The numbers of an account."""

from odoo import fields, models
from odoo.exceptions import UserError

# Numbers that a refusal lists.
SHOWN = 5


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
        """Adds numbers that it has now, or from a later day: nobody would pay them."""
        for account in self.sudo():
            held = self.env["voip.did.assignment"].sudo().search(
                [
                    ("account_id", "=", account.id),
                    "|",
                    ("date_end", "=", False),
                    ("date_end", ">=", account._did_today()),
                ],
                limit=SHOWN + 1,
            )
            if held:
                more = ["…"] if len(held) > SHOWN else []
                numbers = held[:SHOWN].did_id.mapped("number")
                raise UserError(
                    self.env._(
                        "%(account)s has numbers, now or from a later day: give"
                        " %(numbers)s back first.",
                        account=account.display_name,
                        numbers=", ".join(numbers + more),
                    )
                )
        return super()._refuse_dependants()

    def _charge_to_the_end(self):
        """Adds rental that an end nobody has looked at yet costs or gives back."""
        assignments = self.env["voip.did.assignment"].sudo()
        if self.id in assignments._accounts_due(self.company_id):
            assignments._charge_accounts(self.company_id.id, self.ids)
        return super()._charge_to_the_end()
