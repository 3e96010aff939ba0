"""Credit notes that end a dispute."""

from odoo import fields, models

DISPUTE = {
    "string": "Dispute",
    "check_company": True,
    "ondelete": "restrict",
    "index": "btree_not_null",
}


class VoipCredit(models.Model):
    _inherit = "voip.credit"

    dispute_id = fields.Many2one("voip.dispute", readonly=True, **DISPUTE)

    def action_refuse(self):
        """A dispute whose credit is refused is open again."""
        result = super().action_refuse()
        waiting = self.sudo().dispute_id.filtered(lambda x: x.state == "waiting")
        waiting.write({"state": "open"})
        return result

    def _carry_out(self):
        result = super()._carry_out()
        if self.dispute_id:
            self.dispute_id._credited(self)
        return result

    def _wait(self, values, parts):
        result = super()._wait(values, parts)
        if self.dispute_id:
            self.dispute_id.write({"state": "waiting", "credit_id": self.id})
        return result


class VoipCreditWizard(models.TransientModel):
    _inherit = "voip.credit.wizard"

    dispute_id = fields.Many2one(
        "voip.dispute", **(DISPUTE | {"ondelete": "cascade", "index": False})
    )

    def _terms(self):
        return (*super()._terms(), "dispute_id")

    def _check_terms(self):
        result = super()._check_terms()
        # What has been made already is shown once more.
        if self.dispute_id and not self.credit_id:
            self.dispute_id._check_right()
            self.dispute_id.sudo()._refuse_beyond(self)
        return result
