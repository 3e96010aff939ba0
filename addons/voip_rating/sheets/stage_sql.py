"""SQL of :mod:`.rate_deck_stage`; every statement works on all rows at once."""

from ..engine.money import PRICE_LIMIT

# column of the stage: column of voip_rate
TERMS = {
    "price": "price_per_minute",
    "price_intra": "price_intra",
    "price_local": "price_local",
    "price_indeterminate": "price_indeterminate",
    "connect_fee": "connect_fee",
    "min_charge": "min_charge",
    "max_charge": "max_charge",
    "initial": "initial_increment",
    "next": "next_increment",
    "grace": "grace_seconds",
    "blocked": "blocked",
    "payback": "payback",
    "service_id": "service_id",
}
STAGE_COLUMNS = ("idx", "prefix", "origin", "label", *TERMS, "starts", "ends")
KINDS = ("new", "increased", "decreased", "changed", "unchanged")


def _compared(column):
    """SQL of what makes a version dear, in order of weight, and of what else it says.

    :param column: function from a name of :data:`TERMS` to its SQL
    """
    cost = [column(name) for name in ("price", "connect_fee", "min_charge")]
    cost.append(f"COALESCE(NULLIF({column('max_charge')}, 0), {PRICE_LIMIT})")
    cost += [
        column(name)
        for name in (
            "price_intra",
            "price_local",
            "price_indeterminate",
            "initial",
            "next",
        )
    ]
    cost.append(f"-{column('grace')}")
    other = [f"COALESCE({column(name)}, FALSE)::int" for name in ("blocked", "payback")]
    other.append(f"COALESCE({column('service_id')}, 0)")
    return (
        f"ARRAY[{', '.join(cost)}]::numeric[] AS cost,"
        f" ARRAY[{', '.join(other)}]::int[] AS other"
    )


OF_STAGE = _compared(lambda name: f"s.{name}")
OF_RATE = _compared(lambda name: f"r.{TERMS[name]}")

CREATE = """
DROP TABLE IF EXISTS pg_temp.voip_stage, pg_temp.voip_timeline, pg_temp.voip_closed,
    pg_temp.voip_used;
CREATE TEMP TABLE voip_stage (
    idx integer PRIMARY KEY,
    prefix text NOT NULL,
    origin text NOT NULL,
    label text,
    price numeric(24, 8) NOT NULL,
    price_intra numeric(24, 8) NOT NULL,
    price_local numeric(24, 8) NOT NULL,
    price_indeterminate numeric(24, 8) NOT NULL,
    connect_fee numeric(24, 8) NOT NULL,
    min_charge numeric(24, 8) NOT NULL,
    max_charge numeric(24, 8) NOT NULL,
    initial integer NOT NULL,
    next integer NOT NULL,
    grace integer NOT NULL,
    blocked boolean NOT NULL,
    payback boolean NOT NULL,
    service_id integer,
    starts timestamp NOT NULL,
    ends timestamp,
    destination_id integer
) ON COMMIT DROP;
CREATE TEMP TABLE voip_used (rate_id integer PRIMARY KEY, until timestamp NOT NULL)
    ON COMMIT DROP
"""
BACKWARDS = "SELECT idx FROM voip_stage WHERE ends <= starts"
# The same prefix, origin and start twice: equal rows are duplicates, others conflict.
TWICE = f"""
WITH s AS (SELECT s.*, {OF_STAGE} FROM voip_stage s),
     g AS (SELECT min(idx) AS idx, prefix, origin, starts
             FROM s GROUP BY prefix, origin, starts HAVING count(*) > 1)
SELECT s.idx, s.prefix, o.idx,
       (o.ends, o.cost, o.other) IS NOT DISTINCT FROM (s.ends, s.cost, s.other)
  FROM g JOIN s o ON o.idx = g.idx
  JOIN s ON (s.prefix, s.origin, s.starts) = (g.prefix, g.origin, g.starts)
 WHERE s.idx <> g.idx
"""
DROP_ROWS = "DELETE FROM voip_stage WHERE idx = ANY(%(rows)s)"
# Equal terms, but the version ends before the row wants: the row begins at that end.
REOPEN = f"""
WITH s AS (SELECT s.*, {OF_STAGE} FROM voip_stage s),
     r AS (SELECT r.prefix, COALESCE(r.origin_prefix, '') AS origin,
                  r.effective_from AS starts, r.effective_to AS ends, {OF_RATE},
                  lead(r.effective_from) OVER (
                      PARTITION BY r.prefix, COALESCE(r.origin_prefix, '')
                      ORDER BY r.effective_from) AS follows
             FROM voip_rate r WHERE r.deck_id = %(deck)s)
UPDATE voip_stage t SET starts = r.ends
  FROM s JOIN r USING (prefix, origin, cost, other)
 WHERE t.idx = s.idx AND r.starts <= s.starts AND s.starts < r.ends
   AND r.ends < COALESCE(s.ends, 'infinity')
   AND r.ends < COALESCE(r.follows, 'infinity')
   AND NOT EXISTS (
       SELECT FROM s o WHERE (o.prefix, o.origin) = (s.prefix, s.origin)
          AND o.starts > s.starts AND o.starts <= r.ends)
"""
DESTINATION_BY_NAME = """
UPDATE voip_stage s SET destination_id = d.id
  FROM (SELECT DISTINCT ON (lower(name)) lower(name) AS name, id
          FROM voip_destination
         WHERE active AND (company_id IS NULL OR company_id = ANY(%(companies)s))
         ORDER BY lower(name), company_id IS NULL, id) d
 WHERE d.name = lower(s.label)
"""
TIMELINE = f"""
CREATE TEMP TABLE voip_timeline ON COMMIT DROP AS
WITH both_sides AS (
    SELECT r.id, NULL::int AS idx, r.prefix, COALESCE(r.origin_prefix, '') AS origin,
           r.effective_from AS starts, r.effective_to AS ends, {OF_RATE}
      FROM voip_rate r
      JOIN (SELECT DISTINCT prefix, origin FROM voip_stage) k
        ON k.prefix = r.prefix AND k.origin = COALESCE(r.origin_prefix, '')
     WHERE r.deck_id = %(deck)s
    UNION ALL
    SELECT NULL, s.idx, s.prefix, s.origin, s.starts, s.ends, {OF_STAGE}
      FROM voip_stage s),
neighbours AS (
    SELECT *, lag(cost) OVER w AS cost_before, lag(other) OVER w AS other_before,
           lag(ends) OVER w AS ends_before, lag(starts) OVER w AS starts_before,
           lag(id) OVER w AS id_before
      FROM both_sides
    WINDOW w AS (PARTITION BY prefix, origin ORDER BY starts, idx NULLS FIRST))
SELECT id, idx, prefix, origin, starts, ends,
       CASE WHEN starts_before = starts THEN id_before END AS same_start,
       CASE WHEN idx IS NULL THEN 'existing'
            WHEN cost_before IS NULL OR ends_before < starts THEN 'new'
            WHEN cost = cost_before AND other = other_before
                THEN CASE WHEN ends_before = starts THEN 'new' ELSE 'unchanged' END
            WHEN other[1:2] <> other_before[1:2] THEN 'changed'
            WHEN cost > cost_before THEN 'increased'
            WHEN cost < cost_before THEN 'decreased'
            ELSE 'changed' END AS kind
  FROM neighbours
"""
COUNT_KINDS = """
SELECT kind, count(*) FROM voip_timeline WHERE idx IS NOT NULL GROUP BY kind
"""
# The first moment from which the rows change something about an existing version.
CHANGED_SINCE = """
SELECT min(CASE t.kind WHEN 'unchanged' THEN t.ends ELSE t.starts END)
  FROM voip_timeline t
 WHERE t.idx IS NOT NULL AND (t.kind <> 'unchanged' OR t.ends IS NOT NULL)
   AND (t.prefix, t.origin) IN (
       SELECT e.prefix, e.origin FROM voip_timeline e WHERE e.id IS NOT NULL)
"""
# Usage knows its rates without an index: every question is bounded by time, so that
# only the partitions of that span are read, each once.
_LAST_USED = """
SELECT r.id, max(u.started_at) AS last
  FROM (SELECT unnest(ARRAY[rate_id, cost_rate_id]) AS rate_id, started_at
          FROM voip_usage_row
         WHERE started_at >= %(since)s AND started_at < {until}{which}) u
  JOIN voip_rate r ON r.id = u.rate_id
 WHERE {rates} GROUP BY r.id
"""
LAST_USED = _LAST_USED.format(
    until="%(until)s",
    which=" AND (rate_id = ANY(%(ids)s) OR cost_rate_id = ANY(%(ids)s))",
    rates="r.id = ANY(%(ids)s)",
)
# The versions of the deck that rated calls since then, and until when.
USED = """
WITH used AS ({used})
INSERT INTO voip_used
SELECT id, date_trunc('second', last) + interval '1 second' FROM used
""".format(
    used=_LAST_USED.format(
        until="(SELECT max(COALESCE(effective_to, 'infinity')) FROM voip_rate"
        " WHERE deck_id = %(deck)s)",
        which="",
        rates="r.deck_id = %(deck)s",
    )
)
UNTIL = "(SELECT u.until FROM voip_used u WHERE u.rate_id = r.id)"
# A version that rated calls cannot be replaced by another one of the same start.
USED_SAME_START = """
SELECT t.idx, t.prefix FROM voip_timeline t JOIN voip_used u ON u.rate_id = t.same_start
 WHERE t.kind <> 'unchanged'
"""
REPLACE = """
DELETE FROM voip_rate WHERE id IN (
    SELECT same_start FROM voip_timeline
     WHERE same_start IS NOT NULL AND kind <> 'unchanged')
"""
INSERT = f"""
INSERT INTO voip_rate
    (deck_id, company_id, prefix, origin_prefix, label, destination_id,
     {", ".join(TERMS.values())}, effective_from, effective_to, manual,
     create_uid, create_date, write_uid, write_date)
SELECT %(deck)s, %(company)s, s.prefix, NULLIF(s.origin, ''), s.label, s.destination_id,
       {", ".join(f"s.{name}" for name in TERMS)}, s.starts, s.ends, %(manual)s,
       %(uid)s, now() AT TIME ZONE 'UTC', %(uid)s, now() AT TIME ZONE 'UTC'
  FROM voip_stage s JOIN voip_timeline t USING (idx)
 WHERE t.kind <> 'unchanged'
 ORDER BY s.prefix, s.starts
"""
# An unchanged row may state an end, or a better name, for the version it confirms.
CONFIRM = f"""
WITH confirmed AS (
    SELECT DISTINCT ON (r.id) r.id, s.ends, s.label, s.destination_id
      FROM voip_timeline t JOIN voip_stage s USING (idx)
      JOIN voip_rate r ON r.deck_id = %(deck)s AND r.prefix = t.prefix
       AND COALESCE(r.origin_prefix, '') = t.origin AND r.effective_from <= t.starts
     WHERE t.kind = 'unchanged'
       AND NOT EXISTS (
           SELECT FROM voip_rate n
            WHERE n.deck_id = r.deck_id AND n.prefix = r.prefix
              AND COALESCE(n.origin_prefix, '') = t.origin
              AND n.effective_from > r.effective_from AND n.effective_from <= t.starts)
     ORDER BY r.id, t.starts DESC),
ended AS (
    UPDATE voip_rate r
       SET effective_to = GREATEST(c.ends, {UNTIL})
      FROM confirmed c
     WHERE c.id = r.id AND c.ends < COALESCE(r.effective_to, 'infinity')
    RETURNING r.id, r.prefix, r.origin_prefix, r.effective_to),
named AS (
    UPDATE voip_rate r
       SET label = COALESCE(c.label, r.label), destination_id = c.destination_id
      FROM confirmed c
     WHERE c.id = r.id AND r.id NOT IN (SELECT id FROM ended)
       AND (r.label, r.destination_id) IS DISTINCT FROM
           (COALESCE(c.label, r.label), c.destination_id)
    RETURNING r.id)
SELECT count(*) FROM ended e
 WHERE NOT EXISTS (
       SELECT FROM voip_rate n
        WHERE n.deck_id = %(deck)s AND n.prefix = e.prefix
          AND COALESCE(n.origin_prefix, '') = COALESCE(e.origin_prefix, '')
          AND n.effective_from = e.effective_to)
"""
KEYS_OF_STAGE = """
SELECT DISTINCT %(deck)s AS deck_id, prefix, origin FROM voip_stage
"""
# Rates of prefixes the rows do not mention. What has not begun yet never will.
CLOSE_OTHERS = (
    """
    CREATE TEMP TABLE voip_closed ON COMMIT DROP AS
    SELECT r.id, r.prefix, COALESCE(r.origin_prefix, '') AS origin, r.effective_from
      FROM voip_rate r
     WHERE r.deck_id = %(deck)s
       AND (r.effective_to IS NULL OR r.effective_to > %(close_at)s)
       AND NOT EXISTS (SELECT FROM voip_stage s
                        WHERE s.prefix = r.prefix
                          AND s.origin = COALESCE(r.origin_prefix, ''))
       AND NOT (%(keep_manual)s AND EXISTS (
           SELECT FROM voip_rate m
            WHERE m.deck_id = r.deck_id AND m.prefix = r.prefix AND m.manual
              AND COALESCE(m.origin_prefix, '') = COALESCE(r.origin_prefix, '')))
    """,
    f"""
    UPDATE voip_rate r
       SET effective_to = GREATEST(%(close_at)s, {UNTIL})
      FROM voip_closed c WHERE c.id = r.id AND c.effective_from < %(close_at)s
    """,
    """
    DELETE FROM voip_rate r USING voip_closed c
     WHERE c.id = r.id AND c.effective_from >= %(close_at)s
    """,
)
COUNT_CLOSED = "SELECT count(DISTINCT (prefix, origin)) FROM voip_closed"
# Prefixes that end without a later version, and the shorter one that takes over.
FALLBACKS = """
WITH gone AS (
    SELECT c.prefix, max(c.ends) AS ends FROM (
        SELECT prefix, %(close_at)s::timestamp AS ends FROM voip_closed
        UNION ALL
        SELECT prefix, ends FROM voip_stage WHERE ends IS NOT NULL) c
     WHERE NOT EXISTS (
           SELECT FROM voip_rate r WHERE r.deck_id = %(deck)s AND r.prefix = c.prefix
              AND r.id NOT IN (SELECT id FROM voip_closed)
              AND (r.effective_to IS NULL OR r.effective_to > c.ends))
     GROUP BY c.prefix)
SELECT DISTINCT ON (g.prefix) g.prefix, r.prefix
  FROM gone g
  JOIN generate_series(0, 14) n ON n < length(g.prefix)
  LEFT JOIN voip_rate r ON r.deck_id = %(deck)s AND r.prefix = left(g.prefix, n)
   AND r.effective_from <= g.ends
   AND (r.effective_to IS NULL OR r.effective_to > g.ends)
 ORDER BY g.prefix, r.prefix IS NULL, n DESC
"""
