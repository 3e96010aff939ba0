"""Rows of a notice that nobody sent."""

from decimal import Decimal

_PLAIN = {
    "origin_prefix": "",
    "initial_increment": 30,
    "next_increment": 6,
    "starts": "2026-02-07T00:00:00",
    "starts_text": "2026-02-07 00:00",
    "reason": "",
}


def _row(prefix, label, status, old, new):
    return {
        **_PLAIN,
        "prefix": prefix,
        "label": label,
        "status": status,
        "old_price": old and Decimal(old),
        "price": new and Decimal(new),
    }


SAMPLE = [
    _row("4670", "Estmark, mobile", "increased", "0.0812", "0.08975"),
    _row("4673", "Estmark, mobile, Telia", "decreased", "0.0910", "0.0840"),
    _row("47", "Norbrook, fixed", "new", None, "0.0085"),
    _row("4790", "Norbrook, premium", "closed", "0.5500", None),
]
