from odoo import api, fields, models

from ..exports.comparison import TABLE

LOSS = "loss"


class VoipRateComparisonLine(models.TransientModel):
    """One code in one of our decks and in the suppliers'; written in SQL.

    The table has no foreign keys: checking five of each line would take as long as all
    else. Lines are deleted with their comparison, and swept as those of wizards are.
    """

    _name = "voip.rate.comparison.line"
    _inherit = ["voip.guard"]
    _description = "Compared Code"
    _order = "prefix, deck_id, id"
    _rec_name = "prefix"
    _auto = False
    _log_access = True

    comparison_id = fields.Many2one("voip.rate.comparison")
    currency_id = fields.Many2one(related="comparison_id.currency_id")
    prefix = fields.Char(string="Code", readonly=True)
    label = fields.Char(string="Destination", readonly=True)
    deck_id = fields.Many2one("voip.rate.deck", string="Our Deck", readonly=True)
    sold_prefix = fields.Char(
        string="Sold As", readonly=True, help="The code whose price our deck gives."
    )
    price = fields.Float(
        string="Our Price", digits=(18, 8), readonly=True, aggregator=None
    )
    cost_deck_id = fields.Many2one(
        "voip.rate.deck", string="Cheapest Supplier", readonly=True
    )
    cost = fields.Float(
        string="Cheapest", digits=(18, 8), readonly=True, aggregator=None
    )
    spread = fields.Float(
        digits=(18, 8),
        readonly=True,
        aggregator=None,
        help="From the cheapest supplier to the dearest.",
    )
    margin = fields.Float(
        string="Margin per Minute", digits=(18, 8), readonly=True, aggregator="avg"
    )
    margin_percent = fields.Float(
        string="Margin %", digits=(24, 2), readonly=True, aggregator="avg"
    )
    result = fields.Selection(
        [
            ("profit", "Profit"),
            ("even", "At cost"),
            (LOSS, "Loss"),
            ("no_cost", "No supplier"),
            ("not_sold", "Not sold"),
        ],
        readonly=True,
        help="Our price against the cheapest supplier.",
    )
    offers = fields.Json(readonly=True)
    offer_text = fields.Char(string="Suppliers", compute="_compute_offer_text")
    has_price = fields.Boolean(compute="_compute_has")
    has_cost = fields.Boolean(compute="_compute_has")

    def init(self):
        self.env.cr.execute(TABLE)

    # === COMPUTE METHODS === #

    @api.depends("offers")
    def _compute_offer_text(self):
        for comparison, lines in self.grouped("comparison_id").items():
            names = comparison._supplier_names()
            for line in lines:
                line.offer_text = " · ".join(
                    f"{names.get(deck, '')} {price}"
                    for deck, price in line.offers or ()
                )

    @api.depends("result")
    def _compute_has(self):
        for line in self:
            both = line.result in ("profit", "even", LOSS)
            line.has_price = both or line.result == "no_cost"
            line.has_cost = both or (line.result == "not_sold" and bool(line.offers))
