"""Odoo's *Import records*: what it makes of the numbers in a sheet of rates."""

from odoo import models

from odoo.addons.base_import.models.base_import import ImportValidationError

from ..engine.parse import BadValue
from ..rates.voip_rate_values import PRICES, price_of


class BaseImport(models.TransientModel):
    _inherit = "base_import.import"

    def _parse_import_data_recursive(self, model, prefix, data, import_fields, options):
        prices = {}
        if model == "voip.rate":
            for name in PRICES:
                if prefix + name in import_fields:
                    column = import_fields.index(prefix + name)
                    prices[column] = self._voip_prices(name, column, data, options)
        result = super()._parse_import_data_recursive(
            model, prefix, data, import_fields, options
        )
        for column, texts in prices.items():
            for line, text in zip(data, texts, strict=True):
                line[column] = text
        return result

    def _voip_prices(self, name, column, data, options):
        """The prices of a column as plain decimals.

        Odoo would take 0,070 for 70 where the comma is said to part thousands. What
        has another mark than the decimal separator is refused.

        :raises ImportValidationError: naming the row
        """
        separator, texts = options.get("float_decimal_separator") or ".", []
        for number, line in enumerate(data):
            text = str(line[column] or "").strip()
            if separator != ".":
                text = text.replace(".", " ").replace(separator, ".")
            try:
                texts.append(text and f"{price_of(name, text):f}")
            except BadValue as error:
                message = self.env._(
                    "Row %(row)s: %(reason)s (read with the decimal separator "
                    "%(separator)s). Prices are plain decimals without thousands "
                    "separators.",
                    row=number + 1,
                    reason=str(error),
                    separator=separator,
                )
                raise ImportValidationError(message, field=name) from error
        return texts
