"""Rate sheets and what is agreed: our notice to customers, a supplier's to us."""

from odoo import fields, models


class VoipRateImport(models.Model):
    _inherit = "voip.rate.import"

    early_count = fields.Integer(
        string="Before Their Notice Is Due", readonly=True, copy=False, aggregator=None
    )
    early_text = fields.Text(readonly=True, copy=False)
    notice_reason = fields.Char(
        string="Reason for Shorter Notice",
        copy=False,
        help="Why changes may be valid before customers had to be told. It is printed "
        "in their notices.",
    )

    # === CRUD METHODS === #

    def write(self, vals):
        if "notice_reason" in vals:
            self._check_open()
        return super().write(vals)

    # === BUSINESS METHODS === #

    def _undo(self):
        with self.deck_id._in_time(None, self.env.context.get("voip_notice_reason")):
            return super()._undo()
