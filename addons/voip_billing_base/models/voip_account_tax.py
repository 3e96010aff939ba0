"""Taxes of an account's usage."""

from decimal import Decimal

from odoo import models

BASE = 1_000_000.0


class VoipAccount(models.Model):
    _inherit = "voip.account"

    def _fiscal_position(self):
        """The account's own fiscal position, else the one its payer's partner has."""
        self.ensure_one()
        partner = self.payer_id.partner_id
        return self.fiscal_position_id or self.env[
            "account.fiscal.position"
        ].with_company(self.company_id)._get_fiscal_position(partner)

    def _service_taxes(self, service):
        """Sale taxes of ``service`` for this account."""
        self.ensure_one()
        taxes = service.product_id.taxes_id._filter_taxes_by_company(self.company_id)
        return self._fiscal_position().map_tax(taxes)

    def _tax_ratio(self, service):
        """Estimated tax per unit of usage (Decimal, 8 decimals), for the wallet.

        The invoice computes the real tax; this makes prepaid balances honest meanwhile.
        """
        taxes = self._service_taxes(service)
        if not taxes:
            return Decimal(0)
        result = taxes.compute_all(
            BASE, currency=self.currency_id, partner=self.payer_id.partner_id
        )
        ratio = (result["total_included"] - BASE) / BASE
        return Decimal(f"{max(ratio, 0.0):.8f}")
