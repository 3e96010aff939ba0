"""Outbound calls that showed a number which is not the account's."""

from odoo import fields, models

from odoo.addons.voip_billing_base.charge.append_only import install_append_only
from odoo.addons.voip_billing_base.fields import BigInteger, Link

WHY = [("of_others", "Number of Others"), ("foreign", "Foreign Number")]


class VoipDidCaller(models.Model):
    """A rated call whose caller the account's setting has noted; once per call."""

    _name = "voip.did.caller"
    _inherit = ["voip.append.only"]
    _description = "Noted Caller"
    _order = "started_at desc, id desc"
    _rec_name = "caller"

    company_id = Link("res.company", required=True, readonly=True)
    account_id = Link("voip.account", required=True, readonly=True)
    cdr_id = BigInteger(string="Call", required=True, readonly=True, aggregator=None)
    started_at = fields.Datetime(string="Time", required=True, readonly=True)
    caller = fields.Char(required=True, readonly=True)
    holder_id = Link(
        "voip.account",
        string="Number Of",
        readonly=True,
        help="Who had the number at the time of the call.",
    )
    why = fields.Selection(WHY, required=True, readonly=True)

    _once = models.UniqueIndex("(cdr_id)", "This call is noted already.")
    _of_account = models.Index("(account_id, started_at)")

    def init(self):
        install_append_only(self.env.cr, self._table)

    def action_view_call(self):
        """The call record."""
        self.check_access("read")
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "voip.cdr",
            "res_id": self.cdr_id,
            "views": [(False, "form")],
        }
