"""Taxes of an account's usage, as Odoo takes them for a line that is typed in."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from odoo import api, models

BASE = 1_000_000.0
# Amount types that Odoo computes from the price alone.
OF_PRICE = {"percent", "division", "group"}
PLACES = Decimal(1).scaleb(-8)


class TaxRate(NamedTuple):
    """Estimated tax: per unit of amount, of ``units`` and of ``seconds`` (Decimal)."""

    amount: Decimal
    units: Decimal = Decimal(0)
    seconds: Decimal = Decimal(0)


NO_TAX = TaxRate(Decimal(0))


@dataclass(frozen=True, slots=True)
class SaleTerms:
    """How a service is sold to an account.

    ``original`` are the taxes of its product, ``taxes`` those after the fiscal
    position.
    """

    product: Any
    unit: str
    original: Any
    taxes: Any

    @property
    def by_quantity(self):
        """Whether a tax counts pieces or minutes, not only money."""
        flat = self.taxes.flatten_taxes_hierarchy()
        return not OF_PRICE.issuperset(flat.mapped("amount_type"))

    @property
    def included(self):
        """Whether prices hold a tax."""
        return any(self.taxes.flatten_taxes_hierarchy().mapped("price_include"))

    def price(self, price):
        """``price`` (float) of a unit, changed where an included tax is mapped away."""
        return self.product._get_tax_included_unit_price_from_price(
            price, self.original, product_taxes_after_fp=self.taxes
        )


class VoipAccount(models.Model):
    _inherit = "voip.account"

    def _invoice_partner(self):
        """Who invoices are made out to: the payer's invoice address, else the payer."""
        self.ensure_one()
        partner = self.payer_id.partner_id
        return partner.browse(partner.address_get(["invoice"])["invoice"])

    def _fiscal_position(self):
        """The account's own fiscal position, else the one of where is delivered to."""
        self.ensure_one()
        if self.fiscal_position_id:
            return self.fiscal_position_id
        partner = self._invoice_partner()
        delivery = partner.browse(partner.address_get(["delivery"])["delivery"])
        position = self.env["account.fiscal.position"].with_company(self.company_id)
        return position._get_fiscal_position(partner, delivery=delivery)

    def _invoice_payment_term(self):
        """The account's own payment term, else the customer's; none: due at once."""
        partner = self._invoice_partner().with_company(self.company_id)
        return self.payment_term_id or partner.property_payment_term_id

    def _income_account(self, product, position):
        """The income account of ``product`` after ``position``, or none."""
        template = product.product_tmpl_id.with_company(self.company_id)
        return template.get_product_accounts(fiscal_pos=position)["income"]

    def _sale_terms(self, service, position):
        """:class:`SaleTerms` of ``service`` under a fiscal position."""
        self.ensure_one()
        company, product = self.company_id, service.product_id
        domain = self.env["account.tax"]._check_company_domain(company)
        taxes = product.taxes_id.filtered_domain(domain)
        if not taxes:
            income = self._income_account(product, position)
            taxes = income.tax_ids.filtered(lambda tax: tax.type_tax_use == "sale")
        taxes = taxes._filter_taxes_by_company(company)
        return SaleTerms(product, service.unit, taxes, position.map_tax(taxes))

    @api.model
    def _tax_rates(self, pairs):
        """Estimated taxes of usage, for the wallet.

        The invoice computes the real tax, from the same terms; this makes balances
        honest meanwhile.

        :param pairs: set of (account id, service id)
        :return: {(account id, service id): :class:`TaxRate`}
        """
        # One recordset each, so that Odoo reads all of them at once.
        accounts = self.browse(sorted({account for account, _service in pairs}))
        services = self.env["voip.service"].browse({service for _a, service in pairs})
        billed = {account.id: account.bill_account_id for account in accounts}
        by_service = {service.id: service for service in services}
        rates, known, positions = {}, {}, {}
        for account_id, service_id in pairs:
            account = billed[account_id]
            if account not in positions:
                positions[account] = account._fiscal_position()
            terms = account._sale_terms(by_service[service_id], positions[account])
            key = account._tax_key(terms)
            if key not in known:
                known[key] = account._tax_rate(terms, *key[-2:])
            rates[account_id, service_id] = known[key]
        return rates

    def _tax_key(self, terms):
        """What a tax rate depends on; the partner where a tax may ask who pays."""
        plain, partner = not terms.by_quantity, self.env["res.partner"]
        if not plain:
            partner = self._invoice_partner()
        product = False if plain else terms.product
        return (
            terms.original,
            terms.taxes,
            product,
            terms.unit,
            self.currency_id,
            partner,
        )

    def _tax_rate(self, terms, currency, partner):
        if not (terms.taxes or terms.original):
            return NO_TAX

        def total(quantity):
            result = terms.taxes.compute_all(
                terms.price(BASE / quantity),
                currency=currency,
                quantity=quantity,
                product=terms.product,
                partner=partner,
            )
            return result["total_included"]

        if not terms.by_quantity:
            return TaxRate(_ratio(total(1.0) - BASE))
        piece = (total(2 * BASE) - total(BASE)) / BASE
        amount = _ratio(total(BASE) - BASE - piece * BASE)
        if terms.unit == "minute":
            return TaxRate(amount, seconds=_exact(piece / 60))
        return TaxRate(amount, units=_exact(piece))


def _ratio(tax):
    return _exact(tax / BASE)


def _exact(number):
    return Decimal(repr(number)).quantize(PLACES)
