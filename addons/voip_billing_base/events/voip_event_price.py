"""Unit prices of usage events, for whom and where they count, and their tiers."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..const import PRICE
from ..fields import BigInteger, ExactFloat

PARTS = [
    ("usage", "Price"),
    ("carrier_fee", "Carrier fee"),
    ("surcharge", "Surcharge"),
]
TIERINGS = [
    ("flat", "One price"),
    ("progressive", "Progressive: each unit at its tier's price"),
    ("whole", "Whole volume: all units at the last tier's price"),
]
TEXTS = ("prefix", "campaign", "carrier", "model", "kind")
# What a price says for the same events; two of them never count on one day.
SAME = "COALESCE(account_id, 0)::text || '|' || part" + "".join(
    f" || '|' || lower(COALESCE({name}, ''))" for name in TEXTS
)


class VoipEventPrice(models.Model):
    """What units of an event type cost; of those that fit the most specific counts."""

    _name = "voip.event.price"
    _inherit = ["voip.dated.price"]
    _description = "Event Price"
    _order = "pricelist_id, type_id, part, prefix, effective_from desc, id"
    _rec_name = "label"
    _check_company_auto = True
    _priced = "event_price"

    pricelist_id = fields.Many2one(
        "voip.event.pricelist",
        string="Price List",
        required=True,
        index=True,
        check_company=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="pricelist_id.company_id", store=True, index=True
    )
    currency_id = fields.Many2one(related="pricelist_id.currency_id")
    side = fields.Selection(related="pricelist_id.side")
    type_id = fields.Many2one(
        "voip.usage.event.type",
        string="Event Type",
        required=True,
        index=True,
        check_company=True,
        ondelete="restrict",
    )
    part = fields.Selection(
        PARTS,
        required=True,
        default="usage",
        help="An event costs its price, and the carrier fee and surcharge that fit it.",
    )
    name = fields.Char(
        string="Invoice Text", help="What invoices call it. Empty: the event type."
    )
    label = fields.Char(compute="_compute_label")
    prefix = fields.Char(
        string="Destination",
        help="First digits of the number in the event's metadata 'to', with the country"
        " code. Empty: all.",
    )
    campaign = fields.Char(help="As the event's metadata 'campaign' says. Empty: all.")
    carrier = fields.Char(help="As the event's metadata 'carrier' says. Empty: all.")
    model = fields.Char(help="As the event's metadata 'model' says. Empty: all.")
    kind = fields.Char(
        help="As the event's metadata 'kind' says, such as input or output tokens."
        " Empty: all."
    )
    price = ExactFloat(required=True, aggregator=None, **PRICE)
    per = fields.Integer(
        string="For Units",
        required=True,
        default=1,
        aggregator=None,
        help="The price is for so many units: 1000 for a price per 1,000 tokens.",
    )
    free_units = fields.Integer(
        required=True,
        default=0,
        aggregator=None,
        help="The first units of each month that cost nothing, counted for each"
        " account.",
    )
    tiering = fields.Selection(
        TIERINGS,
        string="Tiers",
        required=True,
        default="flat",
        help="Tiers count the units of one account by this price in a month of its"
        " time zone.",
    )
    tier_ids = fields.One2many("voip.event.price.tier", "price_id", copy=True)

    _one_a_day = models.Constraint(
        "EXCLUDE USING gist (int4range(pricelist_id, pricelist_id, '[]') WITH =,"
        " int4range(type_id, type_id, '[]') WITH =,"
        f" numrange(hashtextextended({SAME}, 0)::numeric,"
        f" hashtextextended({SAME}, 0)::numeric, '[]') WITH =,"
        " daterange(effective_from, effective_to, '[]') WITH &&)",
        "The list has such a price on these days already: end that one first, or give"
        " this one other days.",
    )
    _bounds = models.Constraint(
        "CHECK (price BETWEEN 0 AND 1000000 AND per BETWEEN 1 AND 1000000000"
        " AND free_units BETWEEN 0 AND 1000000000)",
        "A price is 0 to 1,000,000, for 1 to 1,000,000,000 units; free units are 0 to"
        " 1,000,000,000.",
    )
    _prefix_form = models.Constraint(
        "CHECK (prefix IS NULL OR prefix ~ '^[0-9]{1,15}$')",
        "A destination is 1 to 15 digits, with the country code and without +.",
    )

    # === COMPUTE METHODS === #

    @api.depends("name", "type_id.name")
    def _compute_label(self):
        for price in self:
            price.label = price.name or price.type_id.name

    # === CONSTRAINT METHODS === #

    @api.constrains(
        "tiering", "tier_ids", "free_units", "effective_from", "effective_to", "part"
    )
    def _check_volume(self):
        """Volume counts for whole months, and on the customers' side only."""
        for price in self:
            if (price.tiering == "flat") == bool(price.tier_ids):
                raise ValidationError(
                    self.env._("%s: tiers need their kind and at least one line.")
                    % price.label
                )
            if not (price.tier_ids or price.free_units):
                continue
            if price.side == "cost" or price.part != "usage":
                raise ValidationError(
                    self.env._(
                        "%s: free units and tiers are for prices that customers pay.",
                        price.label,
                    )
                )
            end = price.effective_to
            if price.effective_from.day != 1 or (
                end and (end + timedelta(days=1)).day != 1
            ):
                raise ValidationError(
                    self.env._(
                        "%s: with free units or tiers a price begins on the first day"
                        " of a month and ends on the last one of a month.",
                        price.label,
                    )
                )

    @api.constrains("account_id", "pricelist_id")
    def _check_account(self):
        for price in self.filtered("account_id"):
            if price.side == "cost":
                raise ValidationError(
                    self.env._("%s: a supplier's price names no account.", price.label)
                )

    # === BUSINESS METHODS === #

    @api.model
    def _plain(self, vals):
        """Texts without outer spaces, a destination without + and spaces."""
        if not isinstance(vals, dict):
            return vals
        plain = dict(vals)
        for name in TEXTS:
            if isinstance(plain.get(name), str):
                plain[name] = plain[name].strip() or False
        if isinstance(plain.get("prefix"), str):
            plain["prefix"] = plain["prefix"].replace(" ", "").removeprefix("+")
        return plain

    def _terms(self):
        return {
            **super()._terms(),
            "pricelist_id": self.pricelist_id.id,
            "type_id": self.type_id.id,
            "part": self.part,
            "account_id": self.account_id.id,
            **{name: self[name] or "" for name in TEXTS},
            "price": f"{self.price:.8f}",
            "per": self.per,
            "free_units": self.free_units,
            "tiering": self.tiering,
            "tier_ids": "; ".join(
                f"{tier.from_unit}: {tier.price:.8f}" for tier in self.tier_ids
            ),
        }

    def _charged_until(self):
        self.env.cr.execute(CHARGED_UNTIL_SQL, [self.ids])
        return dict(self.env.cr.fetchall())


class VoipEventPriceTier(models.Model):
    """From which unit of the month on another price counts."""

    _name = "voip.event.price.tier"
    _inherit = ["voip.finite"]
    _description = "Tier of an Event Price"
    _order = "price_id, from_unit"
    _rec_name = "from_unit"
    _check_company_auto = True

    price_id = fields.Many2one(
        "voip.event.price",
        string="Event Price",
        required=True,
        index=True,
        check_company=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="price_id.company_id", store=True, index=True)
    from_unit = BigInteger(
        required=True,
        aggregator=None,
        help="The first unit of the month that this price counts for.",
    )
    price = ExactFloat(required=True, aggregator=None, **PRICE)

    _once = models.UniqueIndex(
        "(price_id, from_unit)", "This price has such a tier already."
    )
    _bounds = models.Constraint(
        "CHECK (price BETWEEN 0 AND 1000000"
        " AND from_unit BETWEEN 2 AND 1000000000000)",
        "A tier begins at unit 2 or later; its price is 0 to 1,000,000.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        tiers = super().create(vals_list)
        tiers.price_id._refuse_charged()
        return tiers

    def write(self, vals):
        self.price_id._refuse_charged()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_charged(self):
        self.price_id._refuse_charged()


# Account by account, each by the index: of a price there may be millions.
CHARGED_UNTIL_SQL = """
SELECT p.id, max(c.day)
  FROM voip_event_price p
  JOIN voip_account a ON a.company_id = p.company_id
 CROSS JOIN LATERAL (
       SELECT GREATEST(
              (SELECT max(local_day) FROM voip_usage_event_charge s
                WHERE s.price_id = p.id AND s.account_id = a.id),
              (SELECT max(local_day) FROM voip_usage_event_charge s
                WHERE s.cost_price_id = p.id AND s.account_id = a.id),
              (SELECT max(local_day) FROM voip_usage_event_charge s
                WHERE s.cost_carrier_fee_id = p.id AND s.account_id = a.id),
              (SELECT max(local_day) FROM voip_usage_event_charge s
                WHERE s.cost_surcharge_id = p.id AND s.account_id = a.id)) AS day) c
 WHERE p.id = ANY(%s) AND c.day IS NOT NULL
 GROUP BY 1
"""
