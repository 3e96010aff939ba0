"""Price lists of usage events: what customers pay, and what suppliers ask."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..counts import counts_by


class VoipEventPricelist(models.Model):
    """Prices of event types in one currency, for customers or of a supplier."""

    _name = "voip.event.pricelist"
    _inherit = ["mail.thread", "voip.guard"]
    _description = "Event Price List"
    _order = "side desc, is_default desc, name, id"
    _rec_names_search = ["name", "code"]
    _check_company_auto = True

    name = fields.Char(required=True, translate=True, tracking=True)
    code = fields.Char(
        required=True,
        copy=False,
        tracking=True,
        help="Of a supplier's list it is what events name as their supplier.",
    )
    active = fields.Boolean(default=True, tracking=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    side = fields.Selection(
        [("sale", "Customers pay"), ("cost", "A supplier asks")],
        required=True,
        default="sale",
        tracking=True,
    )
    supplier_id = fields.Many2one(
        "res.partner",
        check_company=True,
        ondelete="restrict",
        index="btree_not_null",
        tracking=True,
    )
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
        tracking=True,
    )
    is_default = fields.Boolean(
        string="Default",
        tracking=True,
        help="Of customers: for accounts in this currency that have no list of their"
        " own. Of a supplier: for events that name no supplier.",
    )
    price_ids = fields.One2many("voip.event.price", "pricelist_id", copy=True)
    price_count = fields.Integer(string="Prices", compute="_compute_price_count")

    _code_uniq = models.Constraint(
        "UNIQUE (company_id, code)", "There is a price list with this code already."
    )
    _one_sale = models.UniqueIndex(
        "(company_id, currency_id) WHERE is_default AND active AND side = 'sale'",
        "Another price list is the default one of this currency.",
    )
    _one_cost = models.UniqueIndex(
        "(company_id) WHERE is_default AND active AND side = 'cost'",
        "Another supplier's price list is the default one.",
    )
    _supplier_given = models.Constraint(
        "CHECK ((side = 'cost') = (supplier_id IS NOT NULL))",
        "A price list of a supplier names it; one of customers names none.",
    )

    # === COMPUTE METHODS === #

    def _compute_price_count(self):
        counts = counts_by(self.env["voip.event.price"], "pricelist_id", self)
        for pricelist in self:
            pricelist.price_count = counts.get(pricelist, 0)

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        # The default of before may have been taken off just now.
        self.flush_model()
        return super().create(vals_list)

    def write(self, vals):
        if vals.keys() & {"side", "supplier_id", "currency_id", "company_id"}:
            for pricelist in self.filtered(lambda x: x.price_ids._charged_until()):
                raise UserError(
                    self.env._(
                        "%s has charged events: its side, supplier and currency stay."
                        " Make another price list instead.",
                        pricelist.name,
                    )
                )
        return super().write(vals)

    # === ACTION METHODS === #

    def action_view_prices(self):
        """Its prices as a list, to filter, import and export."""
        self.check_access("read")
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "voip_billing_base.voip_event_price_action"
        )
        return action | {
            "domain": [("pricelist_id", "=", self.id)],
            "context": {"default_pricelist_id": self.id},
        }


class VoipAccount(models.Model):
    _inherit = "voip.account"

    event_pricelist_id = fields.Many2one(
        "voip.event.pricelist",
        string="Event Price List",
        domain="[('side', '=', 'sale'), ('currency_id', '=', currency_id)]",
        check_company=True,
        ondelete="restrict",
        index="btree_not_null",
        tracking=True,
        help="What its messages, queries and other events cost. Empty: the default"
        " list of its currency.",
    )

    @api.constrains("event_pricelist_id", "currency_id")
    def _check_event_pricelist(self):
        for account in self:
            pricelist = account.event_pricelist_id
            if pricelist and (
                pricelist.side != "sale" or pricelist.currency_id != account.currency_id
            ):
                raise UserError(
                    self.env._(
                        "%(account)s: choose an event price list for customers in"
                        " %(currency)s.",
                        account=account.display_name,
                        currency=account.currency_id.name,
                    )
                )
