"""Models whose rows are counted in hundreds of millions are never scanned whole."""

from datetime import timedelta

from odoo import fields, models
from odoo.fields import Domain

SPAN_DAYS = 31
POSITIVE = ("=", "in")


class VoipVolume(models.AbstractModel):
    """Gives every search a span of time, because that is what the tables are cut by.

    A condition that names records, a batch, a summary or a call id is narrowed to the
    time of what it names. Whoever states neither gets the last 31 days; code that runs
    as superuser states what it wants and is left alone.
    """

    _name = "voip.volume"
    _description = "Rows by the Million"

    _moment = "started_at"
    # Conditions on these find their rows without a span.
    _finding = ("id",)

    def _search(self, domain, *args, **options):
        domain = Domain(domain).map_conditions(self._narrow)
        if not self.env.su and not any(map(self._finds, domain.iter_conditions())):
            since = fields.Datetime.now() - timedelta(days=SPAN_DAYS)
            domain &= Domain(self._moment, ">=", since)
        return super()._search(domain, *args, **options)

    def _finds(self, condition):
        name, operator = condition.field_expr, condition.operator
        if name == self._moment:
            return operator in (">", ">=", *POSITIVE)
        return name in self._finding and operator in POSITIVE

    def _narrow(self, condition):
        """The same condition with what is known about the time of its rows."""
        if condition.operator in POSITIVE and condition.field_expr in self._narrowing():
            value = condition.value
            values = [value] if condition.operator == "=" else list(value)
            return self._narrowing()[condition.field_expr](condition, values)
        return condition

    def _narrowing(self):
        """{field: callable of condition and values, giving a domain}."""
        return {}

    def _named(self, model, values):
        """The records of ``model`` whose ids a condition names, for their times."""
        ids = [value for value in values if type(value) is int]
        return self.env[model].sudo().browse(ids).exists()

    def _within(self, first, last):
        """Rows from one moment to another, both included; none without moments."""
        if not first or not last:
            return Domain.FALSE
        return Domain(self._moment, ">=", first) & Domain(self._moment, "<=", last)
