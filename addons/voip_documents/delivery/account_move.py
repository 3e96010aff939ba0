"""Mails of invoices and credit notes."""

from odoo import fields, models

from odoo.addons.voip_billing_base.counts import counts_by


class AccountMove(models.Model):
    _inherit = "account.move"

    voip_delivery_count = fields.Integer(
        string="Mails", compute="_compute_voip_delivery_count"
    )

    def _compute_voip_delivery_count(self):
        counts = counts_by(self.env["voip.delivery"].sudo(), "move_id", self)
        for move in self:
            move.voip_delivery_count = counts.get(move, 0)

    def action_voip_send(self):
        """Make the documents and put them into the outbox."""
        self.check_access("read")
        deliveries = self.env["voip.delivery"]
        deliveries.check_access("write")
        self.env["voip.document"].check_access("create")
        for move in self:
            deliveries._queue(move)
        self.sudo().filtered("voip_mail_fault").voip_mail_fault = False
        return self.action_voip_view_deliveries()

    def action_voip_view_deliveries(self):
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "voip_documents.voip_delivery_action"
        )
        return {**action, "domain": [("move_id", "in", self.ids)], "context": {}}
