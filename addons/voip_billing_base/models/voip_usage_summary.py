"""Usage summaries: what an invoice line adds up instead of millions of calls."""

from odoo import fields, models

from ..const import MONEY, PRICE
from ..fields import Amount, BigInteger, ExactFloat


class VoipUsageSummary(models.Model):
    """Sum of rated usage of one account, service, local day, destination and price.

    Written by SQL in the transaction of the batch that rated the usage. Once billed
    (``move_line_id`` set) a summary never changes: a late record opens a new one.
    """

    _name = "voip.usage.summary"
    _description = "Usage Summary"
    _log_access = False
    _order = "local_day desc, id desc"
    _rec_name = "label"

    company_id = fields.Many2one(
        "res.company", required=True, index=True, readonly=True
    )
    account_id = fields.Many2one(
        "voip.account", required=True, readonly=True, ondelete="restrict"
    )
    payer_id = fields.Many2one(
        "voip.account",
        string="Paid by",
        required=True,
        readonly=True,
        ondelete="restrict",
        index=True,
    )
    service_id = fields.Many2one(
        "voip.service", required=True, readonly=True, ondelete="restrict"
    )
    local_day = fields.Date(
        required=True,
        readonly=True,
        help="Day in the account's time zone.",
    )
    label = fields.Char(string="Destination Name", required=True, readonly=True)
    unit_price = ExactFloat(**PRICE, readonly=True, aggregator="avg", required=True)
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    late = fields.Boolean(
        readonly=True, help="Its day was already invoiced when the usage arrived."
    )
    attempts = BigInteger(
        readonly=True, help="All records, answered or not; the base of ASR."
    )
    calls = BigInteger(readonly=True, help="Answered calls or counted events.")
    units = BigInteger(readonly=True)
    seconds = BigInteger(string="Billed (s)", readonly=True)
    minutes = fields.Float(
        compute="_compute_minutes", digits=(16, 4), string="Billed (min)"
    )
    amount = Amount(**MONEY, readonly=True)
    tax = Amount(string="Estimated Tax", **MONEY, readonly=True, aggregator="sum")
    amount_company = Amount(
        string="Sale (company currency)",
        **MONEY,
        readonly=True,
        groups="voip_billing_base.group_voip_viewer",
    )
    cost = Amount(
        string="Cost (company currency)",
        **MONEY,
        readonly=True,
        groups="voip_billing_base.group_voip_viewer",
    )
    move_line_id = fields.Many2one(
        "account.move.line",
        string="Invoice Line",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    move_id = fields.Many2one(
        "account.move",
        string="Invoice",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )

    _open_key = models.UniqueIndex(
        "(account_id, local_day, service_id, label, unit_price, payer_id, currency_id,"
        " late) WHERE move_line_id IS NULL",
        "An open usage summary of this key exists already.",
    )
    _open_account = models.Index("(account_id, local_day) WHERE move_line_id IS NULL")
    _bounds = models.Constraint(
        "CHECK (amount BETWEEN -1000000000000000 AND 1000000000000000"
        " AND tax BETWEEN -1000000000000000 AND 1000000000000000"
        " AND cost BETWEEN -1000000000000000 AND 1000000000000000"
        " AND amount_company BETWEEN -1000000000000000 AND 1000000000000000"
        " AND unit_price BETWEEN 0 AND 1000000000)",
        "A usage summary is out of bounds.",
    )

    def init(self):
        # Written by every charge; voip_rating makes it a link to its destinations.
        self.env.cr.execute(
            "ALTER TABLE voip_usage_summary"
            " ADD COLUMN IF NOT EXISTS destination_id integer"
        )

    def _compute_minutes(self):
        for summary in self:
            summary.minutes = summary.seconds / 60.0

    def action_view_usage(self):
        """The calls behind these summaries."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "voip_billing_base.voip_usage_action"
        )
        action["domain"] = [("summary_id", "in", self.ids)]
        action["context"] = {}
        return action
