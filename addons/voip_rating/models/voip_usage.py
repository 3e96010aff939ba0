"""Usage knows its destination and trunks as records."""

from datetime import timedelta

from odoo import fields, models
from odoo.fields import Domain

from odoo.addons.voip_billing_base.fields import Link

VIEWER = "voip_billing_base.group_voip_viewer"


class VoipUsage(models.Model):
    _inherit = "voip.usage"

    destination_id = fields.Many2one("voip.destination", readonly=True)
    trunk_id = fields.Many2one("voip.trunk", readonly=True, groups=VIEWER)
    supplier_trunk_id = fields.Many2one("voip.trunk", readonly=True, groups=VIEWER)

    # === ACTION METHODS === #

    def action_view_call(self):
        """The call record that was rated."""
        return self._open("voip.cdr", "source_id")

    def action_view_rate(self):
        """The version of the rate that priced it."""
        return self._open("voip.rate", "rate_id")

    def action_view_cost_rate(self):
        """The version of the supplier's rate."""
        return self._open("voip.rate", "cost_rate_id")

    def _open(self, model, name):
        self.check_access("read")
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": model,
            "res_id": self[name],
            "views": [(False, "form")],
        }

    # === BUSINESS METHODS === #

    def _narrowing(self):
        narrowing = super()._narrowing()
        narrowing["batch_id"] = self._of_batches
        narrowing["source_ref"] = self._of_call_ids
        return narrowing

    def _of_batches(self, condition, values):
        return condition & self._within(*self._named("voip.cdr.batch", values)._span())

    def _of_call_ids(self, _condition, values):
        """Usage whose call record has this call id."""
        rows = self.env["voip.cdr"]._rows_of_call_ids(values)
        times = [start for _record, start in rows]
        return Domain("source_id", "in", [record for record, _start in rows]) & (
            self._within(min(times, default=None), max(times, default=None))
        )

    def _said(self):
        return super()._said() | RATE_SAYS

    def _joins(self):
        return [*super()._joins(), *RATE_JOINS]


RATE_JOINS = (
    "voip_rate r ON r.id = u.rate_id",
    "voip_rate k ON k.id = u.cost_rate_id",
    "voip_rate_deck kd ON kd.id = k.deck_id",
)
# A version that rated is never edited, nor the currency of its deck or a call record.
RATE_SAYS = {
    "prefix": "r.prefix",
    "connect_fee": "r.connect_fee, 0",
    "initial_increment": "r.initial_increment",
    "next_increment": "r.next_increment",
    "cost_prefix": "k.prefix",
    "cost_price": "k.price_per_minute",
    "cost_currency_id": "kd.currency_id",
    "source_ref": "(SELECT c.call_id FROM voip_cdr_row c"
    " WHERE c.id = u.source_id AND c.start = u.started_at)",
}


class VoipCdr(models.Model):
    _inherit = "voip.cdr"

    def action_view_usage(self):
        """What became of the call: its charge, and what took it back."""
        self.check_access("read")
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "voip_billing_base.voip_usage_action"
        )
        # A start has fractions of a second that the ORM cuts off.
        domain = [
            ("source_id", "=", self.id),
            ("started_at", ">=", fields.Datetime.to_string(self.start)),
            (
                "started_at",
                "<",
                fields.Datetime.to_string(self.start + timedelta(seconds=1)),
            ),
        ]
        return action | {"domain": domain, "context": {}}


class VoipUsageSummary(models.Model):
    _inherit = "voip.usage.summary"

    destination_id = Link("voip.destination", readonly=True)
