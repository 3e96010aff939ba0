from odoo import api, fields, models

from odoo.addons.voip_billing_base.fields import ExactFloat

from ..sheets.row import ALWAYS

STATUSES = [
    ("new", "New"),
    ("increased", "Increase"),
    ("decreased", "Decrease"),
    ("closed", "Closed"),
    ("unchanged", "Unchanged"),
]
PRICE = {"digits": (18, 8), "readonly": True, "aggregator": None}


class VoipRateNoticeRow(models.Model):
    """What a notice says of one code; written in SQL."""

    _name = "voip.rate.notice.row"
    _inherit = ["voip.guard"]
    _description = "VoIP Rate Notice Row"
    _log_access = False
    _order = "prefix, starts, id"
    _rec_name = "prefix"
    _check_company_auto = True

    notice_id = fields.Many2one(
        "voip.rate.notice",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
        check_company=True,
    )
    company_id = fields.Many2one(
        related="notice_id.company_id", store=True, precompute=True
    )
    currency_id = fields.Many2one(related="notice_id.currency_id")
    prefix = fields.Char(string="Code", readonly=True)
    origin_prefix = fields.Char(string="Origin", readonly=True)
    label = fields.Char(string="Destination", readonly=True)
    status = fields.Selection(STATUSES, required=True, readonly=True, default="new")
    old_price = ExactFloat(help="As it was announced before.", **PRICE)
    price = ExactFloat(string="New Price", **PRICE)
    connect_fee = ExactFloat(**PRICE)
    first_price = ExactFloat(
        string="First Increment Price",
        compute="_compute_of_terms",
        help="Price per minute of the first increment.",
        **PRICE,
    )
    attempt_fee = ExactFloat(compute="_compute_of_terms", **PRICE)
    has_first_price = fields.Boolean(compute="_compute_of_terms")
    initial_increment = fields.Integer(
        string="Initial", readonly=True, aggregator=None, help="Seconds."
    )
    next_increment = fields.Integer(
        string="Next", readonly=True, aggregator=None, help="Seconds."
    )
    starts = fields.Datetime(string="Valid From", readonly=True)
    reason = fields.Char(
        string="Reason for Shorter Notice",
        readonly=True,
        help="Why a manager let the change be valid before its notice was due.",
    )
    terms = fields.Json(readonly=True)
    is_always = fields.Boolean(compute="_compute_is_always")

    _told_idx = models.Index("(prefix, notice_id)")

    # === COMPUTE METHODS === #

    @api.depends("terms")
    def _compute_of_terms(self):
        """Prices that few rows have; JSON would be read as float."""
        self.env.cr.execute(
            "SELECT id, terms->>'first_price', terms->>'attempt_fee'"
            "  FROM voip_rate_notice_row WHERE id = ANY(%s)",
            [self.ids],
        )
        found = {row_id: prices for row_id, *prices in self.env.cr.fetchall()}
        for row in self:
            first, fee = found.get(row.id, (None, None))
            row.first_price = first or 0
            row.attempt_fee = fee or 0
            row.has_first_price = first is not None

    @api.depends("starts")
    def _compute_is_always(self):
        """The price has no beginning that anybody would name."""
        for row in self:
            row.is_always = fields.Datetime.to_string(row.starts) == ALWAYS
