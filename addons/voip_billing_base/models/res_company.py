"""Settings of a company: credit notes, the audit trail's anchor, test payments."""

from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    voip_credit_limit = fields.Monetary(
        string="Credit Notes without Approval up to",
        currency_field="currency_id",
        help="Where credit notes of one usage invoice come to more, taxes included, "
        "another user approves them. 0: none needs approval.",
    )

    voip_anchor_email = fields.Char(
        string="Mail the Audit Trail's Head to",
        help="Once a day the number and the hash of the last audit record are mailed "
        "to this address. A trail that was cut or computed anew does not have them.",
    )

    voip_test_payments = fields.Boolean(
        string="Take Test Payments",
        help="Money of payment providers in test mode raises balances: for trials only."
        " Without this it never gets into a wallet.",
    )

    _voip_credit_bounds = models.Constraint(
        "CHECK (voip_credit_limit BETWEEN 0 AND 1000000000000000)",
        "The amount up to which credit notes need no approval is 0 or more.",
    )

    def _billing_managers(self):
        """Active billing managers who work in this company."""
        group = self.env.ref("voip_billing_base.group_voip_manager").sudo()
        return group.all_user_ids.filtered(
            lambda user: user.active and self in user.company_ids
        )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    voip_credit_limit = fields.Monetary(
        related="company_id.voip_credit_limit",
        currency_field="currency_id",
        readonly=False,
    )
    voip_anchor_email = fields.Char(
        related="company_id.voip_anchor_email", readonly=False
    )
    voip_test_payments = fields.Boolean(
        related="company_id.voip_test_payments", readonly=False
    )

    def set_values(self):
        """Also refuse who may not change settings.

        Odoo leaves that to ``execute``. Called by itself, of no record, this empties
        what settings hold for everybody, whoever calls.

        :raises AccessError: the user may not change settings
        """
        self.check_access("write")
        return super().set_values()
