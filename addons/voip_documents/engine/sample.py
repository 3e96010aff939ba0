"""Data of a document that nobody sent: what templates are tried with."""

from datetime import date, timedelta
from decimal import Decimal

from . import exact
from .shape import DEFAULT_COLOR, EMPTY_LINE, VERSION

PLACES = (
    ("Norbrook, fixed", "0.0085"),
    ("Norbrook, mobile", "0.0312"),
    ("Estmark, fixed", "0.0124"),
    ("Estmark, mobile, Telia", "0.08975"),
    ("Satellite, Thuraya", "2.35"),
)


def sample(kind, labels, layout, language, repeat=1):
    """A document with two sections, a line of its own and a note.

    :param repeat: how often each section has its destinations

    :param language: dict ``code``, ``is_right_to_left``
    """
    money = lambda value: exact.money_text(value, layout)  # noqa: E731
    sections = [
        _section(name, calls, layout, money, repeat)
        for name, calls in (("Head office", 1200), ("Support centre", 310))
    ]
    extra = {"section": "", "lines": [_item(layout, money), _note()]}
    sections[1]["lines"] += extra["lines"]
    lines = [line for section in sections for line in section["lines"]]
    for position, line in enumerate(lines, 1):
        line["position"] = position
    net = sum((Decimal(line["amount"] or 0) for line in lines), Decimal(0))
    tax = exact.rounded(net * Decimal("0.2"), 2)
    return {
        **_head(kind, layout),
        "currency": layout["currency"],
        "company": _company(),
        "customer": _customer(),
        "account": {"code": "A00042", "name": "Example Ltd"},
        "has_usage": True,
        "has_calls": True,
        "has_destinations": True,
        "lines": lines,
        "sections": sections,
        "taxes": [_tax("VAT 20%", net, tax, money)],
        "totals": _totals(net, tax, money),
        "payment": _payment(kind),
        "notes": ["Thank you for your business."],
        "labels": labels,
        "language": language,
        "format": layout,
    }


def _head(kind, layout):
    start = date(2026, 1, 1)
    period = {"start": start, "end": start + timedelta(days=30)}
    spans = _days(period, layout)
    text = f"{spans['start_text']} – {spans['end_text']}"
    days = {"date": start + timedelta(days=31), "due": start + timedelta(days=45)}
    return {
        "version": VERSION,
        "kind": kind,
        "is_draft": False,
        "number": "VOIP/2026/00042",
        "reference": "PO 4711",
        "origin": "",
        **_days(days, layout),
        "period": {**spans, "text": text, "zone": "Europe/London"},
    }


def _days(days, layout):
    values = {name: day.isoformat() for name, day in days.items()}
    texts = {
        f"{name}_text": exact.date_text(day, layout["date"])
        for name, day in values.items()
    }
    return {**values, **texts}


def _section(name, calls, layout, money, repeat):
    lines = []
    for number, (place, rate) in enumerate(PLACES * repeat, 1):
        seconds = 137 * calls // number
        amount = exact.rounded(Decimal(seconds) / 60 * Decimal(rate), 2)
        lines.append(
            {
                **EMPTY_LINE,
                "kind": "usage",
                "name": place,
                "section": name,
                "service": "Calls",
                "calls": calls // number,
                "calls_text": exact.number_text(calls // number, 0, layout),
                "seconds": seconds,
                "minutes_text": exact.minutes_text(seconds),
                "unit": "minute",
                "rate": rate,
                "rate_text": exact.rate_text(rate, layout),
                "rate_currency": layout["currency"]["name"],
                "taxes": "VAT 20%",
                **_amounts(amount, money),
            }
        )
    total = sum((Decimal(line["amount"]) for line in lines), Decimal(0))
    seconds = sum(line["seconds"] for line in lines)
    count = sum(line["calls"] for line in lines)
    return {
        "name": name,
        "lines": lines,
        "amount": exact.text_of(total),
        "amount_text": money(total),
        "calls": count,
        "calls_text": exact.number_text(count, 0, layout),
        "seconds": seconds,
        "minutes_text": exact.minutes_text(seconds),
    }


def _amounts(amount, money):
    tax = exact.rounded(amount * Decimal("0.2"), 2)
    return {
        "discount": "0",
        "amount": exact.text_of(amount),
        "amount_text": money(amount),
        "tax": exact.text_of(tax),
        "tax_text": money(tax),
    }


def _item(layout, money):
    return {
        **EMPTY_LINE,
        "kind": "item",
        "name": "Monthly fee, SIP trunk",
        "section": "Support centre",
        "quantity": "2",
        "quantity_text": exact.number_text(2, 0, layout),
        "price": "15",
        "price_text": exact.rate_text("15", layout, 2),
        "taxes": "VAT 20%",
        **_amounts(Decimal("30.00"), money),
    }


def _note():
    note = {"kind": "note", "name": "Rates of deck Gold.", "section": "Support centre"}
    return {**EMPTY_LINE, **note}


def _company():
    return {
        "name": "Your Company",
        "address": ["1 Exchange Street", "EC1A 1AA London", "United Kingdom"],
        "vat": "GB123456782",
        "registry": "",
        "email": "billing@example.com",
        "phone": "",
        "website": "www.example.com",
        "logo": "",
        "color": DEFAULT_COLOR,
    }


def _customer():
    return {
        "name": "Example Ltd <& Sons>",
        "contact": "Accounts Payable",
        "address": ["2 Long Lane", "75001 Paris", "France"],
        "vat": "FR40303265045",
        "reference": "",
    }


def _tax(name, base, amount, money):
    return {
        "name": name,
        "base": exact.text_of(base),
        "base_text": money(base),
        "amount": exact.text_of(amount),
        "amount_text": money(amount),
    }


def _totals(net, tax, money):
    values = {"untaxed": net, "tax": tax, "total": net + tax, "open": net + tax}
    values["paid"] = values["rounding"] = Decimal("0.00")
    texts = {f"{name}_text": money(value) for name, value in values.items()}
    numbers = {name: exact.text_of(value) for name, value in values.items()}
    flags = {"is_paid": False, "has_paid": False, "has_rounding": False}
    return {**numbers, **texts, **flags}


def _payment(kind):
    return {
        "is_asked": kind == "invoice",
        "terms": "14 days",
        "communication": "VOIP/2026/00042",
        "bank": "Example Bank",
        "bic": "EXAMGB2L",
        "number": "GB33 BUKB 2020 1555 5555 55",
        "is_iban": True,
        "holder": "Your Company",
        "qr": "",
        "instalments": [],
        "discount": {"date": "", "date_text": "", "amount": "", "amount_text": ""},
    }
