from odoo import api, fields, models

from odoo.addons.voip_billing_base.fields import ExactFloat, Link

STATUSES = [
    ("new", "New"),
    ("increased", "Increased"),
    ("decreased", "Decreased"),
    ("changed", "Changed"),
    ("unchanged", "Unchanged"),
    ("closed", "Closed"),
    ("duplicate", "Duplicate"),
    ("faulty", "Faulty"),
]


class VoipRateImportRow(models.Model):
    """What one code of a rate sheet does to the deck; written in SQL."""

    _name = "voip.rate.import.row"
    _inherit = ["voip.rate.import.part"]
    _description = "VoIP Rate Sheet Row"
    _log_access = False
    _order = "number, prefix, id"
    _rec_name = "prefix"

    # Found by the index of statuses; the import takes its rows away with it.
    import_id = Link(index=False)
    # The sheet's, whose own foreign key holds the company.
    company_id = Link(
        "res.company", related="import_id.company_id", store=True, precompute=True
    )
    currency_id = fields.Many2one(related="import_id.currency_id")
    number = fields.Integer(
        string="Row",
        required=True,
        readonly=True,
        default=0,
        aggregator=None,
        help="In the sheet. 0: no row mentions this code.",
    )
    prefix = fields.Char(string="Code", readonly=True)
    origin_prefix = fields.Char(string="Origin", readonly=True)
    label = fields.Char(string="Destination", readonly=True)
    price = ExactFloat(
        string="New Price", digits=(18, 8), readonly=True, aggregator=None
    )
    old_price = ExactFloat(digits=(18, 8), readonly=True, aggregator=None)
    change = fields.Float(
        string="Change %", digits=(24, 2), readonly=True, aggregator=None
    )
    is_priceless = fields.Boolean(compute="_compute_is_priceless")
    status = fields.Selection(STATUSES, required=True, readonly=True, default="new")
    reason = fields.Text(readonly=True)
    starts = fields.Datetime(string="Valid From", readonly=True)
    ends = fields.Datetime(string="Valid Until", readonly=True)
    falls_to = fields.Char(
        string="Falls Back To",
        readonly=True,
        help="The shorter code that takes over when this one is closed. Empty: calls "
        "have no price then.",
    )
    falls_price = ExactFloat(
        string="Price There", digits=(18, 8), readonly=True, aggregator=None
    )

    stated_from = fields.Datetime(
        readonly=True,
        help="What the sheet says. It was announced too late, so it may be valid only "
        "from the agreed date on.",
    )
    agreed_from = fields.Datetime(
        compute="_compute_agreed_from",
        help="From when on a change that was announced too late costs more.",
    )

    _status_idx = models.Index("(import_id, status)")

    # === COMPUTE METHODS === #

    @api.depends("status", "price")
    def _compute_is_priceless(self):
        """A row whose price would be shown as zero because it has none."""
        self.env.cr.execute(
            "SELECT id FROM voip_rate_import_row WHERE id = ANY(%s) AND price IS NULL",
            [self.ids],
        )
        without = {row_id for (row_id,) in self.env.cr.fetchall()}
        for row in self:
            priceless = row.status in ("closed", "faulty", "duplicate")
            row.is_priceless = row.id in without or (priceless and not row.price)

    @api.depends("stated_from", "starts")
    def _compute_agreed_from(self):
        for row in self:
            row.agreed_from = row.stated_from and row.starts
