"""A line of a supplier's invoice may be AI usage."""

from decimal import Decimal

from odoo import api, fields, models

from odoo.addons.voip_ai_usage.engine.kinds import KINDS
from odoo.addons.voip_supplier_audit.invoices.figures import exact, text

from ..engine.usage import Line

ZERO = Decimal(0)
# Nobody's id: the line names a model that the catalogue does not have.
UNKNOWN = -1


class VoipSupplierInvoiceLine(models.Model):
    _inherit = "voip.supplier.invoice.line"

    kind = fields.Selection(
        selection_add=[("ai", "AI usage")], ondelete={"ai": "set default"}
    )
    name = fields.Char(
        help="Of AI usage a model or an alias of it, a kind as input.cached, or both"
        " with a comma (gpt-4o, input); empty: all of it."
    )

    @api.model
    def _compared_kinds(self):
        return {*super()._compared_kinds(), "ai"}

    # === BUSINESS METHODS === #

    def _asked_ai(self):
        """Lines of AI usage as the engine takes them."""
        found = []
        for line in self:
            model, kind = line._ai_names()
            found.append(
                Line(
                    key=line.id,
                    model=line._ai_model(model) if model else None,
                    kind=kind,
                    day=line.day or None,
                    since=line.invoice_id.period_start,
                    until=line.invoice_id.period_end,
                    amount=exact(line.amount),
                )
            )
        return found

    def _ai_names(self):
        """(name of a model or "", code of a kind or "") of the printed destination.

        It is "gpt-4o, input", one of both, or empty.
        """
        words = {name.lower(): kind for kind, name in self._ai_kinds().items()}
        words |= {kind: kind for kind in KINDS}
        name = (self.name or "").strip()
        head, _comma, tail = name.rpartition(",")
        kind = words.get(tail.strip().lower(), "")
        return (head.strip() if kind else name), kind

    @api.model
    def _ai_kinds(self):
        kind = self.env["voip.ai.charge"]._fields["kind"]
        return dict(kind._description_selection(self.env))

    def _ai_model(self, name):
        """Id of the model that a name means with this supplier's providers."""
        invoice = self.invoice_id
        catalogue = self.env["voip.ai.model"].sudo()._catalogue(invoice.company_id.id)
        his = [
            ("company_id", "=", invoice.company_id.id),
            ("supplier_id", "in", invoice._ai_suppliers()),
        ]
        for provider in self.env["voip.ai.provider"].sudo().search(his):
            model, _error = catalogue.find(name, provider.code)
            if model:
                return model.id
        return UNKNOWN

    def _ai_values(self, rows, again, numbers):
        """What is found of a line of AI usage.

        :param rows: [(:class:`~..engine.usage.Cost`, Decimal)] that are on it
        :param again: the same of those that an earlier invoice has
        :param numbers: {cost: number of that invoice}
        """
        values = self._cost_values(
            rows,
            again,
            lambda gap: self._told_ai_again(again, numbers, gap),
            self._told_no_ai,
        )
        return {"ours_calls": 0, **values}

    def _told_ai_again(self, again, numbers, gap):
        amount = text(min(gap, sum((part for _cost, part in again), ZERO)))
        names = ", ".join(sorted({numbers[cost] for cost, _part in again}))
        said = self.env._(
            "AI usage of these days is on invoice %(names)s already: %(amount)s.",
            names=names,
            amount=amount,
        )
        return {"kind": "duplicate", "amount": amount, "text": said, "number": names}

    def _told_no_ai(self, gap):
        said = self.env._(
            "No session of these days has a cost of this line in %(currency)s:"
            " %(amount)s. Look at the model's name and aliases, and at the provider's"
            " prices and supplier.",
            currency=self.currency_id.name,
            amount=text(gap),
        )
        return {"kind": "missing_here", "amount": text(gap), "text": said}
