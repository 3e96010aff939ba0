"""What a credit comes to, before tax and with taxes, and what its invoice has left."""

from collections import defaultdict

from odoo import models


class VoipCreditTerms(models.AbstractModel):
    _inherit = "voip.credit.terms"

    def _totals(self, parts):
        """(net, tax, total) as a credit note of ``parts`` will say them."""
        taxes, company = self.env["account.tax"], self.company_id
        lines = self._base_lines(parts, self._held_taxes(parts))
        sums = taxes._get_tax_totals_summary(lines, self.move_id.currency_id, company)
        net, tax = sums["base_amount_currency"], sums["tax_amount_currency"]
        asked = sum(float(part.amount) for part in parts)
        amounts = defaultdict(float)
        for line in lines:
            for one, amount in _amounts(line).items():
                amounts[one] += amount
        tax -= sum(self._overs(asked, amounts).values())
        net += self._rounding_of(asked)
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
        """Taxes in the price of ``parts``, held to what their lines have left of each.

        Parts round by themselves: what is before tax and each tax of all credits of a
        line would differ from the line's, though their totals add up.

        :return: {line: its ``extra_tax_data``} where Odoo's own rounding would pass it
        """
        found, passes = {}, False
        bases = list(zip(parts, self._base_lines(parts, {}), strict=True))
        bases = [(part, base) for part, base in bases if _in_price(base)]
        lefts = self._left_in_price() if bases else {}
        for part, base in bases:
            own = _in_price(base)
            kept = self._within(part, own, lefts[part.line])
            passes |= any(kept[tax] != own[tax] for tax in own)
            found[part.line] = self._hold(part, base, kept)
        return found if passes else {}

    def _left_in_price(self):
        """{line: {tax in its price: what no credit note has taken yet of it}}"""
        found = defaultdict(lambda: defaultdict(float))
        for move in self.move_id | self._notes():
            sign = 1 if move == self.move_id else -1
            for base in self._tax_details(move):
                record = base["record"]
                line = record if sign == 1 else record.voip_credited_line_id
                for tax, amount in _in_price(base).items():
                    found[line][tax] += sign * amount
        return found

    def _tax_details(self, move):
        """Base lines of a posted document, with each tax of each line.

        Of the invoice as its items say, whatever became of the rate of a tax; of its
        credit notes as their lines were held, whatever was taken off their taxes.
        """
        bases, items = move._get_rounded_base_and_tax_lines(round_from_tax_lines=False)
        if move == self.move_id:
            # What was rounded for cash in a tax is of no line.
            items = [x for x in items if x["record"].display_type == "tax"]
            self.env["account.tax"]._round_tax_details_tax_amounts_from_tax_lines(
                bases, move.company_id, items
            )
        return bases

    def _within(self, part, own, left):
        """The amounts nearest to ``own`` that keep each tax, and what is before tax,
        within what the line has left.
        """
        money, asked = self.move_id.currency_id.round, float(part.amount)
        net, total = self._left_of(part.line)
        left = {tax: money(left[tax]) for tax in own}
        if not money(asked - total):
            return left
        sign = -1 if total < 0 else 1
        kept = {tax: _between(own[tax], left[tax]) for tax in own}
        lack = money(sign * (asked - sum(kept.values()) - net))
        by_room = sorted(own, key=lambda x: sign * (kept[x] - left[x]))
        for tax in by_room:
            more = max(min(money(sign * (left[tax] - kept[tax])), lack), 0)
            kept[tax] = money(kept[tax] + sign * more)
            lack = money(lack - more)
        return kept

    def _left_of(self, line):
        """(before tax, as its price is) of ``line`` that no credit note has taken."""
        notes = self._notes().invoice_line_ids
        notes = notes.filtered(lambda x: x.voip_credited_line_id == line)
        money = self.move_id.currency_id.round
        net = -line.amount_currency - sum(notes.mapped("amount_currency"))
        return money(net), money(price_of(line) - price_of(notes))

    def _hold(self, part, base, kept):
        """What Odoo keeps on a line whose taxes are not its own rounding's."""
        own, money = _in_price(base), self.currency_id.round
        over = sum(own.values()) - sum(kept.values())
        taxes = {
            str(x["tax"].id): {
                "tax_amount_currency": money(
                    kept.get(x["tax"], x["tax_amount_currency"])
                ),
                "base_amount_currency": money(x["base_amount_currency"] + over),
            }
            for x in base["tax_details"]["taxes_data"]
        }
        return {
            "currency_id": self.currency_id.id,
            "price_unit": float(part.amount),
            "quantity": 1.0,
            "discount": 0.0,
            "manual_total_excluded_currency": money(
                float(part.amount) - sum(kept.values())
            ),
            "manual_tax_amounts": taxes,
        }

    def _overs(self, asked, amounts):
        """{tax: by what its amount passes what is left}; the last credit takes all.

        :param asked: what is credited of the lines, as their prices are
        """
        money, last, found = self.move_id.currency_id.round, self._is_last(asked), {}
        for tax, left in self._left_taxes().items():
            amount = amounts.get(tax, 0.0)
            over = money(amount - (left if last else _between(amount, left)))
            if over:
                found[tax] = over
        return found

    def _left_taxes(self):
        """{tax: what no credit note has taken yet of it}"""
        found = defaultdict(float)
        for line in (self.move_id | self._notes()).line_ids:
            if line.tax_line_id:
                found[line.tax_line_id] -= line.amount_currency
        return found

    def _is_last(self, asked):
        """Whether a credit of ``asked`` leaves nothing of the lines."""
        lines = self.move_id.invoice_line_ids.filtered(
            lambda x: x.display_type == "product"
        )
        left = price_of(lines) - price_of(self._notes().invoice_line_ids)
        return self.move_id.currency_id.is_zero(asked - left)

    def _rounding_of(self, asked):
        """The cash rounding that goes back with the last credit of the lines."""
        return self._left_rounding() if self._is_last(asked) else 0.0

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


def price_of(lines):
    """What lines come to as their prices are; of a credit note what they credit."""
    notes = lines.filtered(lambda x: x.move_id.move_type == "out_refund")
    lines -= notes.filtered(lambda x: not x.voip_credited_line_id)
    return sum(line.price_unit * line.quantity for line in lines)


def _between(amount, left):
    """``amount``, or the nearest to it from nothing to ``left``."""
    low, high = sorted((0.0, left))
    return min(max(amount, low), high)


def _amounts(base):
    """{tax: its amount} of a line."""
    found = defaultdict(float)
    for data in base["tax_details"]["taxes_data"]:
        found[data["tax"]] += data["tax_amount_currency"]
    return found


def _in_price(base):
    """{tax in the price: its amount} of a line; none with one that is reversed."""
    taxes = base["tax_details"]["taxes_data"]
    if any(x["is_reverse_charge"] for x in taxes):
        return {}
    return {x["tax"]: x["tax_amount_currency"] for x in taxes if x["price_include"]}


def _manual(held):
    return {key: held[key] for key in held or () if key.startswith("manual_")}
