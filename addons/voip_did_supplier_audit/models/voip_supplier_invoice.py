"""Rental of numbers: what an invoice charges beside what the numbers must cost."""

from decimal import Decimal

from odoo import models

from odoo.addons.voip_supplier_audit.engine.named import assign
from odoo.addons.voip_supplier_audit.invoices.figures import exact, text
from odoo.addons.voip_supplier_audit.invoices.rows import codes_of

from ..engine.rental import Cost, Line

ZERO = Decimal(0)


class VoipSupplierInvoice(models.Model):
    _inherit = "voip.supplier.invoice"

    # === BUSINESS METHODS === #

    def _reconcile(self):
        result = super()._reconcile()
        if self._rental_lines():
            self._reconcile_rental()
        return result

    def _rental_lines(self):
        return self.line_ids.filtered(lambda line: line.kind == "rental")

    def _reconcile_rental(self):
        """Put the cost of numbers beside the lines of rental.

        What an earlier invoice has is owed on that one; numbers that are on no line of
        any invoice of these days are added to what he did not bill.
        """
        costs, taken = self._rental_costs(), {}
        for other in self._others().filtered(lambda one: one.id < self.id):
            charged = other._rental_lines().filtered(
                lambda line: line.decision != "rejected"
            )
            found, costs_left = assign(costs, charged._asked_rental())
            taken |= {
                cost: other.number for rows in found.values() for cost, _part in rows
            }
            costs = costs_left
        lines = self._rental_lines()
        found, left = assign(costs, lines._asked_rental())
        again, _left = assign(taken, lines._asked_rental())
        for line in lines:
            line.write(line._rental_values(found[line.id], again[line.id], taken))
        self._add_unbilled(left)

    def _rental_costs(self):
        """[:class:`~..engine.rental.Cost`] of the months that its lines may be for, in
        the invoice's currency, counted up to today."""
        days = [day for day in self._rental_lines().mapped("day") if day]
        partners = self.env["res.partner"].with_context(active_test=False)
        values = {
            "company": self.company_id.id,
            "suppliers": partners.search([("id", "child_of", self.partner_id.id)]).ids,
            "currency": self.currency_id.id,
            "days": days,
            "since": self.period_start,
            "until": self.period_end,
        }
        self.env["voip.did.cost"].sudo()._accrue(self.company_id.id)
        self.env.cr.execute(COSTS_SQL, values)
        return [
            Cost(number, first, last, Decimal(amount))
            for number, first, last, amount in self.env.cr.fetchall()
        ]

    def _add_unbilled(self, costs):
        """Numbers that are held and not on the invoice, beside calls that are not."""
        since, until = self.period_start, self.period_end
        costs = [cost for cost in costs if since <= cost.first <= until]
        if not costs:
            return
        amount = sum((cost.amount for cost in costs), ZERO)
        cells = [self._shown_number(cost) for cost in costs]
        cells = [*(self.unbilled_cells or []), *cells][:SHOWN]
        unbilled = float(exact(self.ours_unbilled) + amount)
        self.write({"ours_unbilled": unbilled, "unbilled_cells": cells})

    def _shown_number(self, cost):
        gap = text(-cost.amount)
        said = self.env._(
            "Rental of +%(number)s from %(day)s is not billed: %(amount)s.",
            number=cost.number,
            day=cost.first,
            amount=gap,
        )
        nothing = {"calls": 0, "minutes": text(ZERO), "amount": text(ZERO)}
        return {
            "prefix": cost.number,
            "destination": None,
            "day": cost.first.isoformat(),
            "ours": {**nothing, "calls": 1, "amount": text(cost.amount)},
            "theirs": nothing,
            "difference": gap,
            "class": "missing_there",
            "explanations": [{"kind": "missing_there", "amount": gap, "text": said}],
            "unexplained": text(ZERO),
        }


class VoipSupplierInvoiceLine(models.Model):
    _inherit = "voip.supplier.invoice.line"

    def _asked_rental(self):
        """Lines of rental as the engine takes them."""
        return [
            Line(
                key=line.id,
                codes=codes_of(line.prefix) or tuple(filter(None, [line.prefix])),
                day=line.day or None,
                since=line.invoice_id.period_start,
                until=line.invoice_id.period_end,
                amount=exact(line.amount),
            )
            for line in self
        ]

    def _rental_values(self, rows, again, numbers):
        """What is found of a line of rental.

        :param rows: [(:class:`~..engine.rental.Cost`, Decimal)] that are on it
        :param again: the same of those that an earlier invoice has
        :param numbers: {cost: number of that invoice}
        """
        values = self._cost_values(
            rows,
            again,
            lambda gap: self._told_again(again, numbers, gap),
            self._told_unknown,
        )
        return {"ours_calls": len({cost.number for cost, _part in rows}), **values}

    def _told_again(self, again, numbers, gap):
        amount = min(gap, sum((part for _cost, part in again), ZERO))
        names = ", ".join(sorted({numbers[cost] for cost, _part in again}))
        said = self.env._(
            "Rental of these numbers and months is on invoice %(names)s already:"
            " %(amount)s.",
            names=names,
            amount=text(amount),
        )
        return {
            "kind": "duplicate",
            "amount": text(amount),
            "text": said,
            "number": names,
        }

    def _told_unknown(self, gap):
        said = self.env._(
            "No number of this line is held of him in its month: %s. Look at Held"
            " From and Returned On of the number, and its supplier.",
            text(gap),
        )
        return {"kind": "missing_here", "amount": text(gap), "text": said}


# Numbers on no line that an answer lists at most.
SHOWN = 500
COSTS_SQL = """
SELECT d.number, c.month_first, c.month_last, sum(c.amount)::text
  FROM voip_did_cost c JOIN voip_did d ON d.id = c.did_id
 WHERE c.company_id = %(company)s AND c.supplier_id = ANY(%(suppliers)s)
   AND c.currency_id = %(currency)s
   AND (c.month_first BETWEEN %(since)s AND %(until)s
        OR EXISTS (SELECT FROM unnest(%(days)s::date[]) day
                    WHERE day BETWEEN c.month_first AND c.month_last))
 GROUP BY 1, 2, 3 HAVING sum(c.amount) <> 0
 ORDER BY 1, 2
"""
