"""Versions on top of each other: what goes on after one that ends.

A layer is a version with the end that was stated. Of the layers valid at a moment the
one that began last is the rate. A layer that ends within an earlier one is a promotion:
after its end the earlier one goes on as a return, a version of its own whose
``continues_from`` is the start of what it continues. A layer that reaches as far as an
earlier one, or farther, ends that one for good.

Of a sheet only those prefixes are read that have a return, or an end that nothing
follows at once.
"""

from .compare import UNTIL
from .stage import RATE_COLUMNS

CREATE_LAYERS = """
DROP TABLE IF EXISTS pg_temp.voip_layer, pg_temp.voip_return, pg_temp.voip_used;
CREATE TEMP TABLE voip_used (rate_id integer PRIMARY KEY, until timestamp NOT NULL)
    ON COMMIT DROP;
CREATE TEMP TABLE voip_layer (
    deck_id integer NOT NULL,
    prefix text NOT NULL,
    origin text NOT NULL,
    starts timestamp NOT NULL,
    ends timestamp NOT NULL,
    id integer,
    idx integer,
    confirmed boolean NOT NULL,
    told timestamp NOT NULL
) ON COMMIT DROP;
CREATE TEMP TABLE voip_return (
    deck_id integer NOT NULL,
    prefix text NOT NULL,
    origin text NOT NULL,
    base timestamp NOT NULL,
    starts timestamp NOT NULL,
    ends timestamp NOT NULL
) ON COMMIT DROP
"""
# Versions as they were stated: the time of their returns is theirs.
_STATED = """
continued AS (
    SELECT c.deck_id, c.prefix, COALESCE(c.origin_prefix, '') AS origin,
           c.continues_from AS base, max(COALESCE(c.effective_to, 'infinity')) AS ends
      FROM voip_rate c
     WHERE c.continues_from IS NOT NULL
       AND c.deck_id IN (SELECT deck_id FROM keys)
     GROUP BY 1, 2, 3, 4),
stated AS (
    SELECT r.id, r.deck_id, k.prefix, k.origin, r.effective_from AS starts,
           GREATEST(COALESCE(r.effective_to, 'infinity'), c.ends) AS ends
      FROM keys k
      JOIN voip_rate r ON r.deck_id = k.deck_id AND r.prefix = k.prefix
       AND COALESCE(r.origin_prefix, '') = k.origin AND r.continues_from IS NULL
      LEFT JOIN continued c ON c.deck_id = k.deck_id AND c.prefix = k.prefix
       AND c.origin = k.origin AND c.base = r.effective_from)
"""
LAYERS_OF_KEYS = f"""
WITH keys AS MATERIALIZED ({{keys}}), {_STATED}
INSERT INTO voip_layer
SELECT deck_id, prefix, origin, starts, ends, id, NULL, FALSE, ends FROM stated
"""
# A row that confirms a version says its end anew; without one it has none. One that
# ends where a version takes over which the rows do not mention says nothing of it.
LAYERS_OF_STAGE = f"""
WITH keys AS MATERIALIZED (
    SELECT DISTINCT %(deck)s AS deck_id, prefix, origin FROM voip_timeline
     WHERE base IS NOT NULL OR (
        ends IS NOT NULL AND (idx IS NOT NULL OR ends IS DISTINCT FROM follows))),
{_STATED},
mine AS MATERIALIZED (
    SELECT t.* FROM voip_timeline t JOIN keys USING (prefix, origin)),
replaced AS (
    SELECT same_start AS id FROM mine
     WHERE same_start IS NOT NULL AND kind <> 'unchanged'),
layers AS MATERIALIZED (
    SELECT id, NULL::int AS idx, prefix, origin, starts, ends FROM stated s
     WHERE NOT EXISTS (SELECT FROM replaced o WHERE o.id = s.id)
    UNION ALL
    SELECT NULL, idx, prefix, origin, starts, COALESCE(ends, 'infinity') FROM mine
     WHERE idx IS NOT NULL AND kind <> 'unchanged'),
points AS (
    SELECT prefix, origin, starts AS point, starts AS base FROM layers
    UNION ALL
    SELECT prefix, origin, starts, base FROM mine m
     WHERE base IS NOT NULL
       AND NOT EXISTS (SELECT FROM replaced o WHERE o.id = m.id)),
confirmed AS (
    SELECT DISTINCT ON (prefix, origin, base) * FROM (
        SELECT DISTINCT ON (t.idx) t.idx, prefix, origin, t.starts, t.ends, p.base,
               t.ends = t.ends_before AND t.ends IN (
                   SELECT o.starts FROM mine o
                    WHERE (o.prefix, o.origin) = (t.prefix, t.origin)
                    GROUP BY o.starts HAVING count(o.idx) = 0) AS same
          FROM mine t JOIN points p USING (prefix, origin)
         WHERE t.idx IS NOT NULL AND t.kind = 'unchanged' AND p.point <= t.starts
         ORDER BY t.idx, p.point DESC) t
     ORDER BY prefix, origin, base, starts DESC)
INSERT INTO voip_layer
SELECT %(deck)s, l.prefix, l.origin, l.starts,
       CASE WHEN c.idx IS NULL OR c.same THEN l.ends
            ELSE COALESCE(c.ends, 'infinity') END,
       l.id, COALESCE(c.idx, l.idx), c.idx IS NOT NULL, l.ends
  FROM layers l
  LEFT JOIN confirmed c ON c.prefix = l.prefix AND c.origin = l.origin
   AND c.base = l.starts
"""
# Where a later layer that reaches as far, or farther, ends one for good.
_CUTS = """
SELECT v.deck_id, v.prefix, v.origin, v.starts, min(w.starts) AS cut
  FROM voip_layer v JOIN voip_layer w USING (deck_id, prefix, origin)
 WHERE w.starts > v.starts AND w.starts < v.ends AND w.ends >= v.ends
 GROUP BY 1, 2, 3, 4
"""
# Rows (or, in forms, versions) whose stated end another version would cut.
CUT_ENDS = f"""
SELECT v.idx, v.id, v.prefix, v.ends, c.cut
  FROM voip_layer v JOIN ({_CUTS}) c USING (deck_id, prefix, origin, starts)
 WHERE v.ends < 'infinity' AND (v.idx IS NOT NULL OR v.id = ANY(%(ids)s))
 ORDER BY v.idx, v.id
"""
CUT = f"""
UPDATE voip_layer v SET ends = c.cut FROM ({_CUTS}) c
 WHERE (v.deck_id, v.prefix, v.origin, v.starts)
     = (c.deck_id, c.prefix, c.origin, c.starts)
"""
RETURNS = """
DELETE FROM voip_return;
INSERT INTO voip_return
SELECT DISTINCT v.deck_id, v.prefix, v.origin, v.starts, w.ends, v.ends
  FROM voip_layer v JOIN voip_layer w USING (deck_id, prefix, origin)
 WHERE w.starts > v.starts AND w.ends < v.ends
   AND NOT EXISTS (
       SELECT FROM voip_layer x
        WHERE x.deck_id = v.deck_id AND x.prefix = v.prefix AND x.origin = v.origin
          AND x.starts > v.starts AND x.starts <= w.ends AND x.ends > w.ends)
"""
# What the deck has as returns, and is none any more.
_GONE = """
SELECT r.id, r.deck_id, r.prefix, COALESCE(r.origin_prefix, '') AS origin,
       r.effective_from
  FROM voip_rate r
  JOIN (SELECT DISTINCT deck_id, prefix, origin FROM voip_layer) k
    ON k.deck_id = r.deck_id AND k.prefix = r.prefix
   AND k.origin = COALESCE(r.origin_prefix, '')
 WHERE r.continues_from IS NOT NULL AND NOT EXISTS (
       SELECT FROM voip_return x
         JOIN voip_layer l ON l.id IS NOT NULL AND l.deck_id = x.deck_id
          AND l.prefix = x.prefix AND l.origin = x.origin AND l.starts = x.base
        WHERE x.deck_id = r.deck_id AND x.prefix = r.prefix
          AND x.origin = COALESCE(r.origin_prefix, '')
          AND x.starts = r.effective_from AND x.base = r.continues_from)
"""
GONE = f"SELECT id, effective_from FROM ({_GONE}) g"
# One that rated calls stays until its last one, as a layer of its own.
KEEP_USED = f"""
INSERT INTO voip_layer
SELECT g.deck_id, g.prefix, g.origin, g.effective_from, u.until, g.id, NULL, TRUE,
       'infinity'
  FROM ({_GONE}) g JOIN voip_used u ON u.rate_id = g.id
"""
# Confirmed versions that end elsewhere now, while another one takes over, or none of
# theirs: their rows change something.
COUNT_MOVED = """
SELECT count(*) FROM voip_layer l
 WHERE l.confirmed AND l.idx IS NOT NULL AND l.ends <> l.told
   AND (l.ends > l.told OR EXISTS (
       SELECT FROM voip_return x
        WHERE x.deck_id = l.deck_id AND x.prefix = l.prefix AND x.origin = l.origin
          AND x.starts = l.ends))
"""
SET_ENDS = f"""
UPDATE voip_rate r
   SET effective_to = CASE WHEN l.ends < 'infinity' THEN GREATEST(l.ends, {UNTIL}) END
  FROM voip_layer l
 WHERE l.confirmed AND l.ends <> l.told
   AND l.deck_id = r.deck_id AND l.prefix = r.prefix
   AND l.origin = COALESCE(r.origin_prefix, '') AND l.starts = r.effective_from
"""
DELETE_RETURNS = f"""
DELETE FROM voip_rate
 WHERE id IN (SELECT g.id FROM ({_GONE}) g
               WHERE NOT EXISTS (SELECT FROM voip_layer l WHERE l.id = g.id))
"""
MOVE_RETURNS = f"""
UPDATE voip_rate r
   SET effective_to = CASE WHEN x.ends < 'infinity' THEN GREATEST(x.ends, {UNTIL}) END
  FROM voip_return x
 WHERE x.deck_id = r.deck_id AND x.prefix = r.prefix
   AND x.origin = COALESCE(r.origin_prefix, '') AND x.starts = r.effective_from
   AND COALESCE(r.effective_to, 'infinity') <> x.ends
"""
ADD_RETURNS = f"""
INSERT INTO voip_rate
    ({", ".join(RATE_COLUMNS)}, effective_from, effective_to, continues_from, manual,
     create_uid, create_date, write_uid, write_date)
SELECT {", ".join(f"b.{name}" for name in RATE_COLUMNS)}, x.starts,
       NULLIF(x.ends, 'infinity'), x.base, b.manual,
       %(uid)s, now() AT TIME ZONE 'UTC', %(uid)s, now() AT TIME ZONE 'UTC'
  FROM voip_return x
  JOIN voip_rate b ON b.deck_id = x.deck_id AND b.prefix = x.prefix
   AND COALESCE(b.origin_prefix, '') = x.origin AND b.effective_from = x.base
 WHERE NOT EXISTS (
       SELECT FROM voip_rate r
        WHERE r.deck_id = x.deck_id AND r.prefix = x.prefix
          AND COALESCE(r.origin_prefix, '') = x.origin AND r.effective_from = x.starts)
"""
# Confirmed versions that end earlier than before, without anything after them.
COUNT_ENDED = """
SELECT count(*) FROM voip_layer l
 WHERE l.confirmed AND l.idx IS NOT NULL AND l.ends < l.told AND NOT EXISTS (
       SELECT FROM voip_rate r
        WHERE r.deck_id = l.deck_id AND r.prefix = l.prefix
          AND COALESCE(r.origin_prefix, '') = l.origin AND r.effective_from <= l.ends
          AND COALESCE(r.effective_to, 'infinity') > l.ends)
"""
