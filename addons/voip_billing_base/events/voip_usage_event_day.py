"""Sums of usage events: what the usage page shows instead of millions of events."""

from odoo import fields, models

from ..charge.room import leave_room
from ..fields import BigInteger


class VoipUsageEventDay(models.Model):
    """Counted events of one account, type, source and local day.

    Written by SQL in the transaction that counts the events.
    """

    _name = "voip.usage.event.day"
    _inherit = ["voip.account.rows"]
    _description = "Usage by Day"
    _log_access = False
    _order = "local_day desc, id desc"
    _rec_name = "type_id"

    type_id = fields.Many2one(
        "voip.usage.event.type",
        string="Type",
        required=True,
        readonly=True,
        check_company=True,
        ondelete="restrict",
        index=True,
    )
    category = fields.Selection(related="type_id.category", store=True)
    unit = fields.Char(related="type_id.unit")
    source = fields.Char(required=True, readonly=True)
    local_day = fields.Date(
        string="Day",
        required=True,
        readonly=True,
        help="Day in the account's time zone.",
    )
    events = BigInteger(required=True, readonly=True)
    units = BigInteger(
        required=True,
        readonly=True,
        aggregator=None,
        help="Messages, tokens, pages: as the type says. Unlike ones have no sum.",
    )

    _once = models.UniqueIndex("(account_id, type_id, source, local_day)")
    _by_day = models.Index("(company_id, local_day)")

    def init(self):
        result = super().init()
        leave_room(self.env.cr, self._table)
        return result

    # === ACTION METHODS === #

    def action_view_events(self):
        """The events behind these sums."""
        self.check_access("read")
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "voip_billing_base.voip_usage_event_action"
        )
        domain = [
            ("account_id", "=", self.account_id.id),
            ("type_id", "=", self.type_id.id),
            ("source", "=", self.source),
            ("local_day", "=", self.local_day),
        ]
        return action | {"domain": domain, "context": {}}
