"""The steps of an invoice from billed to ours, each with what it is made of."""

from odoo import api, fields, models

from ..invoices.figures import ZERO, exact, text
from .waterfall import placed, waterfall

# Classes of paired calls that a cause of a line is seen in; of others all that differ.
CALLS_OF = {
    # A record without a price tells only that its amount is another.
    "rate": ("rate", "increments"),
    "old_rate": ("effective_date", "rate"),
    "late_increase": ("effective_date", "rate"),
    "increments": ("increments",),
    "formula": ("increments", "duration"),
    "rounding": ("rounding", "increments"),
    "precision": ("increments",),
    "connect_fee": ("increments",),
    "minimum": ("increments",),
    "time_zone": ("time_zone",),
    "period_edge": ("period_edge", "out_of_period"),
    "duplicate": ("duplicate",),
    "unanswered": ("unanswered",),
    "duration": ("duration",),
    "missing_here": ("missing_here",),
    "missing_there": ("missing_there",),
    "unknown_code": ("unknown_code", "missing_here"),
    "credit": ("credit",),
}


class VoipSupplierInvoice(models.Model):
    _name = "voip.supplier.invoice"
    _inherit = ["voip.supplier.invoice", "voip.currency.sums"]

    variance = fields.Json(
        compute="_compute_variance",
        help="From what is billed to what is ours, cause by cause.",
    )

    # === COMPUTE METHODS === #

    @api.depends("why", "total", "line_ids.amount", "line_ids.kind", "state")
    def _compute_variance(self):
        for invoice in self:
            invoice.variance = invoice.state != "imported" and invoice._variance()

    # === BUSINESS METHODS === #

    def _steps(self):
        """:class:`~.waterfall.Step` s of a reconciled invoice."""
        compared = self.env["voip.supplier.invoice.line"]._compared_kinds()
        groups = self._line_groups()
        fees = [group.amount for group in groups if group.kind not in compared]
        return waterfall(
            exact(self.total),
            exact(self.sum_difference),
            sum(fees, ZERO),
            self._causes(),
            exact(self.unexplained),
        )

    def _step_labels(self):
        """What steps are called."""
        lines = self.env["voip.supplier.invoice.line"]
        return {
            **dict(lines._fields["found"]._description_selection(self.env)),
            "billed": self.env._("Billed"),
            "gap": self.env._("Total beside its lines"),
            "fees": self.env._("Fees and taxes"),
            "unexplained": self.env._("Not explained"),
            "ours": self.env._("Our records"),
        }

    def _variance(self):
        """What the chart shows: {from, steps: [{key, label, amount, left, width, kind,
        model, domain}]}; ``domain`` is what a click on a bar opens."""
        steps, labels = self._steps(), self._step_labels()
        causes = self._explained_money()
        begin, bars = placed(steps)
        return {
            "from": text(begin) if begin else "",
            "steps": [
                {
                    "key": step.key,
                    "label": labels[step.key],
                    "amount": float(step.amount),
                    "kind": _kind(step),
                    "left": str(left),
                    "width": str(width),
                    **self._opened(step.key, causes),
                }
                for step, (left, width) in zip(steps, bars, strict=True)
            ],
        }

    def _opened(self, key, causes):
        """Calls of a cause where the supplier sent records, else its lines.

        :param causes: kinds that lines have among their causes
        """
        mine = [("invoice_id", "=", self.id)]
        of_lines = []
        if key == "unexplained":
            of_lines = [("unexplained", "!=", 0)]
        elif key == "fees":
            lines = self.env["voip.supplier.invoice.line"]
            of_lines = [("kind", "not in", sorted(lines._compared_kinds()))]
        elif key in causes:
            of_lines = [("cause", "=", key)]
        if key in CALLS_OF and self.record_count:
            of_calls = [("found", "in", CALLS_OF[key])]
            if key != "missing_there":
                of_calls.append(("line_id.cause", "=", key))
            return _act("voip.supplier.match", [*mine, *of_calls])
        return _act("voip.supplier.invoice.line", [*mine, *of_lines])


def _act(model, domain):
    return {"model": model, "domain": domain}


def _kind(step):
    """How a bar is coloured."""
    if step.is_total:
        return "total"
    if step.key == "unexplained":
        return "unexplained"
    if not step.is_cause:
        return "beside"
    return "dearer" if step.amount < 0 else "cheaper"
