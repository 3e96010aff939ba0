"""What a reseller's customer pays: our amount and the mark-up of its day and service.

Nothing of it is stored. The product is exact, so sums of it are the product of sums:
of calls and of their summaries alike. Whoever shows it rounds, once.
"""

from datetime import timedelta
from decimal import Decimal

from odoo.tools import SQL

from odoo.addons.voip_billing_base.fields import EXACT

_PART = Decimal("0.01")
_DAY = timedelta(days=1)


def marked(table):
    """SQL that joins ``k.percent``, the mark-up of each row's account, service and day.

    Rows of days before any mark-up fall out: they have no resale price.

    :param table: alias with ``account_id``, ``service_id`` and ``local_day``
    """
    return SQL(
        "JOIN LATERAL (SELECT m.percent FROM voip_resale_markup m"
        "  WHERE m.account_id = %(row)s.account_id AND m.date_from <= %(row)s.local_day"
        "    AND (m.service_id = %(row)s.service_id OR m.service_id IS NULL)"
        "  ORDER BY m.service_id IS NULL, m.date_from DESC LIMIT 1) k ON true",
        row=SQL.identifier(table),
    )


def resold_sql(amount):
    """SQL of ``amount`` at the mark-up that :func:`marked` joined; exact.

    A product: a quotient would be cut off after some figures.
    """
    return SQL("(%s * (1 + k.percent * 0.01))", amount)


def resold(amount, percent):
    """The same of a Decimal amount and a Decimal percent."""
    return EXACT.multiply(amount, 1 + percent * _PART)


class Markups:
    """Mark-ups of one account, in memory, as :func:`marked` finds them.

    :param rows: (service id or None, first day, percent as Decimal)
    """

    def __init__(self, rows):
        self.dated = {}
        for service, day, percent in sorted(rows, key=lambda row: row[1]):
            self.dated.setdefault(service, []).append((day, percent))

    def percent(self, service, day):
        """The mark-up of a service on a local day; None before any."""
        for key in (service, None):
            begun = [found for found in self.dated.get(key, ()) if found[0] <= day]
            if begun:
                return begun[-1][1]
        return None

    def since(self):
        """The first day that has prices; None where there is none."""
        days = [dated[0][0] for dated in self.dated.values()]
        return min(days, default=None)

    def changes(self, day, services):
        """Days after ``day`` on which the mark-up of one of ``services`` changes."""
        begin = {one[0] for dated in self.dated.values() for one in dated}
        return [
            one
            for one in sorted(begin)
            if one > day
            and any(
                self.percent(service, one) != self.percent(service, one - _DAY)
                for service in services
            )
        ]
