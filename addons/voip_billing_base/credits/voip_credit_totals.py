"""What a credit comes to, before tax and with taxes, and what its invoice has left."""

from collections import defaultdict

from odoo import models


class VoipCreditTerms(models.AbstractModel):
    _inherit = "voip.credit.terms"

    def _totals(self, parts):
        """(net, tax, total) as a credit note of ``parts`` will say them."""
        taxes, company = self.env["account.tax"], self.company_id
        held = self._held_taxes(parts)
        lines = self._base_lines(parts, held)
        sums = taxes._get_tax_totals_summary(lines, self.move_id.currency_id, company)
        net, tax = sums["base_amount_currency"], sums["tax_amount_currency"]
        included = any(tax.price_include for part in parts for tax in part.line.tax_ids)
        amounts = defaultdict(float)
        for data in (x for line in lines for x in line["tax_details"]["taxes_data"]):
            amounts[data["tax"]] += data["tax_amount_currency"]
        tax -= sum(self._overs(net, tax, amounts, included).values())
        net += self._rounding_of(net)
        return net, tax, net + tax

    def _base_lines(self, parts, held):
        """Base lines of ``parts`` for Odoo's taxes, computed and rounded."""
        taxes, company = self.env["account.tax"], self.company_id
        lines = [
            {**self._base_line(part), **_manual(held.get(part.line))} for part in parts
        ]
        taxes._add_tax_details_in_base_lines(lines, company)
        taxes._round_base_lines_tax_details(lines, company)
        return lines

    def _base_line(self, part):
        move = self.move_id
        line = move._prepare_product_base_line_for_taxes_computation(part.line)
        amounts = {"price_unit": float(part.amount), "quantity": 1.0, "discount": 0.0}
        return {**line, **amounts}

    def _held_taxes(self, parts):
        """Taxes in the price of ``parts``, held to what their lines have left.

        Parts round by themselves: what is before tax and the tax of all credits of a
        line would differ from the line's, though their totals add up.

        :return: {line: its ``extra_tax_data``} where Odoo's own rounding would pass it
        """
        found, passes = {}, False
        for part, base in zip(parts, self._base_lines(parts, {}), strict=True):
            amounts = base["tax_details"]["taxes_data"]
            if not amounts or not all(_in_price(x) for x in amounts):
                continue
            own = sum(x["tax_amount_currency"] for x in amounts)
            over = self.currency_id.round(own - self._tax_within(part, own))
            passes |= bool(over)
            found[part.line] = self._hold(part, amounts, over)
        return found if passes else {}

    def _tax_within(self, part, tax):
        """``tax`` or the nearest to it that keeps both sides within the line."""
        line, money = part.line, self.move_id.currency_id.round
        notes = self._notes().invoice_line_ids
        notes = notes.filtered(lambda x: x.voip_credited_line_id == line)
        total, *taken = (x.price_unit * x.quantity for x in (line, *notes))
        total = money(total - sum(taken))
        net = money(-line.amount_currency - sum(notes.mapped("amount_currency")))
        sign = -1 if total < 0 else 1
        least, most = sign * (float(part.amount) - net), sign * (total - net)
        if sign * net < 0 or most < 0:
            return tax
        return sign * min(max(sign * tax, least), most)

    def _hold(self, part, amounts, over):
        """What Odoo keeps on a line whose taxes are not its own rounding's."""
        taxes = {
            str(x["tax"].id): {
                "tax_amount_currency": x["tax_amount_currency"],
                "base_amount_currency": x["base_amount_currency"] + over,
            }
            for x in amounts
        }
        biggest = max(taxes.values(), key=lambda x: abs(x["tax_amount_currency"]))
        biggest["tax_amount_currency"] -= over
        tax = sum(x["tax_amount_currency"] for x in taxes.values())
        return {
            "currency_id": self.currency_id.id,
            "price_unit": float(part.amount),
            "quantity": 1.0,
            "discount": 0.0,
            "manual_total_excluded_currency": self.currency_id.round(
                float(part.amount) - tax
            ),
            "manual_tax_amounts": taxes,
        }

    def _overs(self, net, tax, amounts, included):
        """{tax: by what its amount passes what is left}; below zero with the last.

        Where prices hold their tax it is the whole that may pass the invoice's.
        """
        money = self.move_id.currency_id.round
        if included:
            left = self._left("amount_total") - self._left_rounding()
            over = max(money(net + tax - left), 0)
            biggest = max(amounts, key=lambda x: abs(amounts[x]), default=None)
            return {biggest: over} if over else {}
        lefts, last, found = self._left_taxes(), self._is_last(net), {}
        for one in lefts:
            over = money(amounts.get(one, 0.0) - lefts[one])
            if over and (last or over > 0):
                found[one] = over
        return found

    def _left_taxes(self):
        """{tax: what no credit note has taken yet of it}"""
        found = defaultdict(float)
        for line in (self.move_id | self._notes()).line_ids:
            if line.tax_line_id:
                found[line.tax_line_id] -= line.amount_currency
        return found

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


def _in_price(amount):
    return amount["price_include"] and not amount["is_reverse_charge"]


def _manual(held):
    return {key: held[key] for key in held or () if key.startswith("manual_")}
