"""What a credit comes to, before tax and with taxes, and what its invoice has left."""

from odoo import models


class VoipCreditTerms(models.AbstractModel):
    _inherit = "voip.credit.terms"

    def _totals(self, parts):
        """(net, tax, total) as a credit note of ``parts`` will say them."""
        taxes, company = self.env["account.tax"], self.company_id
        lines = [self._base_line(part) for part in parts]
        taxes._add_tax_details_in_base_lines(lines, company)
        taxes._round_base_lines_tax_details(lines, company)
        sums = taxes._get_tax_totals_summary(lines, self.move_id.currency_id, company)
        net, tax = sums["base_amount_currency"], sums["tax_amount_currency"]
        included = any(tax.price_include for part in parts for tax in part.line.tax_ids)
        tax -= self._over(net, tax, included)
        net += self._rounding_of(net)
        return net, tax, net + tax

    def _base_line(self, part):
        move = self.move_id
        line = move._prepare_product_base_line_for_taxes_computation(part.line)
        amounts = {"price_unit": float(part.amount), "quantity": 1.0, "discount": 0.0}
        return {**line, **amounts}

    def _over(self, net, tax, included):
        """By what ``tax`` passes what is left; below zero with the last credit."""
        currency = self.move_id.currency_id
        if included:
            left = self._left("amount_total") - self._left_rounding()
            return max(currency.round(net + tax - left), 0)
        over = currency.round(tax - self._left("amount_tax"))
        return over if over > 0 or self._is_last(net) else 0

    def _is_last(self, net):
        """Whether a credit of ``net`` leaves nothing of the lines."""
        left = self._left("amount_untaxed") - self._left_rounding()
        return self.move_id.currency_id.is_zero(net - left)

    def _rounding_of(self, net):
        """The cash rounding that goes back with the last credit of the lines."""
        return self._left_rounding() if self._is_last(net) else 0.0

    def _left_rounding(self):
        """What is left of the line that rounds the invoice for cash."""
        taken = sum(self._rounded(note) for note in self._notes())
        return self.move_id.currency_id.round(self._rounded(self.move_id) - taken)

    def _rounded(self, move):
        lines = move.line_ids.filtered(
            lambda x: x.display_type == "rounding" and not x.tax_repartition_line_id
        )
        if move != self.move_id:
            lines = move.invoice_line_ids.filtered(
                lambda x: x.display_type == "product" and not x.voip_credited_line_id
            )
        return sum(move.direction_sign * line.amount_currency for line in lines)

    def _notes(self):
        return self.move_id.reversal_move_ids.filtered(
            lambda m: m.state == "posted" and m.move_type == "out_refund"
        )

    def _left(self, name):
        """What no credit note has taken yet of an amount of the invoice."""
        taken = sum(self._notes().mapped(name))
        return self.move_id.currency_id.round(self.move_id[name] - taken)
