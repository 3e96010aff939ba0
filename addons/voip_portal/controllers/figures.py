"""Sums of usage by day, service and destination, from summaries alone."""

from decimal import Decimal

from odoo.tools import SQL

# By how much sums are asked for: the column and what its values are called.
GROUPS = {
    "day": SQL("s.local_day"),
    "service": SQL("s.service_id"),
    "destination": SQL("s.label"),
    "account": SQL("s.account_id"),
}


def sums(env, accounts, first, last, *groups):
    """Usage of accounts between two local days.

    :param accounts: accounts whose rights were checked
    :param groups: names of :data:`GROUPS`
    :return: list of dicts of the groups, ``attempts``, ``calls`` (answered ones),
        ``seconds`` and ``amount`` (taxes included, Decimal of the account's currency),
        the dearest first
    """
    columns = [SQL("%s AS %s", GROUPS[name], SQL.identifier(name)) for name in groups]
    by = SQL(", ").join([GROUPS[name] for name in groups])
    env.cr.execute(
        SQL(
            "SELECT %s, sum(s.calls)::bigint AS calls,"
            " sum(s.attempts)::bigint AS attempts,"
            " sum(s.seconds)::bigint AS seconds,"
            " sum(s.amount + s.tax)::text AS amount"
            " FROM voip_usage_summary s"
            " WHERE s.account_id = ANY(%s) AND s.local_day BETWEEN %s AND %s"
            " GROUP BY %s ORDER BY sum(s.amount + s.tax) DESC, %s",
            SQL(", ").join(columns),
            accounts.ids,
            first,
            last,
            by,
            by,
        )
    )
    rows = env.cr.dictfetchall()
    return [{**row, "amount": Decimal(row["amount"])} for row in rows]


def total(rows):
    """The amounts of ``rows`` together."""
    return sum((row["amount"] for row in rows), Decimal(0))


def family(account):
    """The account and those of its sub-accounts that the reader may see."""
    return account.search([("id", "child_of", account.ids)])
