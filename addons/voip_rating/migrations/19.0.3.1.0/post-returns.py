"""Versions that go on after a promotion say which one they continue."""

from odoo.addons.voip_rating.sheets.stage import TERMS

SAME = " AND ".join(
    f"r.{name} IS NOT DISTINCT FROM b.{name}" for name in (*TERMS.values(), "label")
)
# A return was written in the transaction of its promotion and begins where that ends.
RETURNS_SQL = f"""
UPDATE voip_rate t SET continues_from = f.base
  FROM (SELECT DISTINCT ON (r.id) r.id, b.effective_from AS base
          FROM voip_rate r
          JOIN voip_rate p ON p.deck_id = r.deck_id AND p.prefix = r.prefix
           AND COALESCE(p.origin_prefix, '') = COALESCE(r.origin_prefix, '')
           AND p.effective_to = r.effective_from AND p.create_date = r.create_date
           AND p.id < r.id
          JOIN voip_rate b ON b.deck_id = r.deck_id AND b.prefix = r.prefix
           AND COALESCE(b.origin_prefix, '') = COALESCE(r.origin_prefix, '')
           AND b.effective_from < p.effective_from AND {SAME}
         WHERE r.continues_from IS NULL
         ORDER BY r.id, b.effective_from DESC) f
 WHERE f.id = t.id
"""
# A return of a return continues what that one does.
THROUGH_SQL = """
UPDATE voip_rate r SET continues_from = b.continues_from
  FROM voip_rate b
 WHERE b.deck_id = r.deck_id AND b.prefix = r.prefix
   AND COALESCE(b.origin_prefix, '') = COALESCE(r.origin_prefix, '')
   AND b.effective_from = r.continues_from AND b.continues_from IS NOT NULL
"""


def migrate(cr, version):
    cr.execute(RETURNS_SQL)
    while cr.rowcount:
        cr.execute(THROUGH_SQL)
