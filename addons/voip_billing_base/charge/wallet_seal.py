"""Wallet entries under seals: hashed once, their sums kept for the daily check.

A seal covers the entries of its company up to a number. What they come to is kept for
each wallet; the seal has the hash of that too, so that it cannot change unseen.
"""

from .seal import blocks_sql

TABLE = """
CREATE TABLE IF NOT EXISTS voip_wallet_sealed (
    wallet_id integer PRIMARY KEY,
    company_id integer NOT NULL,
    entry_id bigint NOT NULL,
    ledger numeric NOT NULL,
    unbilled numeric NOT NULL,
    tax numeric NOT NULL
)
"""
# Entries have numbers before they are committed; by then nobody is at work any more.
QUIET = "1 day"
SPAN_SQL = """
SELECT COALESCE(max(entry_id), 0),
       (SELECT COALESCE(max(id), 0) FROM voip_wallet_entry
         WHERE company_id = %(company)s
           AND at < (SELECT min(xact_start) FROM pg_stat_activity
                      WHERE datname = current_database()
                        AND backend_type = 'client backend') AT TIME ZONE 'UTC'
                    - %(quiet)s::interval)
  FROM voip_wallet_sealed WHERE company_id = %(company)s
"""
SPAN = "company_id = %(company)s AND id > %(from)s AND id <= %(to)s"
ENTRIES_SQL = blocks_sql(
    "e",
    (
        "id, wallet_id, account_id, company_id, currency_id, kind, ledger_delta,"
        " unbilled_delta, tax_delta, amount, balance_before, balance_after, move_id,"
        " batch_id, origin, at, user_id"
    ).split(","),
    {"amount": "e.amount"},
    f"(SELECT * FROM voip_wallet_entry WHERE {SPAN}) e",
)
KEPT_SQL = blocks_sql(
    "k",
    "id, company_id, entry_id, ledger, unbilled, tax".split(","),
    {"ledger": "k.ledger", "unbilled": "k.unbilled", "tax": "k.tax"},
    """(SELECT wallet_id AS id, * FROM voip_wallet_sealed
         WHERE company_id = %(company)s) k""",
)
KEEP_SQL = f"""
INSERT INTO voip_wallet_sealed AS k
SELECT wallet_id, company_id, %(to)s, sum(ledger_delta), sum(unbilled_delta),
       sum(tax_delta)
  FROM voip_wallet_entry WHERE {SPAN} GROUP BY wallet_id, company_id
ON CONFLICT (wallet_id) DO UPDATE
   SET entry_id = EXCLUDED.entry_id, ledger = k.ledger + EXCLUDED.ledger,
       unbilled = k.unbilled + EXCLUDED.unbilled, tax = k.tax + EXCLUDED.tax
"""


def steps_sql(entries, kept):
    """SQL that counts entries which do not start where the one before ended.

    :param entries, kept: SQL of what FROM takes: entries, and sums of those before
    """
    return f"""
SELECT count(*) FROM (
    SELECT e.balance_before,
           lag(e.balance_after, 1, COALESCE(k.ledger - k.unbilled - k.tax, 0))
               OVER (PARTITION BY e.wallet_id ORDER BY e.id) AS previous
      FROM {entries} e LEFT JOIN {kept} k ON k.wallet_id = e.wallet_id) x
 WHERE balance_before <> previous
"""


BROKEN_SQL = steps_sql(
    f"(SELECT * FROM voip_wallet_entry WHERE {SPAN})", "voip_wallet_sealed"
)
