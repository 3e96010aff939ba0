"""A netting request that nobody sent: what its templates are tried with."""

from ..engine import exact
from ..engine.shape import DEFAULT_COLOR, VERSION
from .lines import lines_of, sums_of
from .words import left, reasons, words

# (number, reference, date, due, side, why, open, taken, netted)
ITEMS = {
    "EUR": (
        ("INV/2026/00042", "PO 4711", "2026-01-31", "2026-02-14", "theirs", "",
         "12480.55", "12480.55", "12480.55"),
        ("INV/2026/00051", "", "2026-02-28", "2026-03-14", "theirs", "",
         "9310.20", "9310.20", "3269.45"),
        ("CT-2026-118", "BILL/2026/02/0007", "2026-02-10", "2026-03-10", "ours", "",
         "15750.00", "15750.00", "15750.00"),
        ("CT-2026-121", "BILL/2026/02/0009", "2026-02-20", "2026-03-20", "ours",
         "disputed", "2100.00", "", ""),
    ),
    "USD": (
        ("INV/2026/00060", "", "2026-03-01", "2026-03-31", "theirs", "",
         "800.00", "800.00", "800.00"),
        ("CT-2026-130", "BILL/2026/03/0002", "2026-03-05", "2026-03-31", "ours", "",
         "1500.00", "1500.00", "800.00"),
    ),
}  # fmt: skip
SUMS = {
    "EUR": ("21790.75", "15750.00", "15750.00", "15750.00", "6040.75", "theirs"),
    "USD": ("800.00", "1500.00", "800.00", "800.00", "700.00", "ours"),
}
SIDES = ("Your Company", "Example Ltd <& Sons>")


def sample_request(env, layout, language):
    """A request in two currencies with an agreed rate and a disputed item.

    :param env: in whose language its words are
    :param language: dict ``code``, ``is_right_to_left``
    """
    rate = exact.rate_text("1.0837", layout, 4)
    currencies = [_currency(env, name, layout) for name in ITEMS]
    labels = words(env, *SIDES)
    return {
        "version": VERSION,
        "kind": "netting",
        "number": "NET/2026/0042",
        "state": "requested",
        "date": "2026-04-01",
        "date_text": exact.date_text("2026-04-01", layout["date"]),
        "answer_by": "2026-04-15 12:00",
        "answer_by_text": exact.date_text("2026-04-15", layout["date"]),
        "link": "https://www.example.com/voip/netting/…",
        "company": _party(SIDES[0], "GB123456782") | {
            "registry": "", "email": "billing@example.com", "phone": "",
            "website": "www.example.com", "logo": "", "color": DEFAULT_COLOR,
        },
        "customer": _party(SIDES[1], "FR40303265045") | {
            "contact": "", "reference": "C-1007",
        },
        "currencies": currencies,
        "lines": lines_of(currencies),
        "sums": sums_of(currencies, labels),
        "across": [],
        "rates": [
            {"one": "EUR", "other": "USD", "rate": "1.0837",
             "text": f"1 EUR = {rate} USD"}
        ],
        "labels": labels,
        "language": language,
        "format": layout,
    }  # fmt: skip


def _party(name, vat):
    return {"name": name, "vat": vat, "address": ["1 Long Lane", "75001 Paris"]}


def _currency(env, name, layout):
    currency = {"name": name, "symbol": name, "before": False, "decimals": 2}
    items = [_item(env, row, layout, currency) for row in ITEMS[name]]
    names = ("theirs", "ours", "theirs_netted", "ours_netted", "left")
    *amounts, side = SUMS[name]
    values = dict(zip(names, amounts, strict=True))
    texts = _texts(values, layout, currency)
    return {
        "currency": currency,
        "items": [item for item in items if not item["why"]],
        "left_out": [item for item in items if item["why"]],
        **values,
        **texts,
        "left_side": side,
        "left_sentence": left(env, side, texts["left_text"], *SIDES),
    }


def _item(env, row, layout, currency):
    number, reference, date, due, side, why, open_, taken, netted = row
    values = {
        "open": open_,
        "theirs": taken if side == "theirs" else "",
        "ours": taken if side == "ours" else "",
        "netted": netted or "0",
    }
    return {
        "id": 0,
        "number": number,
        "reference": reference,
        "date": date,
        "date_text": exact.date_text(date, layout["date"]),
        "due": due,
        "due_text": exact.date_text(due, layout["date"]),
        "side": side,
        "why": why,
        "why_text": reasons(env)[why],
        **values,
        **_texts(values, layout, currency),
    }


def _texts(values, layout, currency):
    return {
        f"{name}_text": exact.money_text(value, layout, currency) if value else ""
        for name, value in values.items()
    }
