"""SQL of decks side by side: each code with what every deck asks for it."""

from ..generators.sql import CREATE as _CREATE
from ..generators.sql import OFFERS, PARTS, PICK, SOURCES

CREATE = f"""{_CREATE};
CREATE TEMP TABLE voip_moment (prefix text, origin text, moment timestamp)
    ON COMMIT DROP
"""
_CODES = """
INSERT INTO voip_code
SELECT DISTINCT o.prefix, '' FROM voip_offer o
  LEFT JOIN voip_destination d ON d.id = o.destination_id
 WHERE o.origin = '' AND starts_with(o.prefix, %(prefix)s)
   AND (%(country)s::int IS NULL OR d.country_id = %(country)s)
   AND (%(destination)s::int IS NULL OR d.id = %(destination)s)
UNION
SELECT %(prefix)s, '' WHERE %(prefix)s <> ''
"""
_MOMENT = """
INSERT INTO voip_moment SELECT prefix, origin, %(now)s FROM voip_code
"""
STEPS = (
    (SOURCES, "voip_source"),
    (OFFERS, "voip_offer"),
    (_CODES, "voip_code"),
    (PARTS, "voip_part"),
    (_MOMENT, "voip_moment"),
    (PICK, "voip_pick"),
)
# Ranks below %(sales)s are our decks.
FILL = """
INSERT INTO voip_rate_comparison_line
    (comparison_id, prefix, label, deck_id, sold_prefix, price, cost_deck_id, cost,
     spread, margin, margin_percent, result, offers, create_uid, create_date,
     write_uid, write_date)
WITH asked AS (
    SELECT p.prefix, o.rank, o.deck_id, o.prefix AS own, o.label, o.destination_id,
           round(o.price_per_minute * o.factor, 8) AS price
      FROM voip_pick p JOIN voip_offer o ON o.id = p.id
     WHERE o.blocked IS NOT TRUE AND o.payback IS NOT TRUE),
named AS (
    SELECT DISTINCT ON (a.prefix) a.prefix, COALESCE(a.label, d.name) AS label
      FROM asked a LEFT JOIN voip_destination d ON d.id = a.destination_id
     ORDER BY a.prefix, length(a.own) DESC, a.rank),
cost AS (
    SELECT prefix, min(price) AS cost, max(price) - min(price) AS spread,
           (array_agg(deck_id ORDER BY price, rank))[1] AS deck_id,
           jsonb_agg(jsonb_build_array(deck_id, trim_scale(price)::text)
                     ORDER BY price, rank) AS offers
      FROM asked WHERE rank >= %(sales)s GROUP BY prefix),
ours AS (
    SELECT s.rank, s.deck_id FROM voip_source s WHERE s.rank < %(sales)s
    UNION ALL SELECT NULL, NULL WHERE %(sales)s = 0),
both_sides AS (
    SELECT c.prefix, n.label, u.rank, u.deck_id, a.own, a.price,
           k.deck_id AS cost_deck_id, k.cost, k.spread, k.offers
      FROM voip_code c CROSS JOIN ours u
      LEFT JOIN asked a ON a.prefix = c.prefix AND a.rank = u.rank
      LEFT JOIN named n ON n.prefix = c.prefix
      LEFT JOIN cost k ON k.prefix = c.prefix
     WHERE a.price IS NOT NULL OR k.cost IS NOT NULL)
SELECT %(id)s, prefix, label, deck_id, own, price, cost_deck_id, cost, spread,
       price - cost,
       CASE WHEN price > 0 THEN round((price - cost) / price * 100, 2) END,
       CASE WHEN price IS NULL THEN 'not_sold' WHEN cost IS NULL THEN 'no_cost'
            WHEN price < cost THEN 'loss' WHEN price = cost THEN 'even'
            ELSE 'profit' END,
       offers, %(uid)s, now() AT TIME ZONE 'UTC', %(uid)s, now() AT TIME ZONE 'UTC'
  FROM both_sides ORDER BY prefix, rank
"""
ROWS = """
SELECT l.prefix, l.label, d.name, l.price::text, l.offers, l.cost::text, s.name,
       l.spread::text, l.margin::text, l.margin_percent::text, l.result
  FROM voip_rate_comparison_line l
  LEFT JOIN voip_rate_deck d ON d.id = l.deck_id
  LEFT JOIN voip_rate_deck s ON s.id = l.cost_deck_id
 WHERE l.comparison_id = %s ORDER BY l.prefix, l.deck_id, l.id
"""
