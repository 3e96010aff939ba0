"""Seals: what a closed month says, counted, summed and hashed once for ever.

Rows are hashed in blocks of 4,096 ids and the blocks together, both by SHA-256, so that
any number of rows fits. A row is hashed as PostgreSQL writes it: the columns and their
order belong to the seal's version.
"""

from .columns import STORED

VERSION = 1
# A summary whose seal has this number takes nothing any more and waits for its seal.
CLOSING = 0
OPEN = "COALESCE(seal_id, 0) = 0"
SUMMARY_COLUMNS = (
    "id, company_id, account_id, payer_id, service_id, local_day, unit_price,"
    " currency_id, late, deck_currency_id, destination_id, label, facets, attempts,"
    " calls, units, seconds, amount, tax, amount_company, cost"
)


def blocks_sql(alias, columns, sums, source):
    """SQL of one row: count, sums as texts, hash of the rows of ``source``.

    :param alias: of the table in ``source`` that has the ``columns``
    :param sums: {name: SQL} of what is summed
    :param source: what follows FROM
    """
    row = ", ".join(f"{alias}.{name.strip()}" for name in columns)
    inner = "".join(f", sum({sql}) AS {name}" for name, sql in sums.items())
    outer = "".join(
        f", COALESCE(sum({name}), 0)::text AS {name}" for name in sums
    )
    return f"""
        SELECT COALESCE(sum(rows), 0)::bigint AS rows{outer},
               encode(sha256(COALESCE(string_agg(hash, ''::bytea ORDER BY block), '')),
                      'hex') AS hash
          FROM (SELECT {alias}.id >> 12 AS block, count(*) AS rows{inner},
                       sha256(convert_to(string_agg(ROW({row})::text, E'\\n'
                                                    ORDER BY {alias}.id), 'UTF8'))
                           AS hash
                  FROM {source} GROUP BY 1) blocks
    """


# Calls of a local day begin within a day of it in UTC.
USAGE_SQL = blocks_sql(
    "u",
    tuple(STORED),
    {
        "seconds": "u.billed_seconds",
        "sale": "COALESCE(u.amount_company, u.amount)",
        "cost": "u.cost",
    },
    """voip_usage_row u JOIN voip_usage_summary s ON s.id = u.summary_id
         WHERE s.seal_id = %(seal)s AND s.company_id = %(company)s
           AND s.local_day >= %(month)s
           AND s.local_day < %(month)s + interval '1 month'
           AND u.started_at >= %(month)s - interval '1 day'
           AND u.started_at < %(month)s + interval '1 month 2 days'""",
)
SUMMARY_SQL = blocks_sql(
    "s",
    SUMMARY_COLUMNS.split(","),
    {"sale": "s.amount_company", "cost": "s.cost", "calls": "s.calls"},
    """voip_usage_summary s
         WHERE s.seal_id = %(seal)s AND s.company_id = %(company)s
           AND s.local_day >= %(month)s
           AND s.local_day < %(month)s + interval '1 month'""",
)
# What is billed, or what nobody answered, free, and no invoice will ever name.
CLOSE_SQL = f"""
UPDATE voip_usage_summary s SET seal_id = {CLOSING}
 WHERE s.company_id = %(company)s AND s.seal_id IS NULL AND s.local_day >= %(month)s
   AND s.local_day < %(month)s + interval '1 month'
   AND (s.calls = 0 AND s.amount = 0 AND s.move_line_id IS NULL
        OR EXISTS (SELECT FROM account_move m
                    WHERE m.id = s.move_id AND m.state = 'posted'))
"""
SEAL_SQL = f"""
UPDATE voip_usage_summary SET seal_id = %(new)s
 WHERE company_id = %(company)s AND seal_id = {CLOSING} AND local_day >= %(month)s
   AND local_day < %(month)s + interval '1 month'
"""
# Months that hold something open: (first day, how much is charged and not billed).
OPEN_MONTHS_SQL = f"""
SELECT date_trunc('month', local_day)::date, count(*) FILTER (
           WHERE move_line_id IS NULL AND (calls <> 0 OR amount <> 0)),
       count(*) FILTER (WHERE move_line_id IS NOT NULL OR calls = 0 AND amount = 0)
  FROM voip_usage_summary
 WHERE company_id = %s AND {OPEN} GROUP BY 1 ORDER BY 1
"""
