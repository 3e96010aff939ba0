"""Services: what is sold, and the product that books it."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from .voip_shared import company_unless_all


class VoipService(models.Model):
    """Maps a kind of usage to a product, and so to income account and taxes."""

    _name = "voip.service"
    _inherit = ["voip.shared", "voip.guard"]
    _description = "VoIP Service"
    _order = "code, id"
    _rec_names_search = ["name", "code"]
    _check_company_auto = True
    _check_company_domain = models.check_company_domain_parent_of

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, help="SKU, for example TERM-INTL.")
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        index=True,
        default=lambda self: company_unless_all(self.env),
        help="Empty: for all companies.",
    )
    unit = fields.Selection(
        [("minute", "Minute"), ("unit", "Unit")], required=True, default="minute"
    )
    product_id = fields.Many2one(
        "product.product",
        required=True,
        check_company=True,
        ondelete="restrict",
        help="Its income account and customer taxes apply to the usage.",
    )

    _code_uniq = models.UniqueIndex(
        "(code, COALESCE(company_id, 0))", "This service code exists already."
    )

    # === CRUD METHODS === #

    @api.ondelete(at_uninstall=False)
    def _unlink_except_charged(self):
        charged = self.env["voip.usage.summary"].sudo()._first_of("service_id", self)
        if charged:
            raise UserError(
                self.env._(
                    "Service %s has charged usage: archive it instead.",
                    charged.service_id.code,
                )
            )
