"""Statements that were queued for customers before they were merged: all of them stay,
though a customer has one of the same days."""

from odoo import models

# Of several of the same days that of the customer who stays, else the first, is his.
MARK = """
UPDATE voip_delivery d SET is_merged = TRUE
  FROM (SELECT id, row_number() OVER (
               PARTITION BY company_id, kind, date_from, date_to, lang
               ORDER BY partner_id = %(kept)s DESC, is_merged IS TRUE, id) AS place
          FROM voip_delivery
         WHERE partner_id = ANY(%(all)s) AND account_id IS NULL
           AND date_to IS NOT NULL AND resend_of_id IS NULL
           AND state <> 'cancelled') x
 WHERE x.id = d.id AND x.place > 1
"""


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        self.env.flush_all()
        partners = src_partners | dst_partner
        self.env.cr.execute(MARK, {"kept": dst_partner.id, "all": partners.ids})
        return super()._update_foreign_keys(src_partners, dst_partner)
