"""Invoices that are disputed: shown, counted and held."""

from odoo import api, fields, models
from odoo.tools import format_date

from odoo.addons.voip_billing_base.models.voip_guard import one

from .voip_dispute import LIVE


class AccountMove(models.Model):
    _inherit = "account.move"

    voip_dispute_ids = fields.One2many(
        "voip.dispute",
        "move_id",
        string="Disputes",
        groups="voip_billing_base.group_voip_viewer",
    )
    voip_dispute_count = fields.Integer(compute="_compute_voip_dispute_count")
    voip_disputed = fields.Monetary(
        string="Disputed",
        compute="_compute_voip_disputed",
        groups="voip_billing_base.group_voip_viewer",
        help="With tax, by disputes that are not decided.",
    )

    # === COMPUTE METHODS === #

    def _compute_voip_dispute_count(self):
        counts = self.env["voip.dispute"].sudo()._read_group(
            [("move_id", "in", self.ids)], ["move_id"], ["__count"]
        )
        found = {move.id: count for move, count in counts}
        for move in self:
            move.voip_dispute_count = found.get(move.id, 0)

    @api.depends("voip_dispute_ids.state", "voip_dispute_ids.total")
    def _compute_voip_disputed(self):
        for move in self:
            move.voip_disputed = sum(move._voip_live_disputes().mapped("total"))

    # === ACTION METHODS === #

    def action_voip_dispute(self):
        """Ask what the customer disputes of a usage invoice."""
        self.check_access("read")
        one(self)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "voip_supplier_audit.voip_dispute_wizard_action"
        )
        context = {"default_move_id": self.id, "default_scope": "lines"}
        return action | {"context": context}

    def action_voip_view_disputes(self):
        """Disputes of these invoices."""
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "voip_supplier_audit.voip_dispute_action"
        )
        return action | {"domain": [("move_id", "in", self.ids)], "context": {}}

    # === BUSINESS METHODS === #

    def _voip_live_disputes(self):
        return self.sudo().voip_dispute_ids.filtered(lambda x: x.state in LIVE)

    def _voip_withheld_reason(self):
        """What is disputed stays out of nettings until it is decided."""
        live = self._voip_live_disputes()
        if live:
            return "; ".join(live.mapped("reason"))
        return super()._voip_withheld_reason()

    def _get_alerts(self):
        alerts = super()._get_alerts()
        live = self._voip_live_disputes()
        if live:
            message = self.env._(
                "%(amount)s is disputed since %(day)s: the invoice is not followed up"
                " and left out of nettings until that is decided.",
                amount=self.currency_id.format(sum(live.mapped("total"))),
                day=format_date(self.env, min(live.mapped("raised_on"))),
            )
            alerts["voip_dispute"] = {"level": "warning", "message": message}
        return alerts


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def action_voip_dispute(self):
        """Ask why the customer disputes these lines of an invoice."""
        self.check_access("read")
        action = self.move_id.action_voip_dispute()
        context = {**action["context"], "default_line_ids": [(6, 0, self.ids)]}
        return action | {"context": context}
