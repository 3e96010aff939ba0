"""SQL of what a partner was told, what a deck will be, and what differs.

Both are steps of each code in time, ``(prefix, origin, starts, terms)``: each holds
until the next one of its code. Terms NULL: the code has no price of its own any more.
Terms are objects of what a price is, without what has its usual value, so that columns
which come later change nothing that was told before.
"""

from ..engine.money import PRICE_LIMIT
from ..sheets.row import OPTIONAL
from ..sheets.stage import TERMS

# Of no concern to a partner.
_OURS = {"service_id"}
_FLAGS = {"blocked", "payback"}
_ALWAYS = {"price_per_minute", "initial_increment", "next_increment"}
NAMES = [name for name in TERMS.values() if name not in _OURS]


def _term(name):
    if name in _FLAGS:
        return f"NULLIF(COALESCE(r.{name}, FALSE), FALSE)"
    if name in _ALWAYS:
        return f"r.{name}"
    usual = -1 if name in OPTIONAL else 0
    term = f"NULLIF(r.{name}, {usual})"
    # A first price that is the price per minute is none.
    return f"NULLIF({term}, r.price_per_minute)" if name == "first_price" else term


_OF_RATE = (
    "jsonb_strip_nulls(jsonb_build_object("
    + ", ".join(f"'{name}', {_term(name)}" for name in NAMES)
    + "))"
)


def _value(terms, name, default="0"):
    return f"COALESCE(({terms}->>'{name}')::numeric, {default})"


def _dear(terms):
    """An array of numbers: the greater one is, the dearer are the terms."""
    price = _value(terms, "price_per_minute")
    intra = _value(terms, "price_intra", price)
    usual = {
        "price_indeterminate": f"GREATEST({price}, {intra})",
        "max_charge": str(PRICE_LIMIT),
    }
    sign = f"CASE WHEN {terms} ? 'payback' THEN -1 ELSE 1 END"
    parts = []
    for name in NAMES:
        if name in _FLAGS:
            continue
        is_price = name == "price_per_minute" or name in OPTIONAL
        value = _value(terms, name, usual.get(name, price if is_price else "0"))
        if is_price:
            value = f"{sign} * {value}"
        parts.append(f"-{value}" if name == "grace_seconds" else value)
    return f"ARRAY[{', '.join(parts)}]"


def _open(terms):
    return f"({terms} IS NOT NULL AND NOT {terms} ? 'blocked')"


_STATUS = f"""
CASE WHEN {_open("had")} AND NOT {_open("will")} THEN 'closed'
     WHEN NOT {_open("will")} THEN 'closed'
     WHEN NOT {_open("had")} THEN 'new'
     WHEN EXISTS (SELECT FROM unnest({_dear("had")}, {_dear("will")}) AS p(was, be)
                   WHERE p.be > p.was) THEN 'increased'
     WHEN EXISTS (SELECT FROM unnest({_dear("had")}, {_dear("will")}) AS p(was, be)
                   WHERE p.be < p.was) THEN 'decreased'
     ELSE 'increased' END
"""
# The steps of a deck; {which} narrows its versions.
DECK = f"""
DROP TABLE IF EXISTS pg_temp.{{table}};
CREATE TEMP TABLE {{table}} ON COMMIT DROP AS
WITH version AS (
    SELECT r.prefix, COALESCE(r.origin_prefix, '') AS origin,
           r.effective_from AS starts, r.effective_to AS ends,
           lead(r.effective_from) OVER (
               PARTITION BY r.prefix, COALESCE(r.origin_prefix, '')
               ORDER BY r.effective_from) AS follows,
           r.id, r.notice_reason AS begins_why, r.closing_reason AS ends_why
      FROM voip_rate r WHERE r.deck_id = %(deck)s AND {{which}}),
step AS (
    SELECT id, prefix, origin, starts, begins_why AS reason, FALSE AS over
      FROM version
     WHERE follows IS NULL OR follows > %(at)s
    UNION ALL
    SELECT id, prefix, origin, ends, ends_why, TRUE FROM version
     WHERE ends IS NOT NULL AND (follows IS NULL OR follows > GREATEST(ends, %(at)s)))
SELECT s.prefix, s.origin, s.starts, CASE WHEN NOT s.over THEN {_OF_RATE} END AS terms,
       s.reason, COALESCE(r.label, d.name) AS label
  FROM step s JOIN voip_rate r ON r.id = s.id
  LEFT JOIN voip_destination d ON d.id = r.destination_id
"""
# What one version of a rate says.
OF_ONE = f"""
SELECT r.prefix, COALESCE(r.origin_prefix, '') AS origin, {_OF_RATE} AS terms
  FROM voip_rate r WHERE r.id = %(rate)s
"""
ALL = "TRUE"
OF_CODES = "r.prefix = ANY(%(prefixes)s)"
# What the delivered notices of an agreement said of a deck: the last word counts.
TOLD = """
DROP TABLE IF EXISTS pg_temp.voip_told;
CREATE TEMP TABLE voip_told ON COMMIT DROP AS
SELECT DISTINCT ON (o.prefix, origin, o.starts)
       o.prefix, COALESCE(o.origin_prefix, '') AS origin, o.starts, o.terms,
       NULL::text AS reason, o.label
  FROM voip_rate_notice_row o JOIN voip_rate_notice n ON n.id = o.notice_id
 WHERE n.agreement_id = %(agreement)s AND n.deck_id = %(deck)s
   AND n.state = 'delivered' AND {which}
 ORDER BY o.prefix, origin, o.starts, n.delivery DESC
"""
_SIDE = """
SELECT *, GREATEST(starts, %(at)s) AS point FROM (
    SELECT *, lead(starts) OVER (
               PARTITION BY prefix, origin ORDER BY starts) AS follows
      FROM {table}) e
 WHERE follows IS NULL OR follows > %(at)s
"""
# What has to be said so that who knows {old} from now on knows {new}.
DIFFERENCE = f"""
DROP TABLE IF EXISTS pg_temp.voip_difference;
CREATE TEMP TABLE voip_difference ON COMMIT DROP AS
WITH old AS ({_SIDE.format(table="{old}")}),
new AS ({_SIDE.format(table="{new}")}),
point AS (
    SELECT prefix, origin, point, o.starts AS old_starts, n.starts AS new_starts,
           o.terms AS old_terms, n.terms AS new_terms, n.reason,
           COALESCE(n.label, o.label) AS label,
           count(n.starts) OVER (
               PARTITION BY prefix, origin ORDER BY point) AS step
      FROM old o FULL JOIN new n USING (prefix, origin, point)),
carried AS (
    SELECT *, first_value(new_terms) OVER w AS will, first_value(reason) OVER w AS why
      FROM point
    WINDOW w AS (PARTITION BY prefix, origin, step ORDER BY point)),
pair AS (
    SELECT *, CASE WHEN old_starts IS NOT NULL THEN old_terms
                   WHEN point > %(at)s THEN lag(will) OVER (
                        PARTITION BY prefix, origin ORDER BY point) END AS had
      FROM carried)
SELECT prefix, origin, label, point, had, will, why AS reason,
       CASE WHEN point > %(at)s OR will IS NOT DISTINCT FROM had
            THEN COALESCE(old_starts, point)
            WHEN new_starts > COALESCE(old_starts, '-infinity') THEN new_starts
            ELSE %(at)s END AS starts,
       CASE WHEN will IS NOT DISTINCT FROM had THEN 'unchanged'
            ELSE {_STATUS} END AS status
  FROM pair
 WHERE will IS DISTINCT FROM had OR (%(full)s AND {_open("will")})
"""
STORE = """
INSERT INTO voip_rate_notice_row
    (notice_id, company_id, prefix, origin_prefix, label, status, old_price, price,
     connect_fee, initial_increment, next_increment, starts, reason, terms)
SELECT %(notice)s, %(company)s, prefix, NULLIF(origin, ''), label, status,
       (had->>'price_per_minute')::numeric, (will->>'price_per_minute')::numeric,
       COALESCE((will->>'connect_fee')::numeric, 0),
       (will->>'initial_increment')::integer, (will->>'next_increment')::integer,
       starts, CASE WHEN status <> 'unchanged' THEN reason END, will
  FROM voip_difference ORDER BY prefix, origin, starts
"""
COUNTS = """
SELECT status, count(*) FROM voip_rate_notice_row WHERE notice_id = %(notice)s
 GROUP BY status
"""
# Rows that are valid before their notice is due, and nobody allowed it.
EARLY_ROWS = """
SELECT o.prefix, o.starts, o.status, count(*) OVER ()
  FROM voip_rate_notice_row o
  JOIN unnest(%(kinds)s::text[], %(earliest)s::timestamp[]) AS e(kind, at)
    ON e.kind = o.status
 WHERE o.notice_id = %(notice)s AND o.starts < e.at AND {which}
 ORDER BY o.starts, o.prefix LIMIT 1
"""
# Changes of a deck that are valid before an agreement allows, and were not told so.
EARLY = """
SELECT f.prefix, f.origin, f.starts, f.status, e.at
  FROM voip_difference f
  JOIN unnest(%(kinds)s::text[], %(earliest)s::timestamp[]) AS e(kind, at)
    ON e.kind = f.status
  LEFT JOIN LATERAL (
       SELECT t.prefix, t.terms FROM voip_told t
        WHERE t.prefix = f.prefix AND t.origin = f.origin AND t.starts <= f.point
        ORDER BY t.starts DESC LIMIT 1) t ON TRUE
 WHERE f.starts < e.at AND (t.prefix IS NULL OR t.terms IS DISTINCT FROM f.will)
 ORDER BY f.prefix, f.origin, f.starts
"""
# A reason stays with the versions it is about: those that begin so early, and those
# that end so early without one that follows.
_EARLY_ONES = """
unnest(%(prefixes)s::text[], %(origins)s::text[], %(starts)s::timestamp[])
       AS e(prefix, origin, starts)
 WHERE r.deck_id = %(deck)s AND r.prefix = e.prefix
   AND COALESCE(r.origin_prefix, '') = e.origin
"""
SAY_WHY = (
    f"""
    UPDATE voip_rate r SET notice_reason = %(reason)s FROM {_EARLY_ONES}
       AND r.effective_from = e.starts
    """,
    f"""
    UPDATE voip_rate r SET closing_reason = %(reason)s FROM {_EARLY_ONES}
       AND r.effective_to = e.starts AND NOT EXISTS (
           SELECT FROM voip_rate n
            WHERE n.deck_id = r.deck_id AND n.prefix = r.prefix
              AND COALESCE(n.origin_prefix, '') = e.origin
              AND n.effective_from = e.starts)
    """,
)
