"""What events were charged: one row for each part, slice of a tier and reversal."""

from odoo import fields, models

from ..charge.room import leave_room
from ..const import MONEY, PRICE
from ..fields import Amount, BigInteger, ExactFloat, Link
from .voip_event_price import PARTS


class VoipUsageEventCharge(models.Model):
    """Why an event costs what it does, written together with the usage it is.

    A window on the partitioned table ``voip_usage_event_charge_row``. Rows never
    change; a reversal has the other sign and names what it takes back.
    """

    _name = "voip.usage.event.charge"
    _inherit = ["voip.append.only", "voip.volume"]
    _description = "Charge of an Event"
    _auto = False
    _order = "id"
    _rec_name = "event_id"
    _day = "local_day"
    _finding = ("id", "event_id", "summary_id", "usage_id")
    _ruled = ("company_id", "account_id")

    company_id = Link("res.company", readonly=True)
    event_id = BigInteger(
        string="Event Number", readonly=True, aggregator=None
    )
    account_id = Link("voip.account", readonly=True)
    price_id = Link("voip.event.price", readonly=True)
    local_day = fields.Date(string="Day", readonly=True)
    started_at = fields.Datetime(string="Occurred", readonly=True)
    part = fields.Selection(PARTS, readonly=True)
    word = fields.Selection(
        [("included", "Included"), ("volume", "Volume price of units before")],
        string="Particular",
        readonly=True,
    )
    start = BigInteger(
        string="Units Before",
        readonly=True,
        aggregator=None,
        help="Units of the month by this price before the event.",
    )
    units = BigInteger(readonly=True)
    base = BigInteger(
        string="Units Counted",
        readonly=True,
        help="Units that the unit price was applied to.",
    )
    unit_price = ExactFloat(readonly=True, aggregator=None, **PRICE)
    per = fields.Integer(
        string="For Units", readonly=True, aggregator=None
    )
    currency_id = Link("res.currency", readonly=True)
    amount = Amount(readonly=True, **MONEY)
    cost = Amount(
        string="Cost (company currency)",
        readonly=True,
        **MONEY,
        groups="voip_billing_base.group_voip_viewer",
    )
    cost_price_id = Link(
        "voip.event.price",
        readonly=True,
        groups="voip_billing_base.group_voip_viewer",
    )
    cost_carrier_fee_id = Link(
        "voip.event.price",
        readonly=True,
        groups="voip_billing_base.group_voip_viewer",
    )
    cost_surcharge_id = Link(
        "voip.event.price",
        readonly=True,
        groups="voip_billing_base.group_voip_viewer",
    )
    summary_id = Link("voip.usage.summary", readonly=True)
    usage_id = BigInteger(readonly=True, aggregator=None)
    reversal_of = BigInteger(readonly=True, aggregator=None)

class VoipUsageEventVolume(models.Model):
    """Units of a month by a price with tiers or free units, of one account.

    Written by SQL in the transaction that charges the events.
    """

    _name = "voip.usage.event.volume"
    _inherit = ["voip.account.rows"]
    _description = "Volume of a Month"
    _log_access = False
    _order = "month desc, id desc"
    _rec_name = "price_id"

    price_id = fields.Many2one(
        "voip.event.price",
        required=True,
        readonly=True,
        check_company=True,
        ondelete="restrict",
        index=True,
    )
    month = fields.Date(
        required=True, readonly=True, help="Its first day, in the account's time zone."
    )
    units = BigInteger(required=True, readonly=True, aggregator=None)

    _once = models.UniqueIndex("(account_id, price_id, month)")
    _bounds = models.Constraint(
        "CHECK (units BETWEEN 0 AND 1000000000000000000)",
        "A volume is out of bounds.",
    )

    def init(self):
        result = super().init()
        leave_room(self.env.cr, self._table)
        return result
