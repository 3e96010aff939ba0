from odoo import fields, models


class VoipDisputeRefusal(models.TransientModel):
    """Asks why a dispute is refused."""

    _name = "voip.dispute.refusal"
    _inherit = ["voip.once", "voip.guard"]
    _description = "Refuse Dispute"

    dispute_id = fields.Many2one("voip.dispute", required=True, ondelete="cascade")
    answer = fields.Text(
        required=True, help="What the customer is told, with the evidence for it."
    )
    applied = fields.Boolean(readonly=True)

    def action_apply(self):
        """Refuse the dispute; a second click changes nothing."""
        self._voip_use()
        self.ensure_one()
        self.env.cr.execute(
            "UPDATE voip_dispute_refusal SET write_uid = write_uid WHERE id = %s",
            [self.id],
        )
        if not self.applied:
            self.dispute_id._refuse(self.answer)
            self.sudo().applied = True
        return {"type": "ir.actions.act_window_close"}

    def _made(self):
        return self.dispute_id.display_name if self.applied else False
