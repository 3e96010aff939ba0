"""The day of a credit note: not before its invoice, and one the books can convert."""

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..charge.exchange import refuse_unconverted


class VoipCreditTerms(models.AbstractModel):
    _inherit = "voip.credit.terms"

    def _refuse_date(self):
        """:raises UserError: the day is before the invoice's, or has no rate"""
        move = self.move_id
        if self.date < move.invoice_date:
            raise UserError(
                self.env._(
                    "Credit Note Date: %(date)s is before %(invoice)s of %(day)s, which"
                    " it credits. Choose that day or a later one.",
                    date=format_date(self.env, self.date),
                    invoice=move.name,
                    day=format_date(self.env, move.invoice_date),
                )
            )
        refuse_unconverted(self.company_id, move.currency_id, self.date)
