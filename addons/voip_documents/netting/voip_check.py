"""Invariants of nettings."""

from odoo import api, models

from .mark import MARK


class VoipCheck(models.AbstractModel):
    _inherit = "voip.check"

    @api.model
    def _checks(self, since, full):
        return [
            *super()._checks(since, full),
            ("netting_state", "Nettings are as last audited", STATE_SQL),
            ("netting_asked", "A netting is of what was asked for", ASKED_SQL),
            ("netting_items", "An item is held by its open netting", ITEMS_SQL),
            ("netting_entries", "A netting has the entries of its state", ENTRIES_SQL),
            ("netting_partner", "Netted items are of the partner", PARTNER_SQL),
        ]


# Older requests were audited without it.
ASKED_SQL = f"""
SELECT count(*) FROM voip_netting n
  JOIN (SELECT DISTINCT ON (res_id) res_id, data::json ->> 'mark' AS mark
          FROM voip_audit
         WHERE res_model = 'voip.netting' AND event = 'netting_requested'
         ORDER BY res_id, id DESC) a ON a.res_id = n.id
 WHERE n.state IN ('requested', 'agreed') AND a.mark <> ({MARK})::text
"""
STATE_SQL = """
SELECT count(*) FROM voip_netting n
  LEFT JOIN (SELECT DISTINCT ON (res_id) res_id, substr(event, 9) AS state
               FROM voip_audit
              WHERE res_model = 'voip.netting' AND left(event, 8) = 'netting_'
              ORDER BY res_id, id DESC) a ON a.res_id = n.id
 WHERE n.state <> COALESCE(NULLIF(a.state, 'changed'), 'draft')
"""
ITEMS_SQL = """
SELECT count(*) FROM voip_netting_line l JOIN voip_netting n ON n.id = l.netting_id
 WHERE COALESCE(l.is_live, false)
       <> (l.withheld IS NULL AND n.state NOT IN ('posted', 'cancelled'))
"""
# While a netting is open an item may rightly go to another partner.
PARTNER_SQL = """
SELECT count(*) FROM voip_netting n
  JOIN res_partner o ON o.id = n.partner_id
  JOIN voip_netting_line l ON l.netting_id = n.id AND l.withheld IS NULL
  JOIN account_move_line i ON i.id = l.move_line_id
  LEFT JOIN res_partner p ON p.id = i.partner_id
 WHERE n.state = 'posted'
   AND p.commercial_partner_id IS DISTINCT FROM o.commercial_partner_id
"""
# What is netted has posted entries; those of a cancelled netting come to nothing on
# each account, in each currency.
ENTRIES_SQL = """
SELECT (SELECT count(*) FROM voip_netting n
         WHERE (n.state = 'posted') > EXISTS (
               SELECT FROM voip_netting_move_rel r WHERE r.netting_id = n.id))
     + (SELECT count(*) FROM voip_netting_move_rel r
          JOIN voip_netting n ON n.id = r.netting_id
          JOIN account_move m ON m.id = r.move_id
         WHERE m.state <> 'posted' OR n.state NOT IN ('posted', 'cancelled'))
     + (SELECT count(*) FROM (
           SELECT n.id FROM voip_netting n
             JOIN voip_netting_move_rel r ON r.netting_id = n.id
             JOIN account_move_line l ON l.move_id = r.move_id
            WHERE n.state = 'cancelled'
            GROUP BY n.id, l.account_id, l.currency_id
           HAVING sum(l.balance) <> 0 OR sum(l.amount_currency) <> 0) x)
"""
