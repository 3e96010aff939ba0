"""Who receives which document of an account."""

from odoo import fields, models


class VoipAccountContact(models.Model):
    _name = "voip.account.contact"
    _inherit = ["voip.guard"]
    _description = "Account Contact"
    _order = "account_id, kind, id"
    _rec_name = "partner_id"
    _check_company_auto = True

    account_id = fields.Many2one(
        "voip.account",
        required=True,
        index=True,
        check_company=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="account_id.company_id", store=True, index=True
    )
    partner_id = fields.Many2one(
        "res.partner", required=True, string="Contact", check_company=True
    )
    kind = fields.Selection(
        [
            ("invoice", "Invoice"),
            ("statement", "Statement"),
            ("credit_note", "Credit note"),
            ("rates", "Rate changes"),
            ("alert", "Alerts and state"),
        ],
        string="Document",
        required=True,
        default="invoice",
    )

    _once = models.Constraint(
        "UNIQUE(account_id, partner_id, kind)",
        "This contact receives this document already.",
    )
