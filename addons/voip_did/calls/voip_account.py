"""Which numbers an account may show as caller."""

from odoo import fields, models

WAYS = [("accept", "Accept"), ("flag", "Accept and note"), ("refuse", "Refuse")]
NAMES = ("caller_of_others", "caller_foreign")


class VoipAccount(models.Model):
    _inherit = "voip.account"

    caller_of_others = fields.Selection(
        WAYS,
        string="Callers of Others",
        required=True,
        default="accept",
        help="Outbound calls that show a number of the inventory which is at another"
        " customer's account, or at none. Numbers of all accounts under the same"
        " topmost one are own numbers.",
    )
    caller_foreign = fields.Selection(
        WAYS,
        string="Foreign Callers",
        required=True,
        default="accept",
        help="Outbound calls that show a number which is not in the inventory, or an"
        " own one that is not two-way. Callers without a number are always accepted.",
    )
    did_caller_count = fields.Integer(
        string="Noted Callers", compute="_compute_did_caller_count"
    )

    def _compute_did_caller_count(self):
        groups = self.env["voip.did.caller"]._read_group(
            [("account_id", "in", self.ids)], ["account_id"], ["__count"]
        )
        counts = {account.id: count for account, count in groups}
        for account in self:
            account.did_caller_count = counts.get(account.id, 0)

    def write(self, vals):
        names = [name for name in NAMES if name in vals]
        before = {account: [account[name] for name in names] for account in self}
        result = super().write(vals)
        for account, said in before.items():
            after = [account[name] for name in names]
            if said != after:
                data = {
                    name: list(pair)
                    for name, *pair in zip(names, said, after, strict=True)
                }
                self.env["voip.audit"]._log("did_caller", account, data)
        return result

    def action_view_did_callers(self):
        return self._open_action(
            "voip_did.voip_did_caller_action", [("account_id", "in", self.ids)], {}
        )
