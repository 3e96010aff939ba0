"""Numbers that are at an account: moved, suspended, working again."""

from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.voip_billing_base.notice import notice


class VoipDidAssign(models.TransientModel):
    _inherit = "voip.did.assign"

    mode = fields.Selection(
        selection_add=[
            ("move", "Move"),
            ("suspend", "Suspend"),
            ("resume", "End Suspension"),
        ],
        ondelete={name: "cascade" for name in ("move", "suspend", "resume")},
    )
    reason = fields.Char(help="Kept with the suspension and in the audit trail.")

    def action_apply(self):
        self._voip_use()
        self.ensure_one()
        if self.mode not in ("move", "suspend", "resume"):
            return super().action_apply()
        self.did_ids.check_access("write")
        if self.mode == "move":
            self._apply_move()
        elif self.mode == "suspend":
            self.did_ids._suspend(self.reason)
        else:
            self.did_ids._resume()
        return notice(self._done_text(len(self.did_ids)), "success")

    def _done_words(self, count):
        return {
            **super()._done_words(count),
            "move": (
                self.env._("1 number moved."),
                self.env._("%s numbers moved.", count),
            ),
            "suspend": (
                self.env._("1 number suspended."),
                self.env._("%s numbers suspended.", count),
            ),
            "resume": (
                self.env._("1 number works again."),
                self.env._("%s numbers work again.", count),
            ),
        }

    def _apply_move(self):
        if not (self.account_id and self.plan_id and self.date_start):
            raise UserError(
                self.env._("Choose the account, the plan and the first day.")
            )
        self.did_ids._move(self.account_id, self.plan_id, self.date_start)
