"""Sums of money are of one currency, or they are none."""

from odoo import models
from odoo.tools import SQL

from ..fields import Amount


class VoipCurrencySums(models.AbstractModel):
    """Groups of records in several currencies show no sum of their amounts.

    The model has ``currency_id``, of all its amounts but those in
    ``_company_amounts``, which are in the company's currency.
    """

    _name = "voip.currency.sums"
    _description = "Sums by Currency"

    _company_amounts = ()

    def _read_group_select(self, aggregate_spec, query):
        total = super()._read_group_select(aggregate_spec, query)
        name, _point, function = aggregate_spec.partition(":")
        field = self._fields.get(name)
        if function != "sum" or not isinstance(field, Amount):
            return total
        of_company = name in self._company_amounts
        currency = self._field_to_sql(
            self._table, "company_id" if of_company else "currency_id", query
        )
        return SQL(
            "CASE WHEN MIN(%(of)s) = MAX(%(of)s) THEN %(sum)s END",
            of=currency,
            sum=total,
        )
