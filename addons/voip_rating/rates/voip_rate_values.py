"""What people and imports write into a rate is read as strictly as a rate sheet."""

import re
from decimal import Decimal

from odoo import api, models
from odoo.exceptions import UserError

from ..engine.money import from_scaled, to_scaled
from ..engine.parse import BadValue, quote
from ..sheets.row import CHARGES, DATES, OPTIONAL, PRICES, refused_charges

# Of a price that need not be: none.
NONE_TEXT = re.compile(r" *-1(\.0*)? *")
# A part of a float that it may differ by from the decimal that was meant.
FLOAT_ERROR = Decimal("1e-13")
_FRACTION = re.compile(r"[.,][0-9]*[1-9]")


def price_of(name, value):
    """A price as it is stored, exactly what was given.

    :param value: decimal text, or number
    :raises BadValue: anything else, or more than 8 decimals
    """
    if name in OPTIONAL:
        if value == -1 or (isinstance(value, str) and NONE_TEXT.fullmatch(value)):
            return Decimal(-1)
    if isinstance(value, float):
        exact = Decimal(repr(value))
        rounded = Decimal(f"{value:.8f}")
        if exact.is_finite() and abs(rounded - exact) <= abs(exact) * FLOAT_ERROR:
            value = rounded
    try:
        return from_scaled(to_scaled(value))
    except BadValue as error:
        raise BadValue(f"{name}: {error}") from error


def is_absent(value):
    return value is None or value is False or value == ""


class VoipRate(models.Model):
    _inherit = "voip.rate"

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._strict(dict(vals)) for vals in vals_list])

    def write(self, vals):
        return super().write(self._strict_dates(dict(vals)))

    @api.model
    def load(self, fields, data=()):
        """Refuse a sheet of Odoo's import whose prices are no plain decimals."""
        self.check_access("create")
        return self._refused_import(fields, data) or super().load(fields, data)

    @api.model
    def _refused_import(self, names, data):
        """What an import answers whose texts are no prices; None where all are.

        :param names: fields of rates, or of a deck with the path to its rates
        """
        messages = [
            {
                "type": "error",
                "record": row,
                "rows": {"from": row, "to": row},
                "field": name,
                "message": why,
            }
            for column, name in enumerate(names)
            for row, why in self._unread_prices(name.rpartition("/")[2], column, data)
        ]
        return {"ids": False, "messages": messages, "nextrow": 0} if messages else None

    @api.model
    def _unread_prices(self, name, column, data):
        """(row, reason) of texts that are no price."""
        for row, line in enumerate(data if name in PRICES else ()):
            if isinstance(line[column], str) and line[column]:
                try:
                    price_of(name, line[column])
                except BadValue as error:
                    yield row, str(error)

    def _strict(self, vals):
        """Values of a new rate, or UserError with the reason."""
        given = {
            name: vals.get(name, self.env.context.get(f"default_{name}"))
            for name in (*PRICES, "blocked", "payback")
        }
        if is_absent(given["price_per_minute"]) and not given["blocked"]:
            raise UserError(
                self.env._(
                    "%(prefix)s: price_per_minute is missing.",
                    prefix=vals.get("prefix") or "",
                )
            )
        try:
            prices = {
                name: price_of(name, value)
                for name, value in given.items()
                if name in PRICES and not is_absent(value)
            }
        except BadValue as error:
            raise UserError(str(error)) from error
        charges = [prices.get(name, Decimal(0)) for name in CHARGES]
        if why := refused_charges(*charges, bool(given["payback"])):
            raise UserError(why)
        for name in PRICES:
            if name in vals and name not in prices:
                del vals[name]
            elif isinstance(vals.get(name), str):
                vals[name] = float(prices[name])
        return self._strict_dates(vals)

    def _strict_dates(self, vals):
        """Refuse fractions of a second, which Odoo would cut off."""
        for name in DATES:
            value = vals.get(name)
            fraction = (
                _FRACTION.search(value)
                if isinstance(value, str)
                else getattr(value, "microsecond", 0)
            )
            if fraction:
                raise UserError(
                    self.env._(
                        "%(field)s: %(value)s is not a whole second.",
                        field=name,
                        value=quote(str(value)),
                    )
                )
        return vals
