"""Our cost of an invoice's days in another currency than the invoice's."""

from decimal import Decimal

from odoo import models

from ..engine.explain import OTHER_CURRENCY, PART_CURRENCY
from ..invoices.figures import text
from . import kept
from .match import assign


class VoipSupplierInvoice(models.Model):
    _inherit = "voip.supplier.invoice"

    def _say_other_currency(self, sums, asked):
        """Say it on the lines that it is so of; it claims nothing.

        :param sums: {id of a line: cost in the invoice's currency}
        :param asked: :class:`~.match.Asked` of the lines of usage
        """
        found = {}
        for currency in self._other_currencies():
            cells = self._cells(currency)
            for key in assign(cells, asked)[0]:
                found.setdefault(key, []).append(currency.name)
        lines = self.line_ids.filtered(lambda line: line.id in found and line.amount)
        lines._write_found(
            {
                line.id: {
                    "found": "currency",
                    "explanations": [
                        self._told_currency(found[line.id], line.id in sums)
                    ],
                }
                for line in lines
            }
        )

    def _other_currencies(self):
        """Currencies but the invoice's that the supplier cost us in."""
        decks = self.env["voip.rate.deck"].with_context(active_test=False)
        domain = [
            ("company_id", "=", self.company_id.id),
            ("side", "=", "supplier"),
            ("currency_id", "!=", self.currency_id.id),
        ]
        # Few companies buy in two currencies: the others need not ask all their cost.
        if not decks.search_count(domain, limit=1):
            return self.env["res.currency"]
        found = kept.currencies(*self._asked_cost())
        return self.env["res.currency"].browse(found) - self.currency_id

    def _told_currency(self, names, is_part):
        names = {"ours": ", ".join(names), "theirs": self.currency_id.name}
        said = self.env._(PART_CURRENCY) if is_part else self.env._(OTHER_CURRENCY)
        return {
            "kind": "currency",
            "amount": text(Decimal(0)),
            "text": said % names,
            "ours_in": names["ours"],
        }

    def _compared_lines(self):
        """Lines of usage that our cost can be set beside."""
        return self._usage_lines().filtered(lambda line: line._is_compared())


class VoipSupplierInvoiceLine(models.Model):
    _inherit = "voip.supplier.invoice.line"

    def _other_currency_text(self):
        """What it says of our cost in another currency, or False."""
        return self._said("ours_in")

    def _said(self, mark):
        """The text of the explanation that has a mark, or False."""
        told = [one["text"] for one in self.explanations or [] if one.get(mark)]
        return bool(told) and told[0]

    def _uncompared_text(self):
        """Why our cost is not set beside the line, or False."""
        return self._other_currency_text() or self._said("wider")

    def _is_compared(self):
        return not self._uncompared_text()
