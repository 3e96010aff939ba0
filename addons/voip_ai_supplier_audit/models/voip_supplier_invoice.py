"""AI usage: what an invoice charges beside what its sessions cost."""

from decimal import Decimal

from odoo import models

from odoo.addons.voip_supplier_audit.engine.named import assign
from odoo.addons.voip_supplier_audit.invoices.figures import exact, text

from ..engine.usage import Cost

ZERO = Decimal(0)
# Costs on no line that an answer lists at most.
SHOWN = 500


class VoipSupplierInvoice(models.Model):
    _inherit = "voip.supplier.invoice"

    # === BUSINESS METHODS === #

    def _reconcile(self):
        result = super()._reconcile()
        if self._ai_lines():
            self._reconcile_ai()
        return result

    def _ai_lines(self):
        return self.line_ids.filtered(lambda line: line.kind == "ai")

    def _ai_suppliers(self):
        """Ids of the supplier and his contacts."""
        partners = self.env["res.partner"].with_context(active_test=False)
        return partners.search([("id", "child_of", self.partner_id.id)]).ids

    def _reconcile_ai(self):
        """Put what sessions cost beside the lines of AI usage.

        What an earlier invoice has is owed on that one; what is on no line of any
        invoice of these days is added to what he did not bill.
        """
        costs, taken = self._ai_costs(), {}
        for other in self._others().filtered(lambda one: one.id < self.id):
            charged = other._ai_lines().filtered(
                lambda line: line.decision != "rejected"
            )
            found, costs = assign(costs, charged._asked_ai())
            taken |= {
                cost: other.number for rows in found.values() for cost, _part in rows
            }
        lines = self._ai_lines()
        asked = lines._asked_ai()
        found, left = assign(costs, asked)
        again, _left = assign(taken, asked)
        for line in lines:
            line.write(line._ai_values(found[line.id], again[line.id], taken))
        self._add_unbilled_ai(left)

    def _ai_costs(self):
        """[:class:`~..engine.usage.Cost`] of the period's days in the invoice's zone
        and currency."""
        since, until = self._period_utc()
        values = {
            "company": self.company_id.id,
            "suppliers": self._ai_suppliers(),
            "currency": self.currency_id.id,
            "tz": self.tz,
            "since": since,
            "until": until,
        }
        self.env.flush_all()
        self.env.cr.execute(COSTS_SQL, values)
        return [
            Cost(model, kind, day, Decimal(amount))
            for model, kind, day, amount in self.env.cr.fetchall()
        ]

    def _add_unbilled_ai(self, costs):
        """Usage that is not on the invoice, beside calls that are not."""
        if not costs:
            return
        amount = sum((cost.amount for cost in costs), ZERO)
        numbers = {cost.model for cost in costs} - {0}
        used = self.env["voip.ai.model"].sudo().browse(numbers)
        names = {model.id: model.code for model in used}
        kinds = self.line_ids._ai_kinds()
        cells = [self._shown_ai(cost, names, kinds) for cost in costs]
        cells = [*(self.unbilled_cells or []), *cells][:SHOWN]
        unbilled = float(exact(self.ours_unbilled) + amount)
        self.write({"ours_unbilled": unbilled, "unbilled_cells": cells})

    def _shown_ai(self, cost, names, kinds):
        gap, model = text(-cost.amount), names.get(cost.model)
        what = ", ".join(filter(None, (model, kinds[cost.kind])))
        said = self.env._(
            "%(what)s of %(day)s is not billed: %(amount)s.",
            what=what,
            day=cost.day,
            amount=gap,
        )
        nothing = {"calls": 0, "minutes": text(ZERO), "amount": text(ZERO)}
        return {
            "prefix": None,
            "destination": what,
            "day": cost.day.isoformat(),
            "ours": {**nothing, "amount": text(cost.amount)},
            "theirs": nothing,
            "difference": gap,
            "class": "missing_there",
            "explanations": [{"kind": "missing_there", "amount": gap, "text": said}],
            "unexplained": text(ZERO),
        }


# A charge and its usage have account and moment in common.
COSTS_SQL = """
SELECT COALESCE(c.model_id, 0), c.kind,
       (u.started_at AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date AS day,
       sum(u.cost_amount)::text
  FROM voip_ai_charge c
  JOIN voip_usage_row u ON u.id = c.usage_id AND u.account_id = c.account_id
   AND u.started_at = c.started_at
 WHERE c.company_id = %(company)s AND c.started_at >= %(since)s
   AND c.started_at < %(until)s AND u.started_at >= %(since)s
   AND u.started_at < %(until)s AND u.supplier_id = ANY(%(suppliers)s)
   AND u.cost_currency_id = %(currency)s
 GROUP BY 1, 2, 3 HAVING sum(u.cost_amount) <> 0
 ORDER BY 3, 1, 2
"""
