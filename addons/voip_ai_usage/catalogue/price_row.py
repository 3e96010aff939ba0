"""A row of a price list as it was sent, to exact values. No database."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from odoo.addons.voip_billing_base.engine.given import NUMBER

from ..engine.kinds import SECONDS, SENT

FIELDS = (
    "provider",
    "model",
    "kind",
    "price_per_1000",
    "cost_per_1000",
    "price_per_minute",
    "cost_per_minute",
    "markup_percent",
    "currency",
    "account",
    "effective_from",
    "effective_to",
)
SIDES = {"price": "sale", "cost": "cost"}
ALL = "*"
MOST = 10**6
MOST_MARKUP = 10**4


class BadPriceRow(ValueError):
    """A row that was refused; the message is for its sender.

    :param code: error code of the machine doors
    """

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class PriceRow:
    """``prices`` are (side, Decimal) or ("markup", Decimal in percent); texts are ""
    and days None where they were not said."""

    provider: str
    model: str
    kind: str
    prices: tuple
    currency: str
    account: str
    first: date | None
    last: date | None


def read_row(given):
    """The :class:`PriceRow` of a JSON object or a line of a sheet.

    :raises BadPriceRow: naming the field, what it holds and what it should
    """
    if not isinstance(given, dict):
        raise BadPriceRow("bad_value", "A price is an object with its fields.")
    if unknown := given.keys() - set(FIELDS):
        raise BadPriceRow("bad_value", f"{min(map(str, unknown))!r} is no field.")
    texts = {name: _text(name, given.get(name)) for name in FIELDS}
    for name in ("model", "kind"):
        if not texts[name]:
            raise BadPriceRow("missing_field", f"{name} is missing.")
    kind = texts["kind"].lower()
    if kind not in (*SENT, ALL):
        raise BadPriceRow("bad_value", f"kind: {kind!r} is none of {', '.join(SENT)}.")
    prices = _prices(texts, kind)
    fixed = any(side != "markup" for side, _value in prices)
    if fixed and not texts["currency"]:
        raise BadPriceRow("missing_field", "currency is missing.")
    if fixed and kind == ALL:
        raise BadPriceRow("bad_value", "kind: only a mark-up is for all kinds.")
    first, last = (_day(n, texts[n]) for n in ("effective_from", "effective_to"))
    if first and last and last < first:
        raise BadPriceRow("bad_value", "effective_to: is before effective_from.")
    return PriceRow(
        texts["provider"],
        texts["model"],
        kind,
        prices,
        texts["currency"].upper(),
        texts["account"],
        first,
        last,
    )


def _prices(texts, kind):
    unit, other = ("minute", "1000") if kind in SECONDS else ("1000", "minute")
    found = []
    for word, side in SIDES.items():
        if texts[f"{word}_per_{other}"]:
            raise BadPriceRow(
                "bad_value", f"{word}_per_{other}: {kind} is priced per {unit}."
            )
        if value := texts[f"{word}_per_{unit}"]:
            found.append((side, _number(f"{word}_per_{unit}", value, MOST, 8)))
    if value := texts["markup_percent"]:
        if found and found[0][0] == "sale":
            raise BadPriceRow(
                "bad_value", "markup_percent: there is a price beside it."
            )
        found.append(("markup", _number("markup_percent", value, MOST_MARKUP, 4)))
    if not found:
        raise BadPriceRow("missing_field", f"price_per_{unit} is missing.")
    return tuple(found)


def _text(name, value):
    if value is None:
        return ""
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not value.isprintable() or len(value) > 128:
        raise BadPriceRow(
            "bad_value", f"{name}: {str(value)[:40]!r} is no text of 128 characters."
        )
    return value.strip()


def _number(name, value, most, places):
    if not NUMBER.fullmatch(value):
        raise BadPriceRow("bad_value", f"{name}: {value!r} is no number.")
    number = Decimal(value)
    if not 0 <= number <= most:
        raise BadPriceRow("bad_value", f"{name}: {value!r} is not 0 to {most:,}.")
    if number != round(number, places):
        raise BadPriceRow(
            "bad_value", f"{name}: {value!r} has more than {places} decimals."
        )
    return number


def _day(name, value):
    try:
        return date.fromisoformat(value) if value else None
    except ValueError as error:
        raise BadPriceRow(
            "bad_value", f"{name}: {value!r} is no day as 2026-03-01."
        ) from error
