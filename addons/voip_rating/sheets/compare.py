"""The stage against the versions of its deck: what each row changes, what is used."""

from .stage import OF_RATE, OF_STAGE, TERMS, cost, of_rate, of_stage, other

# Codes are digits: by bytes they sort several times as fast as by a locale's rules.
BY_CODE = 'prefix COLLATE "C", origin COLLATE "C"'
KINDS = ("new", "increased", "decreased", "changed", "unchanged")
# Equal terms, but the version ends before the row wants: the row begins at that end.
REOPEN = f"""
WITH last AS MATERIALIZED (
    SELECT id, ends FROM (
        SELECT id, effective_to AS ends,
               lead(effective_from) OVER (
                   PARTITION BY prefix COLLATE "C",
                                COALESCE(origin_prefix, '') COLLATE "C"
                   ORDER BY effective_from) AS follows
          FROM voip_rate WHERE deck_id = %(deck)s) v
     WHERE ends < COALESCE(follows, 'infinity')),
r AS (SELECT r.prefix, COALESCE(r.origin_prefix, '') AS origin,
             r.effective_from AS starts, last.ends, {OF_RATE}
        FROM last JOIN voip_rate r USING (id)),
s AS (SELECT s.*, {OF_STAGE} FROM voip_stage s
        JOIN (SELECT DISTINCT prefix, origin FROM r) k USING (prefix, origin))
UPDATE voip_stage t SET starts = r.ends
  FROM s JOIN r USING (prefix, origin, cost, other)
 WHERE t.idx = s.idx AND r.starts <= s.starts AND s.starts < r.ends
   AND r.ends < COALESCE(s.ends, 'infinity')
   AND NOT EXISTS (
       SELECT FROM s o WHERE (o.prefix, o.origin) = (s.prefix, s.origin)
          AND o.starts > s.starts AND o.starts <= r.ends)
"""


def _either(terms):
    """SQL of what the row or the version before says, by its function of terms."""
    row, version = terms(lambda name: f"b.{name}"), terms(of_rate)
    return f"CASE WHEN n.idx_before IS NULL THEN {version} ELSE {row} END"


def _all_same(before):
    mine, had = (", ".join(map(of, TERMS)) for of in (of_stage, before))
    return f"(({mine}) IS NOT DISTINCT FROM ({had}))"


# What is equal column by column, as most lines of a sheet are to what they repeat, is
# not looked at more closely.
_KIND = f"""
CASE WHEN COALESCE(n.id_before, n.idx_before) IS NULL OR n.ends_before < n.starts
         THEN 'new'
     WHEN {_either(_all_same)} THEN 'unchanged'
     ELSE (SELECT CASE WHEN x.cost = x.had AND x.other = x.others THEN 'unchanged'
                       WHEN x.other[1:2] <> x.others[1:2] THEN 'changed'
                       WHEN x.cost > x.had THEN 'increased'
                       WHEN x.cost < x.had THEN 'decreased'
                       ELSE 'changed' END
             FROM (SELECT {cost(of_stage)} AS cost, {other(of_stage)} AS other,
                          {_either(cost)} AS had, {_either(other)} AS others) x) END
"""
TIMELINE = f"""
CREATE TEMP TABLE voip_timeline ON COMMIT DROP AS
WITH both_sides AS (
    SELECT r.id, NULL::int AS idx, r.prefix, COALESCE(r.origin_prefix, '') AS origin,
           r.effective_from AS starts, r.effective_to AS ends, r.continues_from AS base
      FROM voip_rate r
      JOIN (SELECT DISTINCT prefix, origin FROM voip_stage) k
        ON k.prefix = r.prefix AND k.origin = COALESCE(r.origin_prefix, '')
     WHERE r.deck_id = %(deck)s
    UNION ALL
    SELECT NULL, idx, prefix, origin, starts, ends, NULL FROM voip_stage),
neighbours AS MATERIALIZED (
    SELECT *, lag(ends) OVER w AS ends_before, lag(starts) OVER w AS starts_before,
           lag(id) OVER w AS id_before, lag(idx) OVER w AS idx_before,
           lag(base) OVER w AS base_before, lead(starts) OVER w AS follows
      FROM both_sides
    WINDOW w AS (PARTITION BY {BY_CODE} ORDER BY starts, idx NULLS FIRST)),
compared AS (
    SELECT n.*, {_KIND} AS kind
      FROM neighbours n
      JOIN voip_stage s ON s.idx = n.idx
      LEFT JOIN voip_stage b ON b.idx = n.idx_before
      LEFT JOIN voip_rate r ON r.id = n.id_before AND r.deck_id = %(deck)s
    UNION ALL
    SELECT *, 'existing' FROM neighbours WHERE idx IS NULL)
SELECT id, idx, prefix, origin, starts, ends, follows, base, base_before, ends_before,
       id_before, idx_before,
       COALESCE(base_before, starts_before) AS layer_before,
       CASE WHEN starts_before = starts THEN id_before END AS same_start,
       CASE WHEN kind = 'unchanged' AND ends_before = starts THEN 'new'
            ELSE kind END AS kind
  FROM compared
"""
# A return may be another one after this sheet: where rows before it say something, a
# row that is equal to it is a version of its own. A row that says the end that its
# version has, or was stated with, says nothing.
STATE_AGAIN = """
WITH back AS MATERIALIZED (
    SELECT DISTINCT prefix, origin FROM voip_timeline WHERE base IS NOT NULL),
mine AS MATERIALIZED (SELECT t.* FROM voip_timeline t JOIN back USING (prefix, origin)),
stated AS (
    SELECT prefix, origin, COALESCE(base, starts) AS layer_before,
           max(COALESCE(ends, 'infinity')) AS ends
      FROM mine WHERE id IS NOT NULL GROUP BY 1, 2, 3),
told AS (
    SELECT m.* FROM mine m LEFT JOIN stated s USING (prefix, origin, layer_before)
     WHERE m.idx IS NOT NULL
       AND (m.kind <> 'unchanged'
            OR COALESCE(m.ends, 'infinity') NOT IN
               (s.ends, COALESCE(m.ends_before, 'infinity'))))
UPDATE voip_timeline t SET kind = 'changed'
 WHERE t.kind = 'unchanged' AND t.base_before IS NOT NULL AND EXISTS (
       SELECT FROM told u
        WHERE u.prefix = t.prefix AND u.origin = t.origin AND u.idx <> t.idx
          AND u.starts > t.base_before AND u.starts <= t.starts)
"""
COUNT_KINDS = """
SELECT kind, count(*) FROM voip_timeline WHERE idx IS NOT NULL GROUP BY kind
"""
# The first moment from which the rows change something about an existing version.
# Versions that overlap already, because one rated calls when the next came, are of it.
CHANGED_SINCE = f"""
SELECT LEAST(min(CASE t.kind WHEN 'unchanged' THEN t.ends ELSE t.starts END), (
       SELECT min(o.follows) FROM (
           SELECT ends, lead(starts) OVER (
                      PARTITION BY {BY_CODE} ORDER BY starts) AS follows
             FROM voip_timeline WHERE id IS NOT NULL) o
        WHERE o.follows < COALESCE(o.ends, 'infinity')))
  FROM voip_timeline t
 WHERE t.idx IS NOT NULL AND (t.kind <> 'unchanged' OR t.ends IS NOT NULL)
   AND (t.prefix, t.origin) IN (
       SELECT e.prefix, e.origin FROM voip_timeline e WHERE e.id IS NOT NULL)
"""
# What a row closes began long ago: its end counts.
BEGINS = """
SELECT LEAST((SELECT min(at) FROM voip_ending), (
       SELECT min(s.starts) FROM voip_stage s LEFT JOIN voip_sheet h USING (idx)
        WHERE h.closing IS NOT TRUE))
"""
# Rows that close codes may take away versions that begin later.
ENDS_SINCE = "SELECT min(at) FROM voip_ending"
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
