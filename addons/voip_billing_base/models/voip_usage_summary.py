"""Usage summaries: what an invoice line adds up instead of millions of calls."""

from odoo import fields, models

from ..charge.room import leave_room
from ..const import MONEY, PRICE
from ..fields import Amount, BigInteger, ExactFloat, Link


class VoipUsageSummary(models.Model):
    """Sum of rated usage of one account, service, local day, destination and price.

    ``facets`` is an object of what else an invoice line must tell apart; it grows by
    names, so that new kinds of usage leave old rows as they are.

    Written by SQL in the transaction of the batch that rated the usage. Once billed
    (``move_line_id`` set) a summary never changes: a late record opens a new one.
    """

    _name = "voip.usage.summary"
    _inherit = ["voip.guard"]
    _description = "Usage Summary"
    _log_access = False
    _order = "local_day desc, id desc"
    _rec_name = "label"

    company_id = Link("res.company", required=True, readonly=True)
    account_id = Link("voip.account", required=True, readonly=True)
    payer_id = Link("voip.account", string="Paid by", required=True, readonly=True)
    service_id = Link("voip.service", required=True, readonly=True)
    local_day = fields.Date(
        required=True,
        readonly=True,
        help="Day in the account's time zone.",
    )
    label = fields.Char(string="Destination Name", required=True, readonly=True)
    unit_price = ExactFloat(**PRICE, readonly=True, aggregator="avg", required=True)
    currency_id = Link("res.currency", required=True, readonly=True)
    deck_currency_id = Link(
        "res.currency",
        string="Rate Currency",
        readonly=True,
        help="Currency of the deck, in which the unit price counts.",
    )
    facets = fields.Json(
        readonly=True,
        help="What else tells summaries apart: direction and jurisdiction of calls, "
        "number of a rental, model and kind of tokens.",
    )
    particulars = fields.Char(
        compute="_compute_particulars",
        help="Direction, jurisdiction and whatever else tells summaries apart.",
    )
    late = fields.Boolean(
        readonly=True,
        required=True,
        help="Its day was already invoiced when the usage arrived.",
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
    seal_id = fields.Integer(
        string="Seal Record",
        readonly=True,
        aggregator=None,
        help="The audit record that sealed the month.",
    )
    move_id = fields.Many2one(
        "account.move",
        string="Invoice",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )

    _facets_given = models.Constraint(
        "CHECK (jsonb_typeof(facets) = 'object')", "Facets are an object."
    )
    _unsealed = models.Index(
        "(company_id, local_day) WHERE COALESCE(seal_id, 0) = 0"
    )
    _sealed = models.Index("(seal_id, company_id, local_day) WHERE seal_id > 0")
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
        self.env.cr.execute(OPEN_KEY)
        leave_room(self.env.cr, self._table)

    def _compute_particulars(self):
        for summary in self:
            said = filter(None, (summary.facets or {}).values())
            summary.particulars = ", ".join(map(str, said))

    def _compute_minutes(self):
        for summary in self:
            summary.minutes = summary.seconds / 60.0

    def _first_of(self, name, records):
        """A summary that names one of ``records``, or none."""
        return self.search([(name, "in", records.ids)], limit=1, order="id")

    def action_view_usage(self):
        """The calls behind these summaries."""
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "voip_billing_base.voip_usage_action"
        )
        action["domain"] = [("summary_id", "in", self.ids)]
        action["context"] = {}
        return action


# Written by every charge; voip_rating makes the destination a link to its own. One open
# summary of a key: whoever charges finds it by this index.
OPEN_KEY = """
ALTER TABLE voip_usage_summary ADD COLUMN IF NOT EXISTS destination_id integer;
ALTER TABLE voip_usage_summary ALTER COLUMN facets SET DEFAULT '{}';
UPDATE voip_usage_summary SET facets = '{}' WHERE facets IS NULL;
ALTER TABLE voip_usage_summary ALTER COLUMN facets SET NOT NULL;
DROP INDEX IF EXISTS voip_usage_summary__open_key;
CREATE UNIQUE INDEX IF NOT EXISTS voip_usage_summary_key_idx ON voip_usage_summary (
    account_id, local_day, service_id, label, unit_price, payer_id, currency_id, late,
    COALESCE(deck_currency_id, 0), COALESCE(destination_id, 0), facets
) WHERE move_line_id IS NULL AND seal_id IS NULL
"""
