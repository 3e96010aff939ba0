"""Mails of invoices and credit notes."""

from odoo import fields, models

from odoo.addons.voip_billing_base.counts import counts_by

from ..models.way_on import leads_to_template

WITHDRAWN = ("waiting", "held", "failed")


class AccountMove(models.Model):
    _inherit = "account.move"

    voip_delivery_count = fields.Integer(
        string="Mails", compute="_compute_voip_delivery_count"
    )

    def _compute_voip_delivery_count(self):
        counts = counts_by(self.env["voip.delivery"].sudo(), "move_id", self)
        for move in self:
            move.voip_delivery_count = counts.get(move, 0)

    @leads_to_template
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

    def button_draft(self):
        """What does not count any more is not mailed: its mails that wait are
        cancelled, one that is just leaving does not go again, and once it is posted
        again it may be queued anew."""
        result = super().button_draft()
        self._voip_withdraw_mails()
        return result

    def _voip_withdraw_mails(self):
        domain = [("move_id", "in", self.ids), ("state", "!=", "cancelled")]
        mails = self.env["voip.delivery"].sudo().search(domain)
        mails.lock_for_update()
        # One that a sender took meanwhile has left.
        waiting = mails.filtered(lambda mail: mail.state in WITHDRAWN)
        mails.write({"is_withdrawn": True})
        waiting.write({"state": "cancelled"})
        waiting._untell_managers()

    def action_voip_view_deliveries(self):
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "voip_documents.voip_delivery_action"
        )
        return {**action, "domain": [("move_id", "in", self.ids)], "context": {}}
