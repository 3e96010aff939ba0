"""Invoices and credit notes name the numbers that their rental is of."""

from decimal import Decimal

from odoo import models
from odoo.tools import format_date

from odoo.addons.voip_did.plans.voip_did_price import ONCE
from odoo.addons.voip_documents.context.figures import layout_of
from odoo.addons.voip_documents.engine import exact


class VoipDocumentKindInvoice(models.AbstractModel):
    _inherit = "voip.document.kind.invoice"

    def _notes(self, move, code):
        return super()._notes(move, code) + self._number_notes(move, code)

    def _number_notes(self, move, code):
        """Sentences that name each number once with its fees, or the annex."""
        count = move._voip_numbers_count()
        if not count:
            return []
        if count > move.company_id.voip_numbers_listed:
            return [self._annex_note(move, count)]
        alike = {}
        for number, charged in move._voip_numbers_listed().items():
            alike.setdefault(tuple(charged), []).append(f"+{number}")
        layout = layout_of(move.env, code, move.currency_id)
        return [
            self._number_note(move, numbers, charged, layout)
            for charged, numbers in alike.items()
        ]

    def _annex_note(self, move, count):
        if count == 1:
            return move.env._(
                "Rental of 1 number: the annex, a file, names it with its fees, days"
                " and amounts."
            )
        return move.env._(
            "Rental of %(count)s numbers: the annex, a file, names each with its fees,"
            " days and amounts.",
            count=count,
        )

    def _number_note(self, move, numbers, charged, layout):
        """One sentence of numbers that were charged alike."""
        fees = "; ".join(self._fee_words(move, *fee, layout) for fee in charged)
        values = {"numbers": ", ".join(numbers), "fees": fees}
        if len(numbers) > 1:
            return move.env._("%(numbers)s, each: %(fees)s", **values)
        return move.env._("%(numbers)s: %(fees)s", **values)

    @staticmethod
    def _fee_words(move, fee, first, last, amount, layout):
        field = move.env["voip.did.price"]._fields["fee"]
        words = [dict(field._description_selection(move.env))[fee]]
        if fee not in ONCE:
            days = (format_date(move.env, day) for day in (first, last))
            words.append(" – ".join(days))
        sign = -1 if move.move_type == "out_refund" else 1
        words.append(exact.money_text(sign * Decimal(amount), layout))
        return " ".join(words)
