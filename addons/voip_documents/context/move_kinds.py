"""The data of invoices and credit notes."""

import re
from datetime import date
from decimal import Decimal

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..const import COLUMNS
from ..engine import epc, exact
from ..engine.sample import sample
from ..engine.shape import EMPTY_LINE, VERSION
from .destinations import has_destinations
from .figures import amount_of, decimals_of, layout_of, shortest
from .move_taxes import line_taxes, taxes_of
from .move_terms import early_discount, instalments, legal_notes, plain, rounding
from .parties import account_data, company_data, customer_data
from .payment_terms import terms_text
from .subject import Subject


class VoipDocumentKindInvoice(models.AbstractModel):
    _name = "voip.document.kind.invoice"
    _inherit = "voip.document.kind"
    _description = "Invoices"
    _rank = 10
    _body = "voip_documents/templates/document.html"
    _heads = COLUMNS
    _preview_field = "preview_move_id"
    _move_type = "out_invoice"

    def _label(self):
        return self.env._("Invoice")

    # === SUBJECTS === #

    @api.model
    def _named(self, record, account, first, last):
        self._refuse_range(first, last)
        if not isinstance(record, str) or not record:
            raise UserError(self.env._("record is the number of a document."))
        domain = [("name", "=", record), ("move_type", "=", self._move_type)]
        companies = ("company_id", "in", self.env.companies.ids)
        moves = self.env["account.move"].search([*domain, companies], limit=2)
        if len(moves) > 1:
            raise UserError(
                self.env._("record: several companies have a document %s.", record[:60])
            )
        if not moves:
            raise UserError(self.env._("record: there is no document %s.", record[:60]))
        return self._of_move(moves, self._named_account(account, moves.company_id))

    @api.model
    def _of_move(self, move, account=None):
        """The subject of an invoice or credit note."""
        return Subject(
            record=move,
            company=move.company_id,
            partner=move.commercial_partner_id,
            account=account or move.sudo().voip_account_id,
        )

    @api.model
    def _check(self, subject):
        move = subject.record
        if move.move_type != self._move_type or move.state != "posted":
            raise UserError(
                self.env._(
                    "Documents are made of posted invoices and credit notes, not "
                    "of %s.",
                    move.display_name,
                )
            )

    @api.model
    def _moment(self, subject):
        return subject.record.invoice_date or date(2000, 1, 1)

    @api.model
    def _previewed(self, template):
        move = template.preview_move_id._origin
        return self._of_move(move) if move.move_type == self._move_type else None

    @api.model
    def _sample(self):
        code = self.env.lang or "en_US"
        layout = layout_of(self.env, code, self.env.company.currency_id)
        labels = self._words(layout["currency"]["name"])
        return sample(self._kind, labels, layout, self._language(code))

    # === DATA === #

    @api.model
    def _data(self, subject, lang=None):
        """The data of an invoice or credit note, in the customer's language.

        Who asks reads the document; bank, company and account are read with it.
        """
        move = subject.record.ensure_one()
        move.check_access("read")
        code = lang or move.partner_id.lang or self.env.lang or "en_US"
        move = move.sudo().with_context(lang=code).with_company(move.company_id)
        layout = layout_of(self.env, code, move.currency_id)
        labels = self.with_context(lang=code)._words(move.currency_id.name)
        lines, sections = self._lines(move, layout)
        return {
            "version": VERSION,
            "kind": self._kind,
            "is_draft": move.state != "posted",
            "number": move.name if move.name and move.name != "/" else labels["draft"],
            "reference": move.ref or "",
            "origin": move.invoice_origin or "",
            **self._dates(move),
            "currency": layout["currency"],
            "company": company_data(move.company_id),
            "customer": customer_data(move.partner_id),
            "account": account_data(move.voip_account_id),
            "has_usage": any(line["kind"] == "usage" for line in lines),
            "has_calls": any(line["calls"] is not None for line in lines),
            "has_destinations": has_destinations(move),
            "lines": lines,
            "sections": sections,
            "taxes": self._taxes(move, layout),
            "totals": self._totals(move, layout),
            "payment": self._payment(move, layout),
            "notes": self._notes(move, code),
            "labels": labels,
            "language": self._language(code),
            "format": layout,
        }

    def _dates(self, move):
        start = move.voip_period_start or move.voip_span_start
        end = move.voip_period_end or move.voip_span_end
        due = move.invoice_date_due
        values = {"date": move.invoice_date, "due": due, "start": start, "end": end}
        texts = {}
        for name, day in values.items():
            texts[name] = day.isoformat() if day else ""
            texts[f"{name}_text"] = format_date(move.env, day) if day else ""
        names = [name for name in texts if name.startswith(("start", "end"))]
        period = {name: texts.pop(name) for name in names}
        zone = move.voip_account_id.tz or ""
        between = [period["start_text"], period["end_text"]]
        text = " – ".join(each for each in between if each)
        return {**texts, "period": {**period, "text": text, "zone": zone}}

    # === LINES === #

    def _lines(self, move, layout):
        """All lines, and the same by section; what stands before any has no name."""
        lines = move.invoice_line_ids
        used = lines.filtered(lambda x: not x._voip_is_money_part())
        rates, units = used._voip_rates(), used._voip_units()
        places = max((decimals_of(rate) for rate, _deck in rates.values()), default=4)
        taxes = line_taxes(move)
        ordered = lines.sorted(lambda line: (line.sequence, line.id))
        lines, sections, name = [], [], ""
        for line in ordered:
            if line.display_type in ("line_section", "line_subsection"):
                name = line.name or ""
                sections.append({"name": name, "lines": []})
                continue
            if not sections:
                sections.append({"name": "", "lines": []})
            data = self._line(line, rates.get(line.id), layout, places)
            if line.id in units:
                data.update(self._pieces(units[line.id], data, layout))
            if line in taxes:
                tax = taxes[line]
                data.update(tax=tax, tax_text=exact.money_text(tax, layout))
            data.update(section=name, position=len(lines) + 1)
            lines.append(data)
            sections[-1]["lines"].append(data)
        sections = [section for section in sections if section["lines"]]
        return lines, [self._section(each, move, layout) for each in sections]

    def _section(self, section, move, layout):
        lines = section["lines"]
        amount = sum((Decimal(line["amount"] or 0) for line in lines), Decimal(0))
        seconds = sum(line["seconds"] or 0 for line in lines)
        calls = sum(line["calls"] or 0 for line in lines)
        return {
            **section,
            "amount": exact.text_of(amount),
            "amount_text": exact.money_text(amount, layout),
            "calls": calls,
            "calls_text": exact.number_text(calls, 0, layout),
            "seconds": seconds,
            "minutes_text": exact.minutes_text(seconds),
        }

    def _line(self, line, rate, layout, places):
        """One line; what a note or a line without usage has not is None or ""."""
        if line.display_type == "line_note":
            return {"kind": "note", "name": line.name or "", **EMPTY_LINE}
        currency, usage = line.currency_id, rate is not None
        amount = amount_of(line.price_subtotal, currency)
        tax = amount_of(line.price_total - line.price_subtotal, currency)
        quantity, price = shortest(line.quantity), shortest(line.price_unit)
        discount = shortest(line.discount)
        data = {
            "kind": "usage" if usage else "item",
            "name": line.name or "",
            "service": line.voip_service_id.name or "",
            "is_late": bool(line.voip_late),
            "quantity": None if usage else quantity,
            "quantity_text": "" if usage else self._plain_number(quantity, layout),
            "price": None if usage else price,
            "price_text": "" if usage else exact.rate_text(price, layout, 2),
            "discount": discount,
            "discount_text": self._percent(discount, layout),
            "taxes": ", ".join(line.tax_ids.mapped("name")),
            "amount": amount,
            "amount_text": exact.money_text(amount, layout),
            "tax": tax,
            "tax_text": exact.money_text(tax, layout),
        }
        own = self._usage(line, rate, layout, places) if usage else {}
        return {**EMPTY_LINE, **data, **own}

    @staticmethod
    def _plain_number(text, layout):
        return exact.number_text(text, len(text.partition(".")[2]), layout)

    def _percent(self, text, layout):
        if text == "0":
            return ""
        return f"{self._plain_number(text, layout)}{exact.GAP}%"

    def _usage(self, line, rate, layout, places):
        sign = -1 if line.move_id.move_type == "out_refund" else 1
        price, deck_currency = rate
        seconds, calls = sign * line.voip_seconds, sign * line.voip_calls
        # All rates of a document have the same decimals: they stand one below another.
        text = exact.rate_text(price, layout, places)
        foreign = deck_currency and deck_currency != line.currency_id
        return {
            "calls": calls,
            "calls_text": exact.number_text(calls, 0, layout),
            "seconds": seconds,
            "minutes_text": exact.minutes_text(seconds),
            "unit": line.voip_service_id.unit or "",
            "rate": price,
            "rate_text": f"{text}{exact.GAP}{deck_currency.name}" if foreign else text,
            "rate_currency": (deck_currency or line.currency_id).name,
        }

    @staticmethod
    def _pieces(units, data, layout):
        """What a line of usage by the unit has instead of calls and minutes.

        What is charged without a price, as the rest to a minimum, has no rate.
        """
        free = not Decimal(data["amount"] or 0)
        if not (free or Decimal(data["rate"] or 0)):
            data = {**data, "rate": None, "rate_text": ""}
        return {
            "rate": data["rate"],
            "rate_text": data["rate_text"],
            "calls": None,
            "calls_text": "",
            "seconds": None,
            "minutes_text": "",
            "quantity": str(units) if units else None,
            "quantity_text": exact.number_text(units, 0, layout) if units else "",
            "price": data["rate"],
            "price_text": data["rate_text"],
        }

    # === SUMS === #

    def _taxes(self, move, layout):
        return [
            {
                "name": name,
                "base": base,
                "base_text": exact.money_text(base, layout),
                "amount": amount,
                "amount_text": exact.money_text(amount, layout),
            }
            for name, base, amount in taxes_of(move)
        ]

    def _totals(self, move, layout):
        currency, added = move.currency_id, rounding(move)
        values = {
            "untaxed": move.amount_untaxed - added,
            "rounding": added,
            "tax": move.amount_tax,
            "total": move.amount_total,
            "open": move.amount_residual,
            "paid": move.amount_total - move.amount_residual,
        }
        totals = {}
        for name, value in values.items():
            totals[name] = amount_of(value, currency)
            totals[f"{name}_text"] = exact.money_text(totals[name], layout)
        return {
            **totals,
            "is_paid": currency.is_zero(move.amount_residual),
            "has_rounding": not currency.is_zero(added),
            "has_paid": not currency.is_zero(values["paid"]),
        }

    def _payment(self, move, layout):
        """How to pay; a credit note asks for nothing."""
        bank, invoice = move.partner_bank_id, move.move_type == "out_invoice"
        text = move.payment_reference or move.name or ""
        holder = bank.acc_holder_name or move.company_id.name
        number = bank.acc_number or ""
        is_open = not move.currency_id.is_zero(move.amount_residual)
        data = {
            "is_asked": invoice and is_open,
            "terms": terms_text(move, layout),
            "communication": text,
            "bank": bank.bank_id.name or "",
            "bic": bank.bank_id.bic or "",
            "number": number,
            "is_iban": epc.valid_iban(re.sub(r"\s", "", number).upper()),
            "holder": holder if bank else "",
            "qr": "",
            "instalments": instalments(move, layout) if invoice else [],
            "discount": early_discount(move, layout),
        }
        if data["is_asked"] and bank and move.state == "posted":
            amount = amount_of(move.amount_residual, move.currency_id)
            code = (holder, number, data["bic"], move.currency_id.name, amount, text)
            data["qr"] = epc.picture(epc.payload(*code))
        return data

    def _notes(self, move, code):
        notes = legal_notes(move, code)
        notes += [plain(move.narration)] if plain(move.narration) else []
        for sentence, spans in move._voip_exchange_notes():
            notes.append(f"{sentence} {'; '.join(spans)}")
        return notes


class VoipDocumentKindCreditNote(models.AbstractModel):
    _name = "voip.document.kind.credit_note"
    _inherit = "voip.document.kind.invoice"
    _description = "Credit Notes"
    _rank = 20
    _move_type = "out_refund"

    def _label(self):
        return self.env._("Credit Note")
