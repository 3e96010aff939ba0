"""To whom a mail goes."""

from odoo import fields, models

from .states import RECIPIENT_STATES


class VoipDeliveryRecipient(models.Model):
    _name = "voip.delivery.recipient"
    _inherit = ["voip.guard"]
    _description = "Recipient of a Mail"
    _order = "delivery_id, id"
    _rec_name = "email"
    _check_company_auto = True

    delivery_id = fields.Many2one(
        "voip.delivery",
        string="Mail",
        required=True,
        readonly=True,
        index=True,
        check_company=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="delivery_id.company_id", store=True, index=True
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Contact",
        readonly=True,
        check_company=True,
        ondelete="restrict",
    )
    email = fields.Char(string="Address", required=True, readonly=True)
    state = fields.Selection(
        RECIPIENT_STATES, required=True, readonly=True, default="waiting"
    )
    reason = fields.Char(readonly=True)

    _once = models.Constraint(
        "UNIQUE(delivery_id, email)", "An address gets a mail once."
    )
