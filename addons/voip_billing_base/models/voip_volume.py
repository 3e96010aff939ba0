"""Models whose rows are counted in hundreds of millions are never scanned whole."""

import contextlib
from datetime import datetime, time, timedelta

from odoo import fields, models
from odoo.fields import Domain
from odoo.orm.domains import DomainAnd, DomainCondition, DomainOr
from odoo.tools import SQL, Query

SPAN_DAYS = 31
FIRST = datetime(1990, 1, 1)
POSITIVE = ("=", "in")
MANY = 1_000


class VoipVolume(models.AbstractModel):
    """Gives every search a span of time, because that is what the tables are cut by.

    A condition that names records, a batch, a summary or a call id is narrowed to the
    time of what it names. Whoever states neither gets 31 days: the last ones, or those
    before the end that is stated. Code that runs as superuser is left alone.

    The model's rows are in a table named like its view with ``_row`` after it.
    """

    _name = "voip.volume"
    _inherit = ["voip.guard"]
    _description = "Rows by the Million"

    _largest_id = 2**63 - 1
    _moment = "started_at"
    # A stored day of another zone, up to a day from that of its moment.
    _day = None
    # Conditions on these find their rows without a span.
    _finding = ("id",)
    # What access rules ask of each record that is read.
    _ruled = ("company_id",)

    def _search(self, domain, *args, **options):
        domain = Domain(domain).map_conditions(self._narrow)
        if not self.env.su and not self._spanned(domain):
            until = min(self._ends(domain), default=fields.Datetime.now())
            since = max(until, FIRST) - timedelta(days=SPAN_DAYS)
            domain &= Domain(self._moment, ">=", since)
        return super()._search(domain, *args, **options)

    def _fetch_query(self, query, fields):
        # What rules ask comes along: else they make the ORM read each record again.
        wanted = [self._fields[name] for name in (self._moment, *self._ruled)]
        return super()._fetch_query(query, [*fields, *wanted])

    def _spanned(self, domain):
        """Whether a domain leaves no rows of all times."""
        if isinstance(domain, DomainAnd):
            return any(map(self._spanned, domain.children))
        if isinstance(domain, DomainOr):
            return all(map(self._spanned, domain.children))
        if isinstance(domain, DomainCondition):
            return self._finds(domain)
        return domain.is_false()

    def _ends(self, domain):
        """Moments that all rows of a domain lie before."""
        conditions = domain.children if isinstance(domain, DomainAnd) else [domain]
        for condition in conditions:
            if isinstance(condition, DomainCondition) and (
                condition.field_expr == self._moment
                and condition.operator in ("<", "<=")
            ):
                # What is no moment by itself ("today -3d") Odoo reads, or refuses.
                with contextlib.suppress(ValueError, TypeError, OverflowError):
                    if moment := fields.Datetime.to_datetime(condition.value):
                        yield moment.replace(tzinfo=None)

    def _finds(self, condition):
        name, operator = condition.field_expr, condition.operator
        if name == self._moment:
            return operator in (">", ">=", *POSITIVE)
        return name in self._finding and operator in POSITIVE

    def _narrow(self, condition):
        """The same condition with what is known about the time of its rows."""
        value = condition.value
        if self._day and condition.field_expr == self._day:
            return condition & self._around(condition.operator, value)
        if (
            condition.operator in POSITIVE
            and condition.field_expr in self._narrowing()
            and not isinstance(value, SQL | Query)
        ):
            values = [value] if condition.operator == "=" else list(value)
            return self._narrowing()[condition.field_expr](condition, values)
        return condition

    def _narrowing(self):
        """{field: callable of condition and values, giving a domain}."""
        return {"id": self._of_ids}

    def _around(self, operator, value):
        """Moments that rows of a condition on their day may have."""
        try:
            listed = [value] if isinstance(value, str) else list(value)
        except TypeError:
            listed = [value]
        try:
            days = [fields.Date.to_date(one) for one in listed]
        except (TypeError, ValueError):
            # Odoo reads it ("today -3d"), or refuses it.
            return Domain.TRUE
        if None in days or not days:
            return Domain.TRUE
        first = datetime.combine(min(days) - timedelta(days=1), time.min)
        last = datetime.combine(max(days) + timedelta(days=2), time.min)
        if operator in POSITIVE:
            return self._within(first, last)
        if operator in (">", ">="):
            return Domain(self._moment, ">=", first)
        if operator in ("<", "<="):
            return Domain(self._moment, "<=", last)
        return Domain.TRUE

    def _of_ids(self, condition, values):
        """Records by id, within the time they are known or found to be of."""
        ids = {value for value in values if type(value) is int}
        if len(ids) > MANY:
            return condition
        known = self._fields[self._moment]._get_cache(self.env)
        moments = [known[number] for number in ids if known.get(number)]
        if len(moments) < len(ids):
            moments += self._moments([number for number in ids if number not in known])
        first, last = min(moments, default=None), max(moments, default=None)
        return condition & self._within(first, last)

    def _moments(self, ids):
        """Moments of these rows; of the bare table, which is planned in no time."""
        # No min and max: PostgreSQL would look for an index for them in every month.
        query = SQL(
            "SELECT %s FROM %s WHERE id = ANY(%s)",
            SQL.identifier(self._moment),
            SQL.identifier(f"{self._table}_row"),
            ids,
        )
        return [moment for (moment,) in self.env.execute_query(query)]

    def _named(self, model, values):
        """The records of ``model`` whose ids a condition names, for their times."""
        ids = [value for value in values if type(value) is int]
        return self.env[model].sudo().browse(ids).exists()

    def _within(self, first, last):
        """Rows from one moment to another, both included; none without moments."""
        if not first or not last:
            return Domain.FALSE
        return Domain(self._moment, ">=", first) & Domain(self._moment, "<=", last)
