"""SQL from the rates of several decks to marked-up lines of the stage.

All codes at once, in exact numeric: no quotient is taken but the last one, which is
rounded up by its remainder.
"""

from ..engine.money import PRICE_LIMIT

JURISDICTIONS = ("price_intra", "price_local", "price_indeterminate")
FEES = ("connect_fee", "min_charge", "max_charge", "attempt_fee")
CREATE = """
DROP TABLE IF EXISTS pg_temp.voip_source, pg_temp.voip_offer, pg_temp.voip_code,
    pg_temp.voip_part, pg_temp.voip_moment, pg_temp.voip_pick, pg_temp.voip_basis;
CREATE TEMP TABLE voip_source (
    rank integer PRIMARY KEY, deck_id integer NOT NULL, factor numeric NOT NULL,
    weight numeric NOT NULL) ON COMMIT DROP;
CREATE TEMP TABLE voip_offer ON COMMIT DROP AS
SELECT 0 AS rank, 0::numeric AS factor, 0::numeric AS weight, ''::text AS origin, r.*
  FROM voip_rate r WHERE FALSE;
CREATE TEMP TABLE voip_code (
    prefix text NOT NULL, origin text NOT NULL) ON COMMIT DROP
"""
SOURCES = """
INSERT INTO voip_source
SELECT * FROM unnest(%(ranks)s::int[], %(decks)s::int[], %(factors)s::numeric[],
                     %(weights)s::numeric[])
"""
OFFERS = """
INSERT INTO voip_offer
SELECT s.rank, s.factor, s.weight, COALESCE(r.origin_prefix, ''), r.*
  FROM voip_source s JOIN voip_rate r ON r.deck_id = s.deck_id
 WHERE r.effective_to IS NULL OR r.effective_to > %(now)s
"""
# All codes of the sources but the exceptions.
CODES = """
INSERT INTO voip_code
SELECT DISTINCT o.prefix, o.origin FROM voip_offer o
 WHERE NOT EXISTS (SELECT FROM voip_kept k WHERE k.prefix = o.prefix)
   AND NOT EXISTS (
       SELECT FROM voip_rate m
        WHERE m.deck_id = %(deck)s AND m.manual AND m.prefix = o.prefix
          AND COALESCE(m.origin_prefix, '') = o.origin
          AND (m.effective_to IS NULL OR m.effective_to > %(now)s))
"""
# Codes of the deck and of its sources that an exception names.
KEPT = """
INSERT INTO voip_kept
SELECT DISTINCT c.prefix
  FROM (SELECT prefix FROM voip_offer
        UNION SELECT prefix FROM voip_rate WHERE deck_id = %(deck)s) c
  JOIN voip_rate_generator_exception e ON e.generator_id = %(generator)s
   AND (c.prefix = e.prefix OR e.is_below AND starts_with(c.prefix, e.prefix))
ON CONFLICT DO NOTHING
"""
# Which versions may give a price for a code: those of the code itself and, of a source
# that does not have it all the time, those of shorter ones.
PARTS = """
CREATE TEMP TABLE voip_part ON COMMIT DROP AS
WITH whole AS (
    SELECT rank, prefix, origin FROM voip_offer
     WHERE effective_to IS NULL AND effective_from <= %(now)s),
missing AS (
    SELECT c.prefix, c.origin, s.rank FROM voip_code c CROSS JOIN voip_source s
    EXCEPT SELECT prefix, origin, rank FROM whole),
lengths AS (SELECT DISTINCT length(prefix) AS size FROM voip_offer)
SELECT c.prefix, c.origin, o.rank, o.id
  FROM voip_code c
  JOIN voip_offer o ON o.prefix = c.prefix AND o.origin = c.origin
UNION ALL
SELECT m.prefix, m.origin, o.rank, o.id
  FROM missing m JOIN lengths l ON l.size <= length(m.prefix)
  JOIN voip_offer o ON o.rank = m.rank AND o.prefix = left(m.prefix, l.size)
   AND (o.origin = '' OR starts_with(m.origin, o.origin))
   AND (o.prefix, o.origin) <> (m.prefix, m.origin)
"""
# When the price of a code may change.
MOMENTS = """
CREATE TEMP TABLE voip_moment ON COMMIT DROP AS
SELECT prefix, origin, %(now)s::timestamp AS moment FROM voip_code
UNION
SELECT p.prefix, p.origin, m.moment
  FROM voip_part p JOIN voip_offer o USING (id)
  CROSS JOIN LATERAL (VALUES (o.effective_from), (o.effective_to)) m(moment)
 WHERE m.moment > %(now)s
"""
# What each source asks for a code from a moment on: the longest code, then the longest
# origin, then the version that began last.
PICK = """
CREATE TEMP TABLE voip_pick ON COMMIT DROP AS
SELECT DISTINCT ON (m.prefix, m.origin, m.moment, p.rank)
       m.prefix, m.origin, m.moment, p.id
  FROM voip_moment m
  JOIN voip_part p ON p.prefix = m.prefix AND p.origin = m.origin
  JOIN voip_offer o ON o.id = p.id
 WHERE o.effective_from <= m.moment
   AND (o.effective_to IS NULL OR o.effective_to > m.moment)
 ORDER BY m.prefix, m.origin, m.moment, p.rank, length(o.prefix) DESC,
          length(o.origin) DESC, o.effective_from DESC
"""
# The dearer of the price per minute and the first one; of what is paid the lesser.
_WORSE = (
    "CASE WHEN o.first_price < 0 THEN o.price_per_minute"
    " WHEN o.payback THEN LEAST(o.price_per_minute, o.first_price)"
    " ELSE GREATEST(o.price_per_minute, o.first_price) END"
)
# A source without a price of a jurisdiction asks what rating takes for it, and may ask
# it by its first price; one without a first price asks the price per minute.
_ASKED = {
    "price": "o.price_per_minute",
    "first_price": "CASE WHEN o.first_price < 0 THEN o.price_per_minute"
    " ELSE o.first_price END",
    "price_intra": f"CASE WHEN o.price_intra < 0 THEN {_WORSE} ELSE o.price_intra END",
    "price_local": f"CASE WHEN o.price_local < 0 THEN {_WORSE} ELSE o.price_local END",
    "price_indeterminate": "CASE WHEN o.price_indeterminate >= 0"
    " THEN o.price_indeterminate WHEN o.price_intra > o.price_per_minute"
    f" THEN o.price_intra ELSE {_WORSE} END",
    **{name: f"o.{name}" for name in FEES},
}
# A first increment longer than the source's charges its next seconds as the first.
_LONGER = f"({_WORSE}) * o.factor"
_BASED = ",\n           ".join(
    f"({sql}) * o.factor AS {name}" for name, sql in _ASKED.items()
)
_SUMS = ",\n           ".join(
    f"sum(w * CASE WHEN initial_increment < block THEN longer ELSE {name} END)"
    f" AS {name}"
    if name == "first_price"
    else f"sum(w * {name}) AS {name}"
    for name in _ASKED
)
_NO = [f"no_{name}" for name in JURISDICTIONS]
# The prices of each code from each moment on, times the weights of all its sources.
BASIS = f"""
CREATE TEMP TABLE voip_basis ON COMMIT DROP AS
WITH asked AS (
    SELECT p.prefix, p.origin, p.moment, o.rank, o.weight, length(o.prefix) AS size,
           CASE WHEN o.blocked THEN 2 WHEN o.payback THEN 1 ELSE 0 END AS kind,
           o.label, o.service_id, o.initial_increment, o.next_increment,
           o.grace_seconds, o.max_charge = 0 AS is_free,
           o.first_price < 0 AS no_first_price, {_LONGER} AS longer,
           {", ".join(f"o.{n} < 0 AS no_{n}" for n in JURISDICTIONS)},
           {_BASED}
      FROM voip_pick p JOIN voip_offer o ON o.id = p.id),
ranked AS (
    SELECT *, min(kind) OVER w AS best,
           row_number() OVER (w ORDER BY kind, price, rank) AS place,
           CASE %(basis)s WHEN 'weighted' THEN weight ELSE 1 END AS w
      FROM asked WINDOW w AS (PARTITION BY prefix, origin, moment)),
chosen AS (
    SELECT *, COALESCE(%(initial)s, max(initial_increment) OVER (
               PARTITION BY prefix, origin, moment)) AS block
      FROM ranked
     WHERE kind = best AND (%(basis)s <> 'cheapest' OR place = 1))
SELECT row_number() OVER (ORDER BY prefix, origin, moment) AS idx,
       prefix, origin, moment, best, sum(w) AS total,
       (array_agg(label ORDER BY size DESC, rank)
           FILTER (WHERE label IS NOT NULL))[1] AS label,
       (array_agg(service_id ORDER BY rank))[1] AS service_id,
       max(initial_increment) AS initial, max(next_increment) AS next,
       min(grace_seconds) AS grace, bool_or(is_free) AS is_free,
       bool_and(no_first_price) AS no_first_price,
       {", ".join(f"bool_and({name}) AS {name}" for name in _NO)},
       {_SUMS}
  FROM chosen
 GROUP BY prefix, origin, moment, best
"""
_MINUTE = (
    "GREATEST({0} * (1 + %(percent)s::numeric / 100) + %(fixed)s::numeric * b.total,"
    " {0} + %(floor)s::numeric * b.total)"
)
_FEE = "{0} * (1 + %(percent)s::numeric / 100)"


def _up(amount):
    """SQL of an amount over the weights, rounded up: by the remainder alone."""
    scaled = f"(({amount}) * %(scale)s::numeric)"
    return (
        f"(div({scaled}, b.total)"
        f" + ({scaled} > b.total * div({scaled}, b.total))::int) * %(step)s::numeric"
    )


def _priced(name, form):
    """SQL of a price; what is paid to the customer has no mark-up and is cut. Of a code
    that is blocked nobody asks the price, and none is below zero.
    """
    paid = f"div(b.{name} * %(scale)s::numeric, b.total) * %(step)s::numeric"
    price = _up(form.format("b." + name))
    return (
        f"CASE b.best WHEN 1 THEN {paid} WHEN 2 THEN GREATEST({price}, 0)"
        f" ELSE {price} END"
    )


_VALUES = {
    "label": "b.label",
    "price": _priced("price", _MINUTE),
    **{
        name: f"CASE WHEN b.no_{name} THEN -1 ELSE {_priced(name, _MINUTE)} END"
        for name in (*JURISDICTIONS, "first_price")
    },
    **{name: _priced(name, _FEE) for name in FEES},
    "initial": "COALESCE(%(initial)s, b.initial)",
    "next": "COALESCE(%(next)s, b.next)",
    "grace": "b.grace",
    "blocked": "b.best = 2",
    "payback": "b.best = 1",
    "service_id": "b.service_id",
}
_VALUES["max_charge"] = f"CASE WHEN b.is_free THEN 0 ELSE {_VALUES['max_charge']} END"
# A moment from which on no source has the code ends it.
LINES = f"""
INSERT INTO voip_stage (idx, prefix, origin, {", ".join(_VALUES)}, starts, ends)
SELECT b.idx, b.prefix, b.origin, {", ".join(_VALUES.values())},
       CASE b.moment WHEN %(now)s THEN %(starts)s::timestamp ELSE b.moment END, l.ends
  FROM voip_basis b
  JOIN (SELECT m.prefix, m.origin, m.moment, CASE WHEN lead(s.total) OVER n IS NULL
               THEN lead(m.moment) OVER n END AS ends
          FROM voip_moment m LEFT JOIN voip_basis s USING (prefix, origin, moment)
        WINDOW n AS (PARTITION BY m.prefix, m.origin ORDER BY m.moment)) l
 USING (prefix, origin, moment)
"""
# In their order, the tables that the next step reads analysed between.
STEPS = (
    (SOURCES, "voip_source"),
    (OFFERS, "voip_offer"),
    (KEPT, "voip_kept"),
    (CODES, "voip_code"),
    (PARTS, "voip_part"),
    (MOMENTS, "voip_moment"),
    (PICK, "voip_pick"),
    (BASIS, "voip_basis"),
    (LINES, "voip_stage"),
)


def _values(first, names, is_none):
    """SQL of (place, name, value, whether there is none) of these terms."""
    return ", ".join(
        f"({place}, '{name}', s.{name}, {is_none.format(name)})"
        for place, name in enumerate(names, first)
    )


# The first of them, and how many there are. The stage writes −1 where there is no
# price; a price that comes to −1 is none of those.
OUT_OF_BOUNDS = f"""
SELECT count(*) OVER (), s.prefix, v.name, trim_scale(v.value)::text
  FROM voip_stage s JOIN voip_basis b USING (idx) CROSS JOIN LATERAL (VALUES
       (1, 'price_per_minute', s.price, FALSE),
       {_values(2, (*JURISDICTIONS, "first_price"), "b.no_{}")},
       {_values(6, FEES, "FALSE")})
       AS v(place, name, value, is_none)
 WHERE v.value >= {PRICE_LIMIT} OR v.value < 0 AND NOT v.is_none
 ORDER BY s.prefix COLLATE "C", s.idx, v.place LIMIT 1
"""
