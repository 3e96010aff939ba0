"""Of what the bills of an invoice are made: its lines, or the sums of many."""

from dataclasses import dataclass
from decimal import Decimal

from odoo import models

from .figures import ZERO, exact

# Of more lines each kind is one line of a bill. Odoo takes minutes to post thousands,
# and product, taxes and analytic distribution of all are those of the agreement.
APART = 500
PARTS = ("accepted", "disputed", "rejected", "billed")


@dataclass(frozen=True, slots=True)
class Part:
    """Exact money that a line of a bill is made of, its kind, and what it is called."""

    kind: str
    words: str
    money: Decimal


class VoipSupplierInvoice(models.Model):
    _inherit = "voip.supplier.invoice"

    def _parts(self):
        """{name of :data:`PARTS`: [:class:`Part`]} in the order of the lines.

        ``billed`` is what is not rejected: what is accepted and what is disputed of a
        line together.
        """
        found = {name: [] for name in PARTS}
        rows = self._summed() if self.line_count > APART else self._each()
        for kind, words, amounts in rows:
            for name, money in amounts.items():
                found[name].append(Part(kind, words, money))
        return found

    def _each(self):
        """(kind, words, {part: Decimal}) of each line."""
        for line in self.line_ids:
            amount, disputed = exact(line.amount), exact(line.disputed_amount)
            shares = _shares(line.decision, amount, disputed)
            yield line.kind, self._bill_words(line), shares

    def _summed(self):
        """The same of the lines of each kind together, which are not read."""
        sums = {}
        for group in self._line_groups():
            known = sums.setdefault(group.kind, {})
            shares = _shares(group.decision, group.amount, group.disputed)
            for name, money in shares.items():
                known[name] = known.get(name, ZERO) + money
        for kind in filter(sums.get, self._kinds()):
            yield kind, self._kind_words(kind), sums[kind]

    def _disputed_parts(self, lines):
        """[:class:`Part`] of what is disputed of some lines."""
        parts = [
            Part(line.kind, self._bill_words(line), exact(line.disputed_amount))
            for line in lines
        ]
        if len(parts) <= APART:
            return parts
        sums = {}
        for part in parts:
            sums[part.kind] = sums.get(part.kind, ZERO) + part.money
        return [
            Part(kind, self._kind_words(kind), money) for kind, money in sums.items()
        ]

    def _bill_words(self, line):
        parts = [line.display_name]
        if line.minutes:
            parts.append(self.env._("%s min", f"{line.minutes:.2f}"))
        return ", ".join(filter(None, parts))

    def _kind_words(self, kind):
        return self.env._(
            "%(kind)s, sum of the lines of invoice %(number)s",
            kind=self._kinds()[kind],
            number=self.number,
        )

    def _kinds(self):
        """{kind of lines: what it is called}."""
        lines = self.env["voip.supplier.invoice.line"]
        return dict(lines._fields["kind"]._description_selection(self.env))


def _shares(decision, amount, disputed):
    """What a decision makes of money; Decimals by the names of :data:`PARTS`."""
    if decision == "open":
        return {}
    if decision == "rejected":
        return {"rejected": amount}
    found = {"billed": amount}
    if decision == "disputed":
        found["disputed"] = disputed
    if decision == "accepted" or amount != disputed:
        found["accepted"] = amount - disputed
    return found
