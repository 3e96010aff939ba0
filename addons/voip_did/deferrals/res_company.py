"""Where a company books rental that is charged in advance."""

from odoo import fields, models

LIABILITY = "[('account_type', 'in', ('liability_current', 'liability_non_current'))]"


class ResCompany(models.Model):
    _inherit = "res.company"

    voip_deferral_account_id = fields.Many2one(
        "account.account",
        string="Deferred Revenue Account",
        check_company=True,
        domain=LIABILITY,
        ondelete="restrict",
        help="Rental of numbers that is invoiced in advance waits here until its days"
        " are over. Empty: it is revenue with its invoice.",
    )
    voip_deferral_journal_id = fields.Many2one(
        "account.journal",
        string="Recognition Journal",
        check_company=True,
        domain="[('type', '=', 'general')]",
        ondelete="restrict",
        help="Empty: the first journal for miscellaneous entries.",
    )
    voip_deferral_day = fields.Integer(
        string="Month-End Is Done on Day",
        default=5,
        required=True,
        help="1 to 28, of the next month: when the invoices of the month are made.",
    )

    _voip_deferral_day = models.Constraint(
        "CHECK (voip_deferral_day BETWEEN 1 AND 28)",
        "The month-end is done on day 1 to 28 of the next month.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    voip_deferral_account_id = fields.Many2one(
        related="company_id.voip_deferral_account_id", readonly=False
    )
    voip_deferral_journal_id = fields.Many2one(
        related="company_id.voip_deferral_journal_id", readonly=False
    )
    voip_deferral_day = fields.Integer(
        related="company_id.voip_deferral_day", readonly=False
    )
