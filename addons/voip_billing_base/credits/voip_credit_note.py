"""The credit note itself: lines, taxes, settlement."""

from odoo import models

from ..documents.billing_document import FAST
from .voip_credit_totals import price_of

# What the lines of a credit note take over from those they credit.
COPIED = (
    "product_id",
    "account_id",
    "analytic_distribution",
    "voip_service_id",
    "voip_late",
)


class VoipCredit(models.Model):
    _inherit = "voip.credit"

    def _create_note(self, parts):
        """The credit note in draft, with the total that is left at most."""
        lang = self.move_id.partner_id.lang
        terms = self.with_context(lang=lang) if lang else self
        vals = terms._prepare_note(parts)
        note = self.env["account.move"].with_context(**FAST).create(vals)
        self._cap_taxes(note)
        self._round_for_cash(note)
        self._keep_receivable(note)
        left = self._left("amount_total")
        if note.currency_id.compare_amounts(note.amount_total, left) > 0:
            raise self._too_much(self.move_id.name, note.amount_total, left)
        return note

    def _prepare_note(self, parts):
        move = self.move_id
        start = move.voip_period_start or move.voip_span_start
        end = move.voip_period_end or move.voip_span_end
        return {
            "move_type": "out_refund",
            "reversed_entry_id": move.id,
            "partner_id": move.partner_id.id,
            "partner_shipping_id": move.partner_shipping_id.id,
            "company_id": move.company_id.id,
            "currency_id": move.currency_id.id,
            "journal_id": move.journal_id.id,
            "fiscal_position_id": move.fiscal_position_id.id,
            "invoice_date": self.date,
            "date": self.date,
            "invoice_date_due": self.date,
            "invoice_payment_term_id": False,
            # The invoice's rounding goes back with the last credit, not by itself.
            "invoice_cash_rounding_id": False,
            "invoice_user_id": move.invoice_user_id.id,
            "invoice_origin": move.name,
            "ref": self.env._(
                "Credit of %(invoice)s: %(reason)s",
                invoice=move.name,
                reason=self.reason,
            ),
            "voip_account_id": move.voip_account_id.id,
            "voip_payer_id": move.voip_payer_id.id,
            "voip_span_start": start,
            "voip_span_end": end,
            "voip_credit_id": self.id,
            "invoice_line_ids": [
                (0, 0, values) for values in self._prepare_note_lines(parts)
            ],
        }

    def _prepare_note_lines(self, parts):
        """Lines of the parts, below the sections that they stand in."""
        found, sections = {part.line: part for part in parts}, []
        held = self._held_taxes(parts)
        for line in self.move_id.invoice_line_ids.sorted("sequence"):
            if line.display_type == "line_section":
                sections = [line]
            elif line.display_type == "line_subsection":
                above = [x for x in sections if x.display_type == "line_section"]
                sections = [*above, line]
            if line not in found:
                continue
            for section in sections:
                yield {
                    "display_type": section.display_type,
                    "name": section.name,
                    "sequence": section.sequence,
                }
            sections = []
            values = self._prepare_note_line(found[line])
            yield {**values, "extra_tax_data": held.get(line, False)}

    def _prepare_note_line(self, part):
        line = part.line
        values = line._convert_to_write({name: line[name] for name in COPIED})
        return {
            **values,
            "name": self._note_line_name(part),
            "sequence": line.sequence,
            "quantity": 1.0,
            "price_unit": float(part.amount),
            "tax_ids": [(6, 0, line.tax_ids.ids)],
            "voip_credited_line_id": line.id,
            # As usage that is taken back counts: a credit note shows it above zero.
            "voip_calls": -part.calls,
            "voip_seconds": -part.seconds,
            "voip_rate": line.voip_rate,
            "voip_amount": float(part.exact),
        }

    def _note_line_name(self, part):
        name = part.line.name
        if part.whole:
            return name
        if self.scope == "percent" and part.amount == self._share_of(part.line):
            share = self._percent_text()
            return self.env._("%(share)s %% of %(name)s", share=share, name=name)
        if self.scope == "calls":
            return self.env._("Calls of %s", name)
        return self.env._("Part of %s", name)

    def _cap_taxes(self, note):
        """Keep the invoice's credits within its total, taxes included.

        Taxes of parts round by themselves: what they would pass the invoice's by is
        taken off the tax of this one, and the last one takes what is left.
        """
        taxes = note.line_ids.filtered("tax_repartition_line_id")
        amounts = taxes.grouped("tax_line_id")
        amounts = {x: sum(amounts[x].mapped("amount_currency")) for x in amounts}
        overs = self._overs(price_of(note.invoice_line_ids), amounts)
        notes = note | self._notes()
        most = note.currency_id.rounding * len(notes.invoice_line_ids)
        most *= max(len(taxes), 1)
        # An invoice may be rounded for cash in its biggest tax.
        most += self.move_id.invoice_cash_rounding_id.rounding
        changes = [
            self._tax_change(taxes.filtered(lambda x, t=t: x.tax_line_id == t), t, over)
            for t, over in overs.items()
            if abs(over) <= most
        ]
        if changes:
            note.write({"line_ids": changes})

    def _tax_change(self, lines, tax, over):
        """The command that takes ``over`` off what a note has of ``tax``."""
        if not lines:
            return (0, 0, self._tax_left(tax, -over))
        # Taxes of a credit note are debits.
        line = max(lines, key=lambda x: abs(x.amount_currency))
        return (1, line.id, {"amount_currency": line.amount_currency - over})

    def _tax_left(self, tax, amount):
        """A line of a tax of the invoice, where a note's own rounds to none."""
        taxes = self.move_id.line_ids.filtered(lambda x: x.tax_line_id == tax)
        biggest = max(taxes, key=lambda x: abs(x.amount_currency))
        part = biggest.tax_repartition_line_id
        place = tax.invoice_repartition_line_ids.ids.index(part.id)
        part = tax.refund_repartition_line_ids[place]
        return {
            "display_type": "tax",
            "name": biggest.name,
            "account_id": (part.account_id or biggest.account_id).id,
            "tax_repartition_line_id": part.id,
            "group_tax_id": biggest.group_tax_id.id,
            "tax_ids": [(6, 0, biggest.tax_ids.ids)],
            "tax_tag_ids": [(6, 0, part.tag_ids.ids)],
            "currency_id": biggest.currency_id.id,
            "amount_currency": amount,
        }

    def _round_for_cash(self, note):
        """The last credit gives back what the invoice was rounded by, on a line."""
        amount = self._rounding_of(price_of(note.invoice_line_ids))
        if not amount:
            return
        rounding = self.move_id.line_ids.filtered(
            lambda x: x.display_type == "rounding" and not x.tax_repartition_line_id
        )[:1]
        values = {
            "name": rounding.name,
            "account_id": rounding.account_id.id,
            "quantity": 1.0,
            "price_unit": amount,
            "tax_ids": [(5,)],
            "sequence": 10000,
        }
        note.write({"invoice_line_ids": [(0, 0, values)]})

    def _keep_receivable(self, note):
        """The credit note stands on the receivable account of its invoice, as Odoo's
        own reversal does: only there it pays it, whatever the customer has by now."""
        due = self.move_id.line_ids.filtered(
            lambda x: x.account_type == "asset_receivable"
        )
        account = due.sorted(lambda x: -abs(x.balance))[:1].account_id
        terms = note.line_ids.filtered(lambda x: x.display_type == "payment_term")
        if account and terms.account_id != account:
            terms.account_id = account

    def _settle(self, note, again):
        """Use the credit for what is open, or leave it in the wallet, as chosen."""
        if self.settlement == "receivable":
            _reconcile(note, self.move_id)
            _reconcile(note, again)
        self.env["voip.billing.document"]._settle_prepaid(again)


def _reconcile(note, document):
    credit, due = _open(note), _open(document)
    due = due.filtered(lambda x: x.account_id in credit.account_id)
    if credit and due:
        (credit + due).reconcile()


def _open(move):
    return move.line_ids.filtered(
        lambda x: x.account_type == "asset_receivable" and not x.reconciled
    )
