"""A line beside costs that are known one by one, as of rental or AI usage."""

from decimal import Decimal

from odoo import models

from .figures import exact

ZERO = Decimal(0)


class VoipSupplierInvoiceLine(models.Model):
    _inherit = "voip.supplier.invoice.line"

    def _cost_values(self, rows, again, told_again, told_nothing):
        """What is found of the line.

        :param rows: [(cost, Decimal)] that are on it
        :param again: the same of those that an earlier invoice has
        :param told_again: function from the difference to an explanation, where there
            are such
        :param told_nothing: the same where there are no rows
        :return: values to write, without counts
        """
        agreed = self.invoice_id.agreement_id.sudo()
        ours = sum((part for _cost, part in rows), ZERO)
        gap = exact(self.amount) - ours
        unit = Decimal(1).scaleb(-(agreed.amount_decimals if agreed else 2))
        found, told = "rate", False
        if abs(gap) <= unit / 2:
            found = "equal"
        elif again:
            found, told = "duplicate", [told_again(gap)]
        elif not rows:
            found, told = "missing_here", [told_nothing(gap)]
        return {
            "ours_minutes": 0.0,
            "ours_amount": float(ours),
            "found": found,
            "explanations": told,
        }
