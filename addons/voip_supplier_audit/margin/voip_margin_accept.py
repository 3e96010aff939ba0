from odoo import fields, models


class VoipMarginAccept(models.TransientModel):
    """Asks why low margins are accepted, and until when."""

    _name = "voip.margin.accept"
    _inherit = ["voip.once", "voip.guard"]
    _description = "Accept Low Margin"

    alert_ids = fields.Many2many(
        "voip.margin.alert", string="Alerts", required=True
    )
    reason = fields.Char(required=True, help="Kept in the audit trail.")
    until = fields.Date(
        string="Accepted Until",
        required=True,
        help="The last day; if the margin is low after it, the alert is open again.",
    )
    applied = fields.Boolean(readonly=True)

    def action_apply(self):
        """Accept the alerts; a second click changes nothing."""
        self._voip_use()
        self.ensure_one()
        self.env.cr.execute(
            "UPDATE voip_margin_accept SET write_uid = write_uid WHERE id = %s",
            [self.id],
        )
        if not self.applied:
            self.alert_ids._accept(self.reason, self.until)
            self.sudo().applied = True
        return {"type": "ir.actions.act_window_close"}

    def _made(self):
        if not self.applied:
            return False
        names = self.alert_ids.mapped("display_name")
        return self.env._("%s accepted", "; ".join(names))
