"""Rows of sums between and below the lines of a sheet. No Odoo here."""

import re
from decimal import Decimal

_CALLED = re.compile(
    r"(?:invoice|net|sub|grand|overall)?[\s-]*"
    r"(?:totals?|sum|summe|zwischensumme|gesamtsumme|gesamtbetrag|gesamt)\b.*",
    re.IGNORECASE,
)
# What amounts printed with two decimals hide.
_HALF = Decimal("0.005")


def is_sum(values):
    """Whether a row is called like a sum, and has nothing that only a line has.

    :param values: of the row by field
    """
    if values.keys() & {"day", "rate"}:
        return False
    names = [values[name] for name in ("prefix", "destination") if values.get(name)]
    return len(names) == 1 and bool(_CALLED.fullmatch(names[0].strip()))


class Sums:
    """What the lines above a row come to: all, and those since the last sum."""

    def __init__(self):
        self.whole, self.part, self.count = Decimal(0), Decimal(0), 0

    def add(self, amount):
        """Count a line."""
        self.whole += amount
        self.part += amount
        self.count += 1

    def against(self, values):
        """Why a row that is called like a sum is none; None: it is one.

        :param values: of the row by field, among them its amount
        """
        amount, whole, part = values["amount"], self.whole, self.part
        self.part = Decimal(0)
        slack = _HALF * (self.count + 1)
        if min(abs(amount - whole), abs(amount - part)) <= slack:
            return None
        called = values.get("destination") or values.get("prefix")
        return (
            f"{called[:40]!r} is called like a sum and is of {amount:f}, the lines"
            f" above are of {whole:f}: leave the row out, or give it a code or a rate"
        )
