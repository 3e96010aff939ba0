from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.voip_billing_base.const import MONEY
from odoo.addons.voip_billing_base.fields import Amount, BigInteger


class VoipDisputeCall(models.Model):
    """A disputed call as it was rated, and whether the complaint is accepted."""

    _name = "voip.dispute.call"
    _inherit = ["voip.guard"]
    _description = "Disputed Call"
    _order = "started_at, id"
    _rec_name = "call_id"
    _check_company_auto = True

    dispute_id = fields.Many2one(
        "voip.dispute",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
        check_company=True,
    )
    company_id = fields.Many2one(
        related="dispute_id.company_id", store=True, precompute=True, index=True
    )
    state = fields.Selection(related="dispute_id.state", string="State of the Dispute")
    usage_id = BigInteger(
        string="Usage", required=True, readonly=True, index=True, aggregator=None
    )
    started_at = fields.Datetime(string="Start", readonly=True)
    call_id = fields.Char(string="Call ID", readonly=True)
    caller = fields.Char(readonly=True)
    called = fields.Char(readonly=True)
    label = fields.Char(string="Destination Name", readonly=True)
    duration_seconds = fields.Float(
        string="Duration (s)", digits=(12, 3), readonly=True
    )
    billed_seconds = fields.Integer(string="Billed (s)", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    amount = Amount(readonly=True, help="Before tax, as it was rated.", **MONEY)
    supplier_id = fields.Many2one("res.partner", readonly=True)
    cost = Amount(string="Cost (company currency)", readonly=True, **MONEY)
    is_accepted = fields.Boolean(
        string="Accepted",
        default=True,
        help="It is on the credit note that Accept makes.",
    )
    note = fields.Char(help="What was found about this call.")

    _once = models.UniqueIndex("(dispute_id, usage_id)", "A call is disputed once.")

    def write(self, vals):
        """What was found stays once the dispute is decided."""
        if not self.env.su:
            for dispute in self.sudo().dispute_id:
                dispute._refuse_ended()
        return super().write(vals)

    def action_view_usage(self):
        """The rated call."""
        self.check_access("read")
        self.ensure_one()
        usage = self.env["voip.usage"].search([("id", "=", self.usage_id)])
        if not usage:
            raise UserError(
                self.env._("The call %s is not among the rated calls.", self.call_id)
            )
        return {
            "type": "ir.actions.act_window",
            "res_model": "voip.usage",
            "res_id": usage.id,
            "views": [(False, "form")],
        }
