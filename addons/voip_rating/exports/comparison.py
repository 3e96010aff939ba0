"""SQL of decks side by side: each code with what every deck asks for it.

One price of each deck is picked for each code, then one line is made of them. Ranks
below ``sales`` are our decks. Codes are compared by bytes, which is how they nest.
"""

CREATE = """
DROP TABLE IF EXISTS pg_temp.voip_offer, pg_temp.voip_code, pg_temp.voip_asked,
    pg_temp.voip_bid
"""
# The version of each code of each deck that is valid; a blocked one asks nothing.
_OFFERS = """
CREATE TEMP TABLE voip_offer ON COMMIT DROP AS
SELECT DISTINCT ON (r.prefix COLLATE "C", s.rank)
       r.prefix COLLATE "C" AS prefix, s.rank, r.deck_id, r.label, r.destination_id,
       CASE WHEN r.blocked IS NOT TRUE AND r.payback IS NOT TRUE
            THEN round(r.price_per_minute * s.factor, 8) END AS price
  FROM unnest(%(ranks)s::int[], %(decks)s::int[], %(factors)s::numeric[])
       AS s(rank, deck_id, factor)
  JOIN voip_rate r ON r.deck_id = s.deck_id
 WHERE r.effective_from <= %(now)s
   AND (r.effective_to IS NULL OR r.effective_to > %(now)s)
   AND r.origin_prefix IS NULL
 ORDER BY r.prefix COLLATE "C", s.rank, r.effective_from DESC
"""
_CODES = """
CREATE TEMP TABLE voip_code ON COMMIT DROP AS
SELECT o.prefix, array_agg(o.rank) AS ranks
  FROM voip_offer o LEFT JOIN voip_destination d ON d.id = o.destination_id
 WHERE starts_with(o.prefix, %(prefix)s)
 GROUP BY o.prefix
HAVING bool_or((%(country)s::int IS NULL OR d.country_id = %(country)s)
               AND (%(destination)s::int IS NULL OR d.id = %(destination)s))
 UNION ALL
SELECT %(prefix)s, '{}'::int[]
 WHERE %(prefix)s <> ''
   AND NOT EXISTS (SELECT FROM voip_offer WHERE prefix = %(prefix)s)
"""
# A deck without a code asks what its longest shorter one costs.
_ASKED = """
CREATE TEMP TABLE voip_asked ON COMMIT DROP AS
WITH shorter AS (
    SELECT c.prefix, c.ranks, l.size, left(c.prefix, l.size) COLLATE "C" AS own
      FROM voip_code c
      JOIN (SELECT DISTINCT length(prefix) AS size FROM voip_offer) l
        ON l.size < length(c.prefix)
     WHERE cardinality(c.ranks) < cardinality(%(decks)s::int[])),
taken AS (
    SELECT DISTINCT ON (s.prefix, o.rank)
           s.prefix, o.prefix AS own, o.rank, o.deck_id, o.label, o.destination_id,
           o.price
      FROM shorter s JOIN voip_offer o ON o.prefix = s.own AND o.rank <> ALL(s.ranks)
     ORDER BY s.prefix, o.rank, s.size DESC)
SELECT o.prefix, o.prefix AS own, o.rank, o.deck_id, o.label, o.destination_id, o.price
  FROM voip_offer o JOIN voip_code c ON c.prefix = o.prefix
 WHERE o.price IS NOT NULL
 UNION ALL
SELECT * FROM taken WHERE price IS NOT NULL
"""
BIDS = """
CREATE TEMP TABLE voip_bid ON COMMIT DROP AS
SELECT a.prefix,
       (array_agg(COALESCE(a.label, d.name) ORDER BY length(a.own) DESC, a.rank))[1]
           AS label,
       min(a.price) FILTER (WHERE a.rank >= %(sales)s) AS cost,
       max(a.price) FILTER (WHERE a.rank >= %(sales)s) AS dearest,
       (array_agg(a.deck_id ORDER BY a.price, a.rank)
           FILTER (WHERE a.rank >= %(sales)s))[1] AS deck_id,
       jsonb_agg(jsonb_build_array(a.deck_id, trim_scale(a.price)::text)
                 ORDER BY a.price, a.rank)
           FILTER (WHERE a.rank >= %(sales)s) AS offers
  FROM voip_asked a LEFT JOIN voip_destination d ON d.id = a.destination_id
 GROUP BY a.prefix
"""
STEPS = (
    (_OFFERS, "voip_offer"),
    (_CODES, "voip_code"),
    (_ASKED, "voip_asked"),
)
FILL = """
INSERT INTO voip_rate_comparison_line
    (comparison_id, prefix, label, deck_id, sold_prefix, price, cost_deck_id, cost,
     spread, margin, margin_percent, result, offers, create_uid, create_date,
     write_uid, write_date)
WITH ours AS (
    SELECT s.rank, s.deck_id
      FROM unnest(%(ranks)s::int[], %(decks)s::int[]) AS s(rank, deck_id)
     WHERE s.rank < %(sales)s
     UNION ALL SELECT NULL, NULL WHERE %(sales)s = 0)
SELECT %(id)s, b.prefix, b.label, u.deck_id, a.own, a.price, b.deck_id, b.cost,
       b.dearest - b.cost, a.price - b.cost,
       CASE WHEN a.price > 0 THEN round((a.price - b.cost) / a.price * 100, 2) END,
       CASE WHEN a.price IS NULL THEN 'not_sold' WHEN b.cost IS NULL THEN 'no_cost'
            WHEN a.price < b.cost THEN 'loss' WHEN a.price = b.cost THEN 'even'
            ELSE 'profit' END,
       b.offers, %(uid)s, now() AT TIME ZONE 'UTC', %(uid)s, now() AT TIME ZONE 'UTC'
  FROM voip_bid b CROSS JOIN ours u
  LEFT JOIN voip_asked a ON a.prefix = b.prefix AND a.rank = u.rank
 WHERE a.price IS NOT NULL OR b.cost IS NOT NULL
 ORDER BY b.prefix, u.rank
"""
TABLE = """
CREATE TABLE IF NOT EXISTS voip_rate_comparison_line (
    id serial PRIMARY KEY,
    comparison_id integer,
    prefix varchar,
    label varchar,
    deck_id integer,
    sold_prefix varchar,
    price numeric,
    cost_deck_id integer,
    cost numeric,
    spread numeric,
    margin numeric,
    margin_percent numeric,
    result varchar,
    offers jsonb,
    create_uid integer,
    create_date timestamp,
    write_uid integer,
    write_date timestamp);
CREATE INDEX IF NOT EXISTS voip_rate_comparison_line__comparison_id_index
    ON voip_rate_comparison_line (comparison_id);
ALTER TABLE voip_rate_comparison_line
    DROP CONSTRAINT IF EXISTS voip_rate_comparison_line_comparison_id_fkey,
    DROP CONSTRAINT IF EXISTS voip_rate_comparison_line_deck_id_fkey,
    DROP CONSTRAINT IF EXISTS voip_rate_comparison_line_cost_deck_id_fkey,
    DROP CONSTRAINT IF EXISTS voip_rate_comparison_line_create_uid_fkey,
    DROP CONSTRAINT IF EXISTS voip_rate_comparison_line_write_uid_fkey
"""
ROWS = """
SELECT l.prefix, l.label, d.name, l.price::text, l.offers, l.cost::text, s.name,
       l.spread::text, l.margin::text, l.margin_percent::text, l.result
  FROM voip_rate_comparison_line l
  LEFT JOIN voip_rate_deck d ON d.id = l.deck_id
  LEFT JOIN voip_rate_deck s ON s.id = l.cost_deck_id
 WHERE l.comparison_id = %s ORDER BY l.prefix COLLATE "C", l.deck_id, l.id
"""
