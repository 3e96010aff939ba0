"""Numbers in stock that are kept for an account, or free again before their time."""

from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.voip_billing_base.notice import notice

USUAL = timedelta(days=7)


class VoipDidAssign(models.TransientModel):
    _inherit = "voip.did.assign"

    mode = fields.Selection(
        selection_add=[("reserve", "Reserve"), ("unreserve", "End Reservation")],
        ondelete={name: "cascade" for name in ("reserve", "unreserve")},
    )
    reserved_until = fields.Datetime(
        default=lambda self: fields.Datetime.now().replace(second=0) + USUAL,
        help="Then the numbers are free again by themselves; 30 days at most.",
    )

    def action_apply(self):
        self._voip_use()
        self.ensure_one()
        if self.mode not in ("reserve", "unreserve"):
            return super().action_apply()
        self.did_ids.check_access("write")
        dids = self.env["voip.did"].with_company(self._one_company())
        dids = dids._lock_numbers(self.did_ids.mapped("number"))
        if self.mode == "unreserve":
            dids._end_reservation()
        elif not (self.account_id and self.reserved_until):
            raise UserError(
                self.env._("Choose the account and until when it is reserved.")
            )
        else:
            dids._reserve(self.account_id, self.reserved_until)
        return notice(self._done_text(len(dids)), "success")

    def _done_words(self, count):
        return {
            **super()._done_words(count),
            "reserve": (
                self.env._("1 number reserved."),
                self.env._("%s numbers reserved.", count),
            ),
            "unreserve": (
                self.env._("1 number is free again."),
                self.env._("%s numbers are free again.", count),
            ),
        }
