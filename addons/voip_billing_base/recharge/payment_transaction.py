"""Online payments: the account they are for, and no money of a test provider."""

import logging

from odoo import fields, models

_logger = logging.getLogger(__name__)


class PaymentTransaction(models.Model):
    """A top-up names its account; other payments name that of what they pay."""

    _inherit = "payment.transaction"

    voip_account_id = fields.Many2one(
        "voip.account",
        string="VoIP Account",
        index="btree_not_null",
        readonly=True,
        ondelete="restrict",
        help="The account that is topped up.",
    )

    def _create_payment(self, **extra_create_values):
        topup = self.sudo().voip_account_id
        accounts = topup or self.invoice_ids.sudo().line_ids.voip_account_id
        if len(accounts) == 1:
            extra_create_values.setdefault("voip_account_id", accounts.id)
        if topup:
            extra_create_values["voip_topup"] = True
        return super()._create_payment(**extra_create_values)

    def _post_process(self):
        """A test provider's money stays out of live wallets, however it was paid."""
        false = self.filtered(lambda tx: tx.state == "done" and tx._voip_is_play())
        for tx in false:
            _logger.warning(
                "Transaction %s of the test provider %s raises no wallet: company %s"
                " takes no test payments.",
                tx.reference,
                tx.provider_id.name,
                tx.company_id.name,
            )
        result = super(PaymentTransaction, self - false)._post_process()
        # Odoo would take it up again and again.
        false.is_post_processed = True
        self.env["voip.recharge"].sudo()._settle(self)
        return result

    def _voip_is_play(self):
        """Whether it would put a test provider's money into a live wallet."""
        self_sudo = self.sudo()
        if self_sudo.provider_id.state != "test":
            return False
        if self_sudo.company_id.voip_test_payments:
            return False
        customer = self_sudo.partner_id.commercial_partner_id
        accounts = self_sudo.env["voip.account"].with_context(active_test=False)
        domain = [
            ("partner_id", "child_of", customer.ids),
            ("company_id", "child_of", self_sudo.company_id.ids),
        ]
        return bool(
            self_sudo.voip_account_id or accounts.search_count(domain, limit=1)
        )
