"""Taxes of an account's usage, as Odoo takes them for a line that is typed in."""

from dataclasses import dataclass, replace
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
# What Odoo finds the fiscal position of a partner by.
PLACE = (
    "property_account_position_id",
    "country_id",
    "state_id",
    "zip",
    "vat",
    "is_company",
)


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
    def of_price(self):
        """These terms without the taxes that count pieces or minutes."""
        return replace(
            self, original=_of_price(self.original), taxes=_of_price(self.taxes)
        )

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
        positions = accounts.bill_account_id._fiscal_positions()
        by_service = {service.id: service for service in services}
        rates, known, sold = {}, {}, {}
        nobody = self.env["res.partner"]
        for account_id, service_id in pairs:
            account, service = billed[account_id], by_service[service_id]
            sale = service, positions[account], account.company_id
            if sale not in sold:
                terms = account._sale_terms(service, positions[account])
                sold[sale] = terms, terms.by_quantity
            terms, by_quantity = sold[sale]
            # A tax that counts pieces may ask who pays.
            partner = account._invoice_partner() if by_quantity else nobody
            key = sale, account.currency_id, partner
            if key not in known:
                known[key] = account._tax_rate(terms, account.currency_id, partner)
            rates[account_id, service_id] = known[key]
        return rates

    def _fiscal_positions(self):
        """{account: fiscal position}, of many accounts at once.

        Most customers are a partner without other addresses: partners of one place are
        looked up once.
        """
        alone, found, places = self._alone(), {}, {}
        for company, accounts in self.grouped("company_id").items():
            position = self.env["account.fiscal.position"].with_company(company)
            # One recordset, so that Odoo reads all of them at once.
            partners = accounts.payer_id.partner_id.with_company(company)
            partners = {partner.id: partner for partner in partners}
            for account in accounts:
                partner = partners[account.payer_id.partner_id.id]
                if account.fiscal_position_id or partner.id not in alone:
                    found[account] = account._fiscal_position()
                    continue
                place = (company, *(partner[name] for name in PLACE))
                if place not in places:
                    places[place] = position._get_fiscal_position(partner)
                found[account] = places[place]
        return found

    def _alone(self):
        """Ids of paying partners that have neither contacts nor a parent."""
        partners = self.payer_id.partner_id
        self.env["res.partner"].flush_model(["parent_id"])
        self.env.cr.execute(ALONE_SQL, [partners.ids])
        return {row[0] for row in self.env.cr.fetchall()}

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


def _of_price(taxes):
    flat = taxes.flatten_taxes_hierarchy()
    return flat.filtered(lambda tax: tax.amount_type in OF_PRICE)


def _ratio(tax):
    return _exact(tax / BASE)


def _exact(number):
    return Decimal(repr(number)).quantize(PLACES)


ALONE_SQL = """
SELECT p.id FROM res_partner p
 WHERE p.id = ANY(%s) AND p.parent_id IS NULL
   AND NOT EXISTS (SELECT FROM res_partner c WHERE c.parent_id = p.id)
"""
