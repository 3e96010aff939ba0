"""A statement of account that nobody sent."""

from datetime import date, timedelta
from decimal import Decimal

from .statement import Line, Statement

FIRST = date(2026, 1, 1)
MOVES = (
    (2, "payment", "PBNK1/2026/00017", "Bank transfer", "-1180.40"),
    (5, "invoice", "VOIP/2026/00042", "2025-12-01 – 2025-12-31", "2417.93"),
    (9, "credit_note", "RVOIP/2026/00003", "Wrong rate, Norbrook", "-52.08"),
    (14, "payment", "PBNK1/2026/00031", "Bank transfer", "-1500.00"),
    (20, "netting", "NET/2026/00002", "", "-310.25"),
)


def sample_statements(currency):
    """A list of one :class:`~.statement.Statement`."""
    one = Statement(currency, 2, Decimal("1180.40"))
    one.lines = [
        Line(FIRST + timedelta(days=day), kind, document, text, Decimal(amount))
        for day, kind, document, text, amount in MOVES
    ]
    one.ageing = {"current": Decimal("555.60"), "1-30": Decimal(0)}
    one.unbilled = Decimal("401.72")
    return [one]
