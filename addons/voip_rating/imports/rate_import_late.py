"""Calls that a back-dated sheet would have rated otherwise, by name."""

from odoo import fields, models

# So many are listed; the count is of all.
MOST_LISTED = 5_000


class VoipRateImport(models.Model):
    _inherit = "voip.rate.import"

    late_calls = fields.Json(readonly=True, copy=False, help="Ids of those calls.")
    late_batches = fields.Json(readonly=True, copy=False, help="Ids of their batches.")
    late_batch_count = fields.Integer(
        string="Batches of These Calls", readonly=True, copy=False, aggregator=None
    )

    def action_view_late(self):
        """The calls that keep their price until they are rated again."""
        self.check_access("read")
        self.ensure_one()
        return self._late_action(
            "voip_billing_base.voip_usage_action", self.late_calls
        )

    def action_view_late_batches(self):
        """Their batches: undone, their records can be sent again."""
        self.check_access("read")
        self.ensure_one()
        return self._late_action("voip_rating.voip_cdr_batch_action", self.late_batches)

    def _late_action(self, name, ids):
        action = self.env["ir.actions.act_window"]._for_xml_id(name)
        return action | {"domain": [("id", "in", ids or [])], "context": {}}
