"""Settings of nettings."""

from odoo import fields, models
from odoo.exceptions import UserError


class ResCompany(models.Model):
    _inherit = "res.company"

    voip_netting_journal_id = fields.Many2one(
        "account.journal",
        string="Netting Journal",
        check_company=True,
        domain="[('type', '=', 'general')]",
        help="Entries of nettings are made in it. Empty: the first one for"
        " miscellaneous operations.",
    )
    voip_netting_threshold = fields.Monetary(
        string="Least Amount to Net",
        currency_field="currency_id",
        help="Where a netting comes to less, nothing is netted. 0: any amount is.",
    )
    voip_netting_days = fields.Integer(
        string="Days to Answer",
        required=True,
        default=14,
        help="How long the partner's link works.",
    )

    _voip_netting_threshold_bounds = models.Constraint(
        "CHECK (voip_netting_threshold BETWEEN 0 AND 1000000000000000)",
        "The least amount to net is 0 or more.",
    )
    _voip_netting_days_bounds = models.Constraint(
        "CHECK (voip_netting_days BETWEEN 1 AND 365)",
        "A link works for 1 to 365 days.",
    )

    def _voip_netting_journal(self):
        """The journal of netting entries.

        :raises UserError: there is none
        """
        self.ensure_one()
        if self.voip_netting_journal_id:
            return self.voip_netting_journal_id
        journals = self.env["account.journal"]
        found = journals.search(
            [
                *journals._check_company_domain(self),
                ("type", "=", "general"),
                ("id", "!=", self.currency_exchange_journal_id.id),
                ("id", "!=", self.tax_cash_basis_journal_id.id),
            ],
            limit=1,
        )
        if not found:
            raise UserError(
                self.env._(
                    "%s has no journal for miscellaneous operations: make one, or"
                    " choose the netting journal in the settings.",
                    self.name,
                )
            )
        return found


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    voip_netting_journal_id = fields.Many2one(
        related="company_id.voip_netting_journal_id", readonly=False
    )
    voip_netting_threshold = fields.Monetary(
        related="company_id.voip_netting_threshold",
        currency_field="currency_id",
        readonly=False,
    )
    voip_netting_days = fields.Integer(
        related="company_id.voip_netting_days", readonly=False
    )
