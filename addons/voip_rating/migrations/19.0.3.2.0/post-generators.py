"""Decks with a parent and a mark-up become decks with a mark-up of one source."""

from odoo.tools.sql import column_exists

# A floor over the parent's own price is a mark-up, too, where nothing fixed is added.
GENERATORS_SQL = """
INSERT INTO voip_rate_generator
    (deck_id, company_id, basis, markup_percent, markup_fixed, margin_floor, is_floored,
     decimals, increments, on_change, problem, create_date, write_date)
SELECT d.id, d.company_id, 'cheapest',
       CASE WHEN p.side = 'supplier' AND COALESCE(d.markup_fixed, 0) = 0
            THEN GREATEST(d.markup_percent, d.margin_floor)
            ELSE COALESCE(d.markup_percent, 0) END,
       COALESCE(d.markup_fixed, 0), 0, p.side = 'supplier', 8, 'source', 'hand',
       CASE WHEN d.margin_floor > 0
             AND NOT (p.side = 'supplier' AND COALESCE(d.markup_fixed, 0) = 0)
            THEN 'The margin floor of ' || trim_scale(d.margin_floor::numeric)
                 || ' % is not part of the mark-up any more: give a least margin per'
                 || ' minute.' END,
       now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
  FROM voip_rate_deck d JOIN voip_rate_deck p ON p.id = d.parent_id
 WHERE d.side = 'customer'
   AND NOT EXISTS (SELECT FROM voip_rate_generator g WHERE g.deck_id = d.id)
"""
SOURCES_SQL = """
INSERT INTO voip_rate_generator_source
    (generator_id, company_id, deck_id, sequence, weight, create_date, write_date)
SELECT g.id, g.company_id, d.parent_id, 10, 1, g.create_date, g.create_date
  FROM voip_rate_generator g JOIN voip_rate_deck d ON d.id = g.deck_id
 WHERE d.parent_id IS NOT NULL
   AND NOT EXISTS (SELECT FROM voip_rate_generator_source s WHERE s.generator_id = g.id)
"""


def migrate(cr, version):
    if column_exists(cr, "voip_rate_deck", "parent_id"):
        cr.execute(GENERATORS_SQL)
        cr.execute(SOURCES_SQL)
