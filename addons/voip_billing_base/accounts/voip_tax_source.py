"""What the taxes of an invoice depend on tells when it changes."""

from odoo import api, models


class VoipTaxSource(models.AbstractModel):
    """A record whose change may change taxes of usage that is not invoiced.

    ``_voip_tax_fields`` names what matters; a model that has none takes all.
    """

    _name = "voip.tax.source"
    _description = "Source of Taxes"

    _voip_tax_fields = frozenset()

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        self._voip_tell_taxes(records, set().union(*vals_list))
        return records

    def write(self, vals):
        result = super().write(vals)
        self._voip_tell_taxes(self, set(vals))
        return result

    def _voip_tell_taxes(self, records, names):
        named = self._voip_tax_fields
        if (not named or named & names) and records._voip_tax_concerned():
            self.env["voip.account"]._renew_tax_soon()

    def _voip_tax_concerned(self):
        return True


class AccountTax(models.Model):
    _name = "account.tax"
    _inherit = ["account.tax", "voip.tax.source"]

    _voip_tax_fields = frozenset(
        (
            "active",
            "amount",
            "amount_type",
            "children_tax_ids",
            "fiscal_position_ids",
            "include_base_amount",
            "invoice_repartition_line_ids",
            "is_base_affected",
            "original_tax_ids",
            "price_include_override",
            "sequence",
        )
    )


class AccountFiscalPosition(models.Model):
    _name = "account.fiscal.position"
    _inherit = ["account.fiscal.position", "voip.tax.source"]


class AccountAccount(models.Model):
    _name = "account.account"
    _inherit = ["account.account", "voip.tax.source"]

    _voip_tax_fields = frozenset(("tax_ids",))


class ProductTemplate(models.Model):
    _name = "product.template"
    _inherit = ["product.template", "voip.tax.source"]

    _voip_tax_fields = frozenset(("taxes_id", "property_account_income_id", "categ_id"))

    def _voip_tax_concerned(self):
        services = self.env["voip.service"].sudo()
        ours = [("product_id.product_tmpl_id", "in", self.ids)]
        return bool(services.search_count(ours, limit=1))


class ResCompany(models.Model):
    _name = "res.company"
    _inherit = ["res.company", "voip.tax.source"]

    _voip_tax_fields = frozenset(("account_price_include", "country_id", "vat"))


class ResPartner(models.Model):
    _name = "res.partner"
    _inherit = ["res.partner", "voip.tax.source"]

    _voip_tax_fields = frozenset(
        (
            "active",
            "country_id",
            "parent_id",
            "property_account_position_id",
            "state_id",
            "type",
            "vat",
            "zip",
        )
    )

    def _voip_tax_concerned(self):
        accounts = self.env["voip.account"].sudo()
        owners = self.sudo().commercial_partner_id.ids
        ours = [("partner_id.commercial_partner_id", "in", owners)]
        return bool(accounts.search_count(ours, limit=1))


class VoipService(models.Model):
    _name = "voip.service"
    _inherit = ["voip.service", "voip.tax.source"]

    _voip_tax_fields = frozenset(("product_id", "unit"))


class VoipAccount(models.Model):
    _name = "voip.account"
    _inherit = ["voip.account", "voip.tax.source"]

    _voip_tax_fields = frozenset(
        (
            "consolidated_billing",
            "fiscal_position_id",
            "parent_id",
            "partner_id",
            "pay_by_parent",
        )
    )
