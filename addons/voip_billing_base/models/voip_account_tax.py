"""Taxes of an account's usage."""

from decimal import Decimal

from odoo import api, models

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

    @api.model
    def _tax_ratios(self, pairs):
        """Estimated tax per unit of usage (Decimal, 8 decimals), for the wallet.

        The invoice computes the real tax; this makes prepaid balances honest meanwhile.

        :param pairs: set of (account id, service id)
        :return: {(account id, service id): ratio}
        """
        # One recordset each, so that Odoo reads all of them at once.
        accounts = self.browse(sorted({account for account, _service in pairs}))
        services = self.env["voip.service"].browse({service for _a, service in pairs})
        by_account = {account.id: account for account in accounts}
        by_service = {service.id: service for service in services}
        ratios, known = {}, {}
        for account_id, service_id in pairs:
            account = by_account[account_id]
            taxes = account._service_taxes(by_service[service_id])
            key = (taxes, account.currency_id, account._tax_partner(taxes))
            if key not in known:
                known[key] = account._tax_ratio(*key)
            ratios[account_id, service_id] = known[key]
        return ratios

    def _tax_partner(self, taxes):
        """The partner, where a tax may depend on who pays."""
        plain = {"percent", "division", "fixed", "group"}
        if plain.issuperset(taxes.flatten_taxes_hierarchy().mapped("amount_type")):
            return self.env["res.partner"]
        return self.payer_id.partner_id

    def _tax_ratio(self, taxes, currency, partner):
        if not taxes:
            return Decimal(0)
        result = taxes.compute_all(BASE, currency=currency, partner=partner)
        ratio = (result["total_included"] - BASE) / BASE
        return Decimal(f"{max(ratio, 0.0):.8f}")
