"""Rows of the books as a statement of account. No Odoo here."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from .garbage import no_collection

AGES = ("current", "1-30", "31-60", "61-90", "90+")
ZERO = Decimal(0)
# The smallest amount of a currency by its decimals, of which Odoo allows six.
COINS = [Decimal(1).scaleb(-unit) for unit in range(7)]


@dataclass(slots=True)
class Line:
    """One movement.

    :param amount: above zero the customer owes it, below it is to his credit
    :param reason: name of the words that describe it where nothing else does
    """

    date: date
    kind: str
    document: str
    description: str
    amount: Decimal
    reason: str = ""


@dataclass(slots=True)
class Statement:
    """What happened in one currency.

    :param unit: number of decimals of the currency
    :param opening: what the customer owed when the range began
    :param ageing: what he owes at its end, by :data:`AGES`; empty where it is no
        statement of documents
    :param unbilled: rated usage that is on no invoice yet, with its estimated tax; it
        is of now: None where the range ends before today
    :param is_wallet: balances are told as the customer's, above zero what he has
    """

    currency: str
    unit: int = 2
    opening: Decimal = ZERO
    lines: list = field(default_factory=list)
    ageing: dict = field(default_factory=dict)
    unbilled: Decimal | None = None
    is_wallet: bool = False

    @property
    def closing(self):
        return self.opening + sum((line.amount for line in self.lines), ZERO)

    def total(self, sign):
        """Sum of what was debited (1) or credited (-1)."""
        amounts = (line.amount * sign for line in self.lines)
        return sum((amount for amount in amounts if amount > 0), ZERO)

    def text(self, amount):
        """An amount with the decimals of the currency, more where it has more."""
        told = str(amount)
        if self.unit and told[-self.unit - 1 : -self.unit] == "." and "E" not in told:
            return told
        rounded = amount.quantize(COINS[self.unit])
        return str(rounded) if rounded == amount else f"{amount.normalize():f}"

    def balance(self, owed):
        """A balance as it is told."""
        return -owed if self.is_wallet and owed else owed

    def rows(self):
        """(movement, debit, credit, balance after it as it is told) of each."""
        balance = self.opening
        for line in self.lines:
            balance += line.amount
            told = self.balance(balance)
            if line.amount < 0:
                yield line, ZERO, -line.amount, told
            else:
                yield line, line.amount, ZERO, told

    @no_collection()
    def as_dict(self):
        """Plain data, amounts as exact texts."""
        text, nothing = self.text, self.text(ZERO)
        return {
            "currency": self.currency,
            "opening": text(self.balance(self.opening)),
            "lines": [
                {
                    "date": line.date.isoformat(),
                    "kind": line.kind,
                    "document": line.document,
                    "description": line.description,
                    "debit": text(debit) if debit else nothing,
                    "credit": text(credit) if credit else nothing,
                    "balance": text(balance),
                }
                for line, debit, credit, balance in self.rows()
            ],
            "closing": self.text(self.balance(self.closing)),
            "ageing": {age: self.text(self.ageing.get(age, ZERO)) for age in AGES},
            "unbilled": None if self.unbilled is None else self.text(self.unbilled),
        }
