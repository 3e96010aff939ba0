"""Addresses of our records are of a company, as the records are."""

from odoo import fields, models


class MailAlias(models.Model):
    """Odoo shows all addresses to all internal users; ours say who a supplier is."""

    _inherit = "mail.alias"

    voip_company_id = fields.Many2one(
        "res.company",
        string="VoIP Billing Company",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
        help="Whose record has the address. Users of other companies do not see it.",
    )
