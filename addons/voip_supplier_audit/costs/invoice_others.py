"""Other invoices of a supplier about the same days: nothing is owed twice."""

from dataclasses import replace
from decimal import Decimal

from odoo import models

from ..engine.explain import ALREADY, TWICE
from ..invoices.figures import exact, text
from ..invoices.voip_supplier_invoice import OPEN_STATES
from .billed import Other, beside_others, without_billed
from .invoice_reconcile import asked_of
from .match import ZERO, finder

ONE = Decimal(1)


class VoipSupplierInvoice(models.Model):
    _inherit = "voip.supplier.invoice"

    def _unbilled_elsewhere(self, cells):
        """What of our cost nobody billed before, and what was.

        An invoice that is decided came first, else the one that was imported first.

        :return: (cells, {id of a line: [{kind, amount, text, number}]})
        """
        first = self._others().filtered(
            lambda one: one.state not in OPEN_STATES or one.id < self.id
        )
        left, billed = without_billed(cells, [one._as_other() for one in first])
        line_of = finder([asked_of(line) for line in self._usage_lines()])
        sums = {}
        for part in billed:
            if line := line_of(part.cell):
                key = line.key, part.number
                sums[key] = sums.get(key, ZERO) + part.amount
        told = {}
        for (line, number), amount in sums.items():
            told.setdefault(line, []).append(self._told_billed(number, amount))
        return left, told

    def _said_twice(self, sums):
        """Lines that say what an earlier one says, which has our calls of both.

        :param sums: {id of a line: :class:`~.match.Sum`}
        :return: as :meth:`_unbilled_elsewhere` tells
        """
        first, told = {}, {}
        for line in self._usage_lines():
            figures = line.calls, line.minutes, line.amount
            same = first.setdefault((replace(asked_of(line), key=None), figures), line)
            if same != line and same.id in sums and line.id not in sums:
                amount = min(exact(line.amount), sums[same.id].amount)
                told[line.id] = [self._told_billed(self.number, amount, TWICE)]
        return told

    def _on_no_invoice(self, cells):
        """Cells that no other invoice is about, either."""
        return beside_others(cells, [one._as_other() for one in self._others()])

    def _others(self):
        """Invoices of the supplier with days of this one's, the earlier first."""
        return self.search(
            [
                ("id", "!=", self.id),
                ("company_id", "=", self.company_id.id),
                ("partner_id", "=", self.partner_id.id),
                ("currency_id", "=", self.currency_id.id),
                ("period_start", "<=", self.period_end),
                ("period_end", ">=", self.period_start),
                ("state", "!=", "rejected"),
            ],
            order="id",
        )

    def _as_other(self):
        lines = self._usage_lines().filtered(lambda line: line.decision != "rejected")
        return Other(
            self.number,
            self.period_start,
            self.period_end,
            tuple(asked_of(line) for line in lines),
            {line.id: line._billed_share() for line in lines},
        )

    def _told_billed(self, number, amount, template=ALREADY):
        said = self.env._(template) % {"number": number, "amount": text(amount)}
        return {
            "kind": "duplicate",
            "amount": text(amount),
            "text": said,
            "number": number,
        }


class VoipSupplierInvoiceLine(models.Model):
    _inherit = "voip.supplier.invoice.line"

    def _billed_share(self):
        """Which part of our cost of the line is billed by it, 0 to 1.

        Disputed money is billed once the claim is conceded.
        """
        money = exact(self.amount)
        if self.claim_id.state != "conceded":
            money -= exact(self.disputed_amount)
        ours = exact(self.ours_amount) + self._billed_before()
        if money <= 0:
            return ZERO
        is_all = self.decision != "disputed" and self.within
        return ONE if is_all or ours <= money else money / ours

    def _billed_before(self):
        """What of our cost of the line other invoices have billed; Decimal."""
        told = [x for x in self.explanations or [] if x.get("number")]
        return sum((Decimal(x["amount"]) for x in told), ZERO)
