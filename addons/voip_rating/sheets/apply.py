"""The stage into the deck: insert, name, end, chain, close, and what takes over."""

from .compare import UNTIL
from .stage import TERMS

REPLACE = """
DELETE FROM voip_rate WHERE id IN (
    SELECT same_start FROM voip_timeline
     WHERE same_start IS NOT NULL AND kind <> 'unchanged')
"""
# A row without a name keeps the one of the version it ends: invoices go on as before.
INHERIT = """
UPDATE voip_stage s SET label = r.label
  FROM (SELECT DISTINCT ON (t.idx) t.idx, v.label
          FROM voip_timeline t JOIN voip_stage n ON n.idx = t.idx AND n.label IS NULL
          JOIN voip_rate v ON v.deck_id = %(deck)s AND v.prefix = t.prefix
           AND COALESCE(v.origin_prefix, '') = t.origin
           AND v.effective_from <= t.starts
           AND (v.effective_to IS NULL OR v.effective_to >= t.starts)
         WHERE t.kind <> 'unchanged'
         ORDER BY t.idx, v.effective_from DESC) r
 WHERE s.idx = r.idx
"""
INSERT = f"""
INSERT INTO voip_rate
    (deck_id, company_id, prefix, origin_prefix, label, destination_id,
     {", ".join(TERMS.values())}, effective_from, effective_to, manual,
     create_uid, create_date, write_uid, write_date)
SELECT %(deck)s, %(company)s, s.prefix, NULLIF(s.origin, ''), s.label,
       COALESCE(s.destination_id, z.destination_id),
       {", ".join(f"s.{name}" for name in TERMS)}, s.starts, s.ends, %(manual)s,
       %(uid)s, now() AT TIME ZONE 'UTC', %(uid)s, now() AT TIME ZONE 'UTC'
  FROM voip_stage s JOIN voip_timeline t USING (idx)
  LEFT JOIN voip_zone z ON z.prefix = s.prefix
 WHERE t.kind <> 'unchanged'
 ORDER BY s.prefix COLLATE "C", s.starts
"""
_CONFIRMED = """
mine AS (
    SELECT idx, id_before AS id, starts FROM voip_timeline
     WHERE kind = 'unchanged' AND id_before IS NOT NULL
    UNION ALL
    SELECT t.idx, (
           SELECT r.id FROM voip_rate r
            WHERE r.deck_id = %(deck)s AND r.prefix = t.prefix
              AND COALESCE(r.origin_prefix, '') = t.origin
              AND r.effective_from <= t.starts
            ORDER BY r.effective_from DESC LIMIT 1), t.starts
      FROM voip_timeline t WHERE t.kind = 'unchanged' AND t.idx_before IS NOT NULL),
confirmed AS (
    SELECT DISTINCT ON (m.id) m.id, s.ends, s.label,
           COALESCE(s.destination_id, z.destination_id) AS destination_id
      FROM mine m JOIN voip_stage s USING (idx)
      LEFT JOIN voip_zone z ON z.prefix = s.prefix
     ORDER BY m.id, m.starts DESC)
"""
# An unchanged row may have a better name for the version it confirms; the name of the
# destination, which is shown where there is no other, tells nothing.
NAME = f"""
WITH {_CONFIRMED},
named AS (
    SELECT r.id, c.destination_id,
           CASE WHEN r.label IS NULL AND c.label = d.name THEN NULL
                ELSE COALESCE(c.label, r.label) END AS label
      FROM confirmed c JOIN voip_rate r USING (id)
      LEFT JOIN voip_destination d ON d.id = r.destination_id)
UPDATE voip_rate r
   SET label = n.label, destination_id = n.destination_id
  FROM named n
 WHERE n.id = r.id AND (r.label, r.destination_id) IS DISTINCT FROM
       (n.label, n.destination_id)
"""
# It may also end that version sooner.
END = f"""
WITH {_CONFIRMED},
ended AS (
    UPDATE voip_rate r
       SET effective_to = GREATEST(c.ends, {UNTIL})
      FROM confirmed c
     WHERE c.id = r.id AND c.ends < COALESCE(r.effective_to, 'infinity')
    RETURNING r.id, r.prefix, r.origin_prefix, r.effective_to)
SELECT count(*) FROM ended e
 WHERE NOT EXISTS (
       SELECT FROM voip_rate n
        WHERE n.deck_id = %(deck)s AND n.prefix = e.prefix
          AND COALESCE(n.origin_prefix, '') = COALESCE(e.origin_prefix, '')
          AND n.effective_from = e.effective_to)
"""
_FOLLOWED = """
WITH chain AS (
    SELECT r.id, lead(r.effective_from) OVER (
               PARTITION BY r.deck_id, r.prefix COLLATE "C",
                            COALESCE(r.origin_prefix, '') COLLATE "C"
               ORDER BY r.effective_from) AS follows
      FROM voip_rate r
      JOIN ({keys}) k ON k.deck_id = r.deck_id AND k.prefix = r.prefix
                     AND k.origin = COALESCE(r.origin_prefix, ''))
"""
# Versions that the next one of their prefix and origin ends, and where that begins.
ENDING = f"""{_FOLLOWED}
SELECT r.id, c.follows FROM voip_rate r JOIN chain c USING (id)
 WHERE c.follows < COALESCE(r.effective_to, 'infinity')
"""
# A version ends where the next one of its prefix and origin begins, but never before
# the last call it rated: the one that began last wins while both are valid.
CHAIN = f"""{_FOLLOWED}
UPDATE voip_rate r
   SET effective_to = LEAST(r.effective_to, GREATEST(c.follows, {{used}}))
  FROM chain c
 WHERE c.id = r.id AND c.follows < COALESCE(r.effective_to, 'infinity')
"""
# Only versions that the rows add, or several that were there, can follow one another.
KEYS_OF_STAGE = """
SELECT %(deck)s AS deck_id, prefix, origin FROM (
    SELECT prefix, origin FROM voip_timeline
     WHERE COALESCE(follows, layer_before) IS NOT NULL
     GROUP BY prefix, origin
    HAVING count(*) > 1
       AND (count(id) > 1 OR bool_or(idx IS NOT NULL AND kind <> 'unchanged'))
    UNION SELECT prefix, origin FROM voip_layer) k
"""
KEYS_OF_IDS = """
SELECT DISTINCT deck_id, prefix, COALESCE(origin_prefix, '') AS origin
  FROM voip_rate WHERE id = ANY(%(ids)s)
"""
# One second after the last call of a version.
UNTIL_OF_LISTS = """
(SELECT date_trunc('second', u.last) + interval '1 second'
   FROM unnest(%(used)s::int[], %(last)s::timestamp[]) AS u(rate_id, last)
  WHERE u.rate_id = r.id)
"""
# Rates of prefixes that the rows, voip_named and voip_kept do not mention. What has
# not begun yet never will; nor will what follows the end of a code that a row closes,
# up to the next row of that code.
CLOSE_OTHERS = (
    """
    CREATE TEMP TABLE voip_closed ON COMMIT DROP AS
    SELECT r.id, r.prefix, COALESCE(r.origin_prefix, '') AS origin, r.effective_from,
           %(close_at)s::timestamp AS at, FALSE AS told
      FROM voip_rate r
     WHERE %(full)s AND r.deck_id = %(deck)s
       AND (r.effective_to IS NULL OR r.effective_to > %(close_at)s)
       AND NOT EXISTS (SELECT FROM voip_stage s
                        WHERE s.prefix = r.prefix
                          AND s.origin = COALESCE(r.origin_prefix, ''))
       AND NOT EXISTS (SELECT FROM voip_named n
                        WHERE n.prefix = r.prefix
                          AND n.origin = COALESCE(r.origin_prefix, ''))
       AND NOT EXISTS (SELECT FROM voip_ending e
                        WHERE e.prefix = r.prefix
                          AND e.origin = COALESCE(r.origin_prefix, ''))
       AND NOT EXISTS (SELECT FROM voip_kept k WHERE k.prefix = r.prefix)
       AND NOT (%(keep_manual)s AND EXISTS (
           SELECT FROM voip_rate m
            WHERE m.deck_id = r.deck_id AND m.prefix = r.prefix AND m.manual
              AND COALESCE(m.origin_prefix, '') = COALESCE(r.origin_prefix, '')))
    UNION ALL
    SELECT DISTINCT ON (r.id) r.id, e.prefix, e.origin, r.effective_from, e.at, TRUE
      FROM voip_ending e
      JOIN voip_rate r ON r.prefix = e.prefix
       AND COALESCE(r.origin_prefix, '') = e.origin AND r.effective_from >= e.at
     WHERE r.deck_id = %(deck)s
       AND (e.alone OR EXISTS (SELECT FROM voip_stage s
                                WHERE s.prefix = e.prefix AND s.origin = e.origin
                                  AND s.ends = e.at))
       AND NOT EXISTS (SELECT FROM voip_stage s
                        WHERE s.prefix = e.prefix AND s.origin = e.origin
                          AND s.starts >= e.at AND s.starts <= r.effective_from)
       AND NOT EXISTS (SELECT FROM voip_timeline t
                        WHERE t.kind = 'unchanged' AND t.id_before = r.id)
    """,
    f"""
    UPDATE voip_rate r
       SET effective_to = GREATEST(c.at, {UNTIL})
      FROM voip_closed c
     WHERE c.id = r.id AND (c.effective_from < c.at OR {UNTIL} IS NOT NULL)
    """,
    f"""
    DELETE FROM voip_rate r USING voip_closed c
     WHERE c.id = r.id AND c.effective_from >= c.at AND {UNTIL} IS NULL
    """,
)
COUNT_CLOSED = "SELECT count(DISTINCT (prefix, origin)) FROM voip_closed WHERE NOT told"
# Prefixes without a rate from an end on, and the shorter one that takes over then.
FALLBACKS = """
WITH gone AS (
    SELECT c.prefix, max(c.ends) AS ends FROM (
        SELECT prefix, origin, at AS ends FROM voip_closed
        UNION ALL
        SELECT prefix, origin, ends FROM voip_stage WHERE ends IS NOT NULL) c
     WHERE NOT EXISTS (
           SELECT FROM voip_rate r WHERE r.deck_id = %(deck)s AND r.prefix = c.prefix
              AND COALESCE(r.origin_prefix, '') IN ('', c.origin)
              AND r.id NOT IN (SELECT id FROM voip_closed)
              AND r.effective_from <= c.ends
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
