"""The data of invoices and credit notes."""

import re
from decimal import Decimal

from odoo import api, models
from odoo.tools import format_date

from ..const import MOVE_KINDS
from ..engine import epc, exact
from ..engine.shape import DEFAULT_COLOR, EMPTY_LINE, VERSION
from .figures import amount_of, decimals_of, layout_of, shortest
from .logo import logo_url
from .words import words

COLOR = re.compile(r"#[0-9a-fA-F]{6}")


class VoipDocumentContext(models.AbstractModel):
    """Plain data that templates see: text, whole numbers, lists and dicts only."""

    _name = "voip.document.context"
    _description = "Data of Documents"

    @api.model
    def _of_move(self, move, lang=None):
        """The data of an invoice or credit note, in the customer's language.

        Who asks reads the document; bank, company and account are read with it.

        :return: dict, see docs/documents.md
        """
        move.ensure_one().check_access("read")
        code = lang or move.partner_id.lang or self.env.lang or "en_US"
        move = move.sudo().with_context(lang=code).with_company(move.company_id)
        kind = MOVE_KINDS[move.move_type]
        layout = layout_of(self.env, code, move.currency_id)
        labels = words(move.env, kind)
        lines, sections = self._lines(move, layout)
        return {
            "version": VERSION,
            "kind": kind,
            "is_draft": move.state != "posted",
            "number": move.name if move.name and move.name != "/" else labels["draft"],
            "reference": move.ref or "",
            "origin": move.invoice_origin or "",
            **self._dates(move),
            "currency": layout["currency"],
            "company": self._company(move.company_id),
            "customer": self._customer(move),
            "account": self._account(move.voip_account_id),
            "has_usage": any(line["kind"] == "usage" for line in lines),
            "lines": lines,
            "sections": sections,
            "taxes": self._taxes(move, layout),
            "totals": self._totals(move, layout),
            "payment": self._payment(move),
            "notes": self._notes(move),
            "labels": self._labels(labels, move.currency_id.name),
            "language": {"code": code, "is_right_to_left": self._is_rtl(code)},
            "format": layout,
        }

    @staticmethod
    def _labels(labels, currency):
        return {name: word.replace("%s", currency) for name, word in labels.items()}

    def _is_rtl(self, code):
        return self.env["res.lang"].sudo()._lang_get(code).direction == "rtl"

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

    def _company(self, company):
        partner, color = company.partner_id, company.primary_color or ""
        return {
            "name": company.name,
            "address": self._address(partner),
            "vat": company.vat or "",
            "registry": company.company_registry or "",
            "email": company.email or "",
            "phone": company.phone or "",
            "website": company.website or "",
            "logo": "" if company.uses_default_logo else logo_url(company.logo),
            "color": color if COLOR.fullmatch(color) else DEFAULT_COLOR,
        }

    def _customer(self, move):
        partner = move.partner_id
        company = partner.commercial_partner_id
        return {
            "name": company.name or "",
            "contact": partner.name if partner != company and partner.name else "",
            "address": self._address(partner),
            "vat": company.vat or "",
            "reference": company.ref or "",
        }

    @staticmethod
    def _address(partner):
        text = partner._display_address(without_company=True)
        return [line.strip() for line in text.splitlines() if line.strip()]

    @staticmethod
    def _account(account):
        return {"code": account.code or "", "name": account.name or ""}

    # === LINES === #

    def _lines(self, move, layout):
        """All lines, and the same by section; what stands before any has no name."""
        rates = move.invoice_line_ids._voip_rates()
        places = max((decimals_of(rate) for rate, _deck in rates.values()), default=4)
        lines, sections, name = [], [], ""
        ordered = move.invoice_line_ids.sorted(lambda line: (line.sequence, line.id))
        for line in ordered:
            if line.display_type in ("line_section", "line_subsection"):
                name = line.name or ""
                sections.append({"name": name, "lines": []})
                continue
            if not sections:
                sections.append({"name": "", "lines": []})
            data = self._line(line, rates.get(line.id), layout, places)
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
        data = {
            "kind": "usage" if usage else "item",
            "name": line.name or "",
            "service": line.voip_service_id.name or "",
            "is_late": bool(line.voip_late),
            "quantity": None if usage else quantity,
            "quantity_text": "" if usage else self._plain_number(quantity, layout),
            "price": None if usage else price,
            "price_text": "" if usage else exact.rate_text(price, layout, 2),
            "discount": shortest(line.discount),
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

    # === SUMS === #

    def _taxes(self, move, layout):
        totals, taxes = move.tax_totals or {}, []
        for subtotal in totals.get("subtotals", ()):
            for group in subtotal["tax_groups"]:
                base = group["display_base_amount_currency"]
                base = group["base_amount_currency"] if base is None else base
                base = amount_of(base, move.currency_id)
                amount = amount_of(group["tax_amount_currency"], move.currency_id)
                taxes.append(
                    {
                        "name": group["group_name"],
                        "base": base,
                        "base_text": exact.money_text(base, layout),
                        "amount": amount,
                        "amount_text": exact.money_text(amount, layout),
                    }
                )
        return taxes

    def _totals(self, move, layout):
        currency = move.currency_id
        values = {
            "untaxed": move.amount_untaxed,
            "tax": move.amount_tax,
            "total": move.amount_total,
            "open": move.amount_residual,
            "paid": move.amount_total - move.amount_residual,
        }
        totals = {}
        for name, value in values.items():
            totals[name] = amount_of(value, currency)
            totals[f"{name}_text"] = exact.money_text(totals[name], layout)
        return {**totals, "is_paid": currency.is_zero(move.amount_residual)}

    def _payment(self, move):
        """How to pay; a credit note asks for nothing."""
        bank, invoice = move.partner_bank_id, move.move_type == "out_invoice"
        text = move.payment_reference or move.name or ""
        holder = bank.acc_holder_name or move.company_id.name
        number = bank.acc_number or ""
        is_open = not move.currency_id.is_zero(move.amount_residual)
        data = {
            "is_asked": invoice and is_open,
            "terms": move.invoice_payment_term_id.name or "",
            "communication": text,
            "bank": bank.bank_id.name or "",
            "bic": bank.bank_id.bic or "",
            "number": number,
            "is_iban": epc.valid_iban(re.sub(r"\s", "", number).upper()),
            "holder": holder if bank else "",
            "qr": "",
        }
        if data["is_asked"] and bank and move.state == "posted":
            amount = amount_of(move.amount_residual, move.currency_id)
            code = (holder, number, data["bic"], move.currency_id.name, amount, text)
            data["qr"] = epc.picture(epc.payload(*code))
        return data

    @staticmethod
    def _plain(html):
        return " ".join(re.sub(r"<[^>]+>", " ", str(html or "")).split())

    def _notes(self, move):
        notes = [self._plain(move.narration)] if self._plain(move.narration) else []
        for sentence, spans in move._voip_exchange_notes():
            notes.append(f"{sentence} {'; '.join(spans)}")
        return notes
