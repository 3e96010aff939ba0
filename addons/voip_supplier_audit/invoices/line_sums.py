"""Sums over an invoice's lines: it may have 99,000, which are not read to be summed."""

from dataclasses import dataclass
from decimal import Decimal

from odoo import models
from odoo.tools import SQL

from .figures import exact

_SUMMED = ("amount", "disputed_amount", "ours_amount", "unexplained")
_GROUPS = """
SELECT kind, decision, count(*), COALESCE(sum(ours_calls), 0)::bigint,
       COALESCE(sum(amount), 0)::text, COALESCE(sum(disputed_amount), 0)::text,
       COALESCE(sum(ours_amount), 0)::text, COALESCE(sum(unexplained), 0)::text
  FROM voip_supplier_invoice_line
 WHERE invoice_id = %s
 GROUP BY kind, decision
"""
# What is no list says nothing; null gives no row.
_ARRAY = "CASE jsonb_typeof(explanations) WHEN 'array' THEN explanations END"
_EXPLAINED = f"""
SELECT told->>'kind', sum((told->>'amount')::numeric)::text
  FROM voip_supplier_invoice_line, jsonb_array_elements({_ARRAY}) told
 WHERE invoice_id = %s
 GROUP BY 1 ORDER BY 1
"""
_TEXTS = f"""
SELECT told->>'text'
  FROM voip_supplier_invoice_line, jsonb_array_elements({_ARRAY}) told
 WHERE invoice_id = %s
   AND (told->>'ours_in' <> '' OR told->>'wider' <> '')
 GROUP BY 1 ORDER BY min(sequence), min(id)
"""
_OTHER_CURRENCY = """
SELECT COALESCE(bool_and(COALESCE(explanations @? '$[*].ours_in', false)), false)
  FROM voip_supplier_invoice_line
 WHERE invoice_id = %s AND kind = 'usage' AND amount <> 0
"""


@dataclass(frozen=True, slots=True)
class Group:
    """Lines of an invoice of one kind and decision; money as Decimals."""

    kind: str
    decision: str
    count: int
    ours_calls: int
    amount: Decimal
    disputed: Decimal
    ours: Decimal
    unexplained: Decimal


class VoipSupplierInvoice(models.Model):
    _inherit = "voip.supplier.invoice"

    def _line_groups(self):
        """:class:`Group` s of the lines.

        The lines of a page that is not saved are each one of its own.
        """
        if not self._summed_id():
            return [_group(line) for line in self.line_ids]
        names = ("kind", "decision", "ours_calls", *_SUMMED)
        return [
            Group(*row[:4], *map(Decimal, row[4:]))
            for row in self._of_lines(_GROUPS, names)
        ]

    def _explained_money(self):
        """{kind: Decimal} of what the explanations of all lines come to."""
        if self._summed_id():
            rows = self._of_lines(_EXPLAINED, ["explanations"])
            return {kind: Decimal(amount) for kind, amount in rows}
        found = {}
        for line in self.line_ids:
            for one in line.explanations or []:
                amount = found.get(one["kind"], exact(0))
                found[one["kind"]] = amount + Decimal(one["amount"])
        return found

    def _uncompared_texts(self):
        """Why lines are not compared, each sentence once."""
        if self._summed_id():
            return [text for [text] in self._of_lines(_TEXTS, ["explanations"])]
        told = (line._uncompared_text() for line in self.line_ids)
        return list(dict.fromkeys(filter(None, told)))

    def _is_all_other_currency(self):
        """Whether the cost of all lines with money is in another currency."""
        if self._summed_id():
            names = ["amount", "explanations", "kind"]
            [[found]] = self._of_lines(_OTHER_CURRENCY, names)
            return found
        told = [line for line in self._usage_lines() if line.amount]
        return bool(told) and all(line._other_currency_text() for line in told)

    def _summed_id(self):
        """Id of the invoice whose stored lines are summed; none: those of the page."""
        if self.env.context.get("voip_stored_lines"):
            return self._origin.id
        return self.id or False

    def _of_lines(self, query, names):
        """Rows of a query on the lines, which reads the named fields."""
        lines = self.env["voip.supplier.invoice.line"]
        lines.flush_model(["invoice_id", "sequence", *names])
        return self.env.execute_query(SQL(query, self._summed_id()))


def _group(line):
    return Group(
        line.kind,
        line.decision,
        1,
        line.ours_calls,
        *(exact(line[name]) for name in _SUMMED),
    )
