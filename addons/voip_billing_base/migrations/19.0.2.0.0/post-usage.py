"""Summaries learn from their rows what their key tells apart now."""

FACETS_SQL = """
UPDATE voip_usage_summary s
   SET deck_currency_id = u.deck_currency_id,
       facets = jsonb_strip_nulls(jsonb_build_object(
           'direction', u.direction, 'jurisdiction', u.jurisdiction))
  FROM (SELECT summary_id,
               CASE WHEN count(DISTINCT COALESCE(deck_currency_id, 0)) = 1
                    THEN min(deck_currency_id) END AS deck_currency_id,
               CASE WHEN count(DISTINCT COALESCE(direction, '')) = 1
                    THEN min(direction) END AS direction,
               CASE WHEN count(DISTINCT COALESCE(jurisdiction, '')) = 1
                    THEN min(jurisdiction) END AS jurisdiction
          FROM voip_usage_row_v1 GROUP BY 1) u
 WHERE u.summary_id = s.id
"""


def migrate(cr, version):
    cr.execute("SELECT to_regclass('voip_usage_row_v1') IS NOT NULL")
    if cr.fetchone()[0]:
        cr.execute(FACETS_SQL)
