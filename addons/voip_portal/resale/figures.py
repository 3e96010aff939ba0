"""Sums of usage at a reseller's prices, from summaries alone, without taxes."""

from decimal import ROUND_HALF_UP, Decimal

from odoo.tools import SQL

from ..controllers.figures import GROUPS
from .prices import marked, resold_sql

BY = {**GROUPS, "month": SQL("date_trunc('month', s.local_day)::date")}


def resale_sums(env, accounts, first, last, *groups):
    """Usage between two local days that has a resale price.

    :param accounts: whose rights were checked
    :param groups: names of :data:`BY`
    :return: list of dicts of the groups, ``calls`` (answered ones), ``seconds``,
        ``amount`` (resale price, exact Decimal) and ``ours`` (our price of the same),
        the dearest first
    """
    columns = [SQL("%s AS %s", BY[name], SQL.identifier(name)) for name in groups]
    by = SQL(", ").join([BY[name] for name in groups])
    amount = resold_sql(SQL("s.amount"))
    env.cr.execute(
        SQL(
            "SELECT %s, sum(s.calls)::bigint AS calls,"
            " sum(s.seconds)::bigint AS seconds,"
            " sum(%s)::text AS amount, sum(s.amount)::text AS ours"
            " FROM voip_usage_summary s %s"
            " WHERE s.account_id = ANY(%s) AND s.local_day BETWEEN %s AND %s"
            " GROUP BY %s ORDER BY sum(%s) DESC, %s",
            SQL(", ").join(columns),
            amount,
            marked("s"),
            accounts.ids,
            first,
            last,
            by,
            amount,
            by,
        )
    )
    return [
        {**row, "amount": Decimal(row["amount"]), "ours": Decimal(row["ours"])}
        for row in env.cr.dictfetchall()
    ]


def rounded(amount, currency):
    """An exact amount in the currency's decimals, half up: once, where it is shown."""
    unit = Decimal(1).scaleb(-currency.decimal_places)
    return amount.quantize(unit, ROUND_HALF_UP)


def figures(price):
    """A price with all its figures, four decimals at least."""
    whole, _dot, part = f"{price:f}".partition(".")
    return f"{whole}.{part.rstrip('0').ljust(4, '0')}"
