"""Valid rows of past months by the million, made by SQL, and look-ups of them."""

from datetime import timedelta

import common

SHOWN = {
    "voip.cdr": ["call_id", "start", "called", "switch_id"],
    "voip.usage": ["source_ref", "started_at", "called", "label", "prefix", "cost"],
}
# Rows of a month in order of their time, a batch of 1,000 after the other.
CALL_SQL = """
CREATE TEMP TABLE call AS
SELECT g, %(ids)s + g AS id, %(batch)s + (g - 1) / 1000 AS batch_id,
       %(month)s::timestamp + make_interval(secs => (g - 1) * %(step)s) AS start,
       30000 + g %% 90000 AS duration_ms, g %% 3 > 0 AS answered,
       (g * 7919) %% %(accounts)s AS account, g %% 5 AS destination
  FROM generate_series(1, %(count)s::bigint) g;
ANALYZE call;
INSERT INTO voip_cdr_batch (id, company_id, switch_id, door, state, first_start,
       last_start, received, accepted, duplicates, conflicts, refused, rated,
       zero_rated, create_uid, write_uid, create_date, write_date)
SELECT batch_id, 1, %(switch)s, 'api', 'done', date_trunc('second', min(start)),
       date_trunc('second', max(start)) + interval '1 second', count(*), count(*), 0,
       0, 0, count(*) FILTER (WHERE answered), count(*) FILTER (WHERE NOT answered),
       1, 1, max(start), max(start)
  FROM call GROUP BY batch_id;
INSERT INTO voip_cdr_row (id, start, answer, "end", company_id, batch_id, position,
       duration_ms, pdd_ms, sip_code, answered, call_id, called, caller, trunk,
       supplier_trunk, hangup_cause, mos)
SELECT id, start, CASE WHEN answered THEN start + interval '5 seconds' END,
       start + interval '90 seconds', 1, batch_id, (g - 1) %% 1000,
       CASE WHEN answered THEN duration_ms ELSE 0 END, 1200,
       CASE WHEN answered THEN 200 ELSE 486 END, answered,
       md5('call' || id)::uuid::text, '44207' || lpad((g %% 10000000)::text, 7, '0'),
       '49301' || lpad((g %% 1000003)::text, 7, '0'),
       'cust-' || lpad(account::text, 4, '0'), 'northtel-out', 'NORMAL_CLEARING', 4.2
  FROM call;
INSERT INTO voip_cdr_key (key, cdr_id, month, mark, switch_id)
SELECT voip_cdr_key_of(md5('call' || id)::uuid::text, %(switch)s, 'a'), id, %(month)s,
       (id * 2654435761 %% 2147483647)::int, %(switch)s
  FROM call ORDER BY 1;
INSERT INTO voip_usage_row (id, started_at, source_id, called_number, caller_number,
       company_id, account_id, summary_id, batch_id, duration_ms, billed_seconds,
       cost_billed_seconds, answered, rate_id, cost_rate_id, amount, cost)
SELECT %(usage)s + g, start, id, 442070000000 + g %% 10000000,
       493010000000 + g %% 1000003, 1, a.ids[account + 1],
       %(summary)s + (start::date - %(month)s) * %(accounts)s * 5 + account * 5
           + destination,
       batch_id, duration_ms * answered::int, duration_ms / 1000 * answered::int,
       duration_ms / 1000 * answered::int, answered, r.ids[destination + 1],
       r.cost_ids[destination + 1], round(duration_ms * 0.0000123, 6) * answered::int,
       round(duration_ms * 0.0000091, 6) * answered::int
  FROM call,
       (SELECT array_agg(id ORDER BY id) AS ids FROM voip_account
         WHERE code LIKE 'C____') a,
       (SELECT (SELECT array_agg(id) FROM (SELECT r.id FROM voip_rate r
                  JOIN voip_rate_deck d ON d.id = r.deck_id
                 WHERE d.side = 'customer' ORDER BY r.id LIMIT 5) x) AS ids,
               (SELECT array_agg(id) FROM (SELECT r.id FROM voip_rate r
                  JOIN voip_rate_deck d ON d.id = r.deck_id
                 WHERE d.side = 'supplier' ORDER BY r.id LIMIT 5) x) AS cost_ids) r;
INSERT INTO voip_usage_summary (id, company_id, account_id, payer_id, service_id,
       local_day, label, unit_price, currency_id, deck_currency_id, late, facets,
       attempts, calls, units, seconds, amount, tax, amount_company, cost)
SELECT u.summary_id, 1, u.account_id, u.account_id,
       (SELECT min(id) FROM voip_service), min(u.started_at)::date,
       'Destination ' || u.summary_id %% 5, 0.01, a.currency_id, a.currency_id, false,
       '{"direction": "outbound"}', count(*), count(*) FILTER (WHERE answered),
       count(*) FILTER (WHERE answered), sum(billed_seconds), sum(amount), 0,
       sum(amount), sum(cost)
  FROM voip_usage_row u JOIN voip_account a ON a.id = u.account_id
 WHERE u.started_at >= %(month)s AND u.started_at < %(month)s + interval '1 month'
   AND u.id > %(usage)s AND u.id <= %(usage)s + %(count)s
 GROUP BY u.summary_id, u.account_id, a.currency_id;
DROP TABLE call
"""
# The wallets owe what is open; one entry says so.
WALLET_SQL = """
WITH owed AS (
    SELECT w.id, w.unbilled, w.ledger_balance - w.unbilled - w.unbilled_tax AS before,
           COALESCE(sum(s.amount), 0) AS amount
      FROM voip_wallet w LEFT JOIN voip_usage_summary s
        ON s.payer_id = w.account_id AND s.move_line_id IS NULL
     GROUP BY w.id
), moved AS (
    UPDATE voip_wallet w SET unbilled = owed.amount FROM owed WHERE owed.id = w.id
)
INSERT INTO voip_wallet_entry (wallet_id, account_id, company_id, currency_id, kind,
       ledger_delta, unbilled_delta, tax_delta, amount, balance_before, balance_after,
       at, user_id)
SELECT w.id, w.account_id, w.company_id, w.currency_id, 'usage', 0,
       owed.amount - owed.unbilled, 0, owed.unbilled - owed.amount, owed.before,
       owed.before + owed.unbilled - owed.amount, now() AT TIME ZONE 'UTC', 1
  FROM owed JOIN voip_wallet w ON w.id = owed.id WHERE owed.amount <> owed.unbilled
"""
SEQUENCES = """
SELECT setval('voip_cdr_row_block_seq', (SELECT max(id) / 100 * 100 + 101
                                           FROM voip_cdr_row)),
       setval('voip_usage_row_block_seq', (SELECT max(id) / 100 * 100 + 101
                                             FROM voip_usage_row)),
       setval('voip_cdr_batch_id_seq', (SELECT max(id) + 1 FROM voip_cdr_batch)),
       setval('voip_usage_summary_id_seq', (SELECT max(id) + 1
                                              FROM voip_usage_summary))
"""
NEXT_SQL = """
SELECT (SELECT COALESCE(max(id), 0) FROM voip_cdr_row),
       (SELECT COALESCE(max(id), 0) FROM voip_usage_row),
       (SELECT COALESCE(max(id), 0) + 1 FROM voip_cdr_batch),
       (SELECT COALESCE(max(id), 0) + 1 FROM voip_usage_summary),
       (SELECT id FROM voip_switch WHERE code = 'bench'),
       (SELECT count(*) FROM voip_account WHERE code LIKE 'C____')
"""


def months_back(count):
    """First days of the last ``count`` full months, oldest first."""
    first = common.date.fromisoformat(f"{common.last_month()}-01")
    found = [first]
    while len(found) < count:
        found.append((found[-1] - timedelta(days=1)).replace(day=1))
    return found[::-1]


def calls(database, count, months, accounts=None):
    """Grow by ``count`` rated calls, spread evenly over the last full months.

    :param accounts: how many have them, all where it is None
    """
    spans = months_back(months)
    for number, month in enumerate(spans):
        size = count // months + (number < count % months)
        for table, unique in (
            ("voip_cdr_row", None),
            ("voip_usage_row", None),
            ("voip_cdr_key", ["key", "switch_id"]),
        ):
            common.sql(
                database,
                "SELECT voip_ensure_partition(%s, %s, %s)",
                [table, month, unique],
            )
        names = ("ids", "usage", "batch", "summary", "switch", "accounts")
        values = dict(zip(names, common.sql(database, NEXT_SQL)[0], strict=True))
        values["accounts"] = accounts or values["accounts"]
        values |= {"month": month, "count": size, "step": 28 * 86400 / size}
        common.sql(database, CALL_SQL, values)
        common.sql(database, SEQUENCES)
    common.sql(database, WALLET_SQL)
    common.sql(database, "VACUUM ANALYZE")
    with common.environment(database) as env:
        env["voip.cdr.batch"]._cron_summarise()
    common.sql(database, "CHECKPOINT")


def seal(database, months):
    """Close all months but the last two as a bill would, and seal them."""
    *old, first_open, _last = months_back(months)
    common.sql(
        database,
        "UPDATE voip_usage_summary SET seal_id = 0 WHERE local_day < %s",
        [first_open],
    )
    with common.environment(database) as env:
        env.cr.execute("SELECT min(local_day) FROM voip_usage_summary")
        begun = env.cr.fetchone()[0].replace(day=1)
        for month in old:
            if month >= begun:
                env["voip.seal"]._write(env.company.id, month)
                env.cr.commit()
    common.sql(database, "VACUUM ANALYZE voip_usage_summary")


# === Look-ups === #


def viewer(env):
    """A user who may see calls and nothing else."""
    group = env.ref("voip_billing_base.group_voip_viewer")
    values = {"name": "Bench", "login": "bench", "group_ids": [(6, 0, group.ids)]}
    found = env["res.users"].search([("login", "=", "bench")])
    return found or env["res.users"].create(values)


def lookups(env):
    """(name, model, domain) of nine calls each, from all months."""
    env.cr.execute(
        "SELECT id, start, call_id, called FROM voip_cdr_row WHERE id IN ("
        " SELECT first + (random() * (last - first))::bigint"
        "   FROM (SELECT min(id) AS first, max(id) AS last FROM voip_cdr_row) x,"
        "        generate_series(1, 40)) AND company_id = 1"
        "  AND call_id = md5('call' || id)::uuid::text LIMIT 9"
    )
    for cdr_id, start, call_id, called in env.cr.fetchall():
        env.cr.execute(
            "SELECT id, account_id, summary_id FROM voip_usage_row"
            " WHERE source_id = %s AND started_at = %s",
            [cdr_id, start],
        )
        usage_id, account_id, summary_id = env.cr.fetchone()
        day = timedelta(days=1)
        within = [("started_at", ">=", start - day), ("started_at", "<", start + day)]
        yield "call by id (at most 50)", "voip.usage", [("id", "=", usage_id)]
        yield "call record by id (at most 50)", "voip.cdr", [("id", "=", cdr_id)]
        yield "record by call id (at most 50)", "voip.cdr", [("call_id", "=", call_id)]
        usage = [("source_ref", "=", call_id)]
        yield "charge by call id (at most 50)", "voip.usage", usage
        account = [("account_id", "=", account_id), *within]
        yield "calls of an account and day (at most 50)", "voip.usage", account
        summary = [("summary_id", "=", summary_id)]
        yield "calls of a summary (at most 50)", "voip.usage", summary
        month = timedelta(days=31)
        span = [("started_at", ">=", start), ("started_at", "<", start + month)]
        number = [("called", "=", called), *span]
        yield "calls to a number, 31 days (at most 1,000)", "voip.usage", number
        span = [("start", ">=", start), ("start", "<", start + month)]
        number = [("called", "=", called), *span]
        yield "records of a number, 31 days (at most 1,000)", "voip.cdr", number
