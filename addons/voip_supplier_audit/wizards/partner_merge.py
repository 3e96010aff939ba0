"""What merged suppliers taught: the one's that stays, where both have it."""

from odoo import models
from odoo.exceptions import UserError


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _voip_learned(self):
        return super()._voip_learned() | {
            "voip_supplier_map": ("partner_id", "company_id", "header_mark"),
            "voip_supplier_name": ("partner_id", "company_id", "plain_name"),
        }

    def _voip_refuse_facts(self, src_partners, dst_partner):
        """:raises UserError: what a supplier has once two of them have"""
        result = super()._voip_refuse_facts(src_partners, dst_partner)
        partners = src_partners | dst_partner
        columns = ("partner_id", "company_id", "number")
        if number := self._voip_twice("voip_supplier_invoice", columns, partners):
            raise UserError(
                self.env._(
                    "Two of %(names)s have sent an invoice %(number)s, and a supplier"
                    " has a number once. Use one of them from now on and archive the"
                    " others instead of merging.",
                    names=", ".join(partners.mapped("display_name")),
                    number=number,
                )
            )
        self._voip_refuse_agreements(partners)
        return result

    def _voip_refuse_agreements(self, partners):
        self.env.cr.execute(TWICE_SQL, {"all": partners.ids})
        found = self.env["res.partner"].browse(x for (x,) in self.env.cr.fetchall())
        if found:
            raise UserError(
                self.env._(
                    "Agreements with %s are valid on the same days, and with one"
                    " supplier there is one a day. Archive the one that no longer"
                    " counts, or give it a last day, then merge.",
                    ", ".join(found.mapped("display_name")),
                )
            )


TWICE_SQL = """
SELECT DISTINCT a.partner_id
  FROM voip_supplier_agreement a JOIN voip_supplier_agreement b
    ON b.company_id = a.company_id AND b.partner_id <> a.partner_id AND b.active
   AND daterange(a.date_from, a.date_to, '[]')
       && daterange(b.date_from, b.date_to, '[]')
 WHERE a.active AND a.partner_id = ANY(%(all)s) AND b.partner_id = ANY(%(all)s)
 ORDER BY 1
"""
