"""Invariants of credit notes of usage."""

from odoo import api, models


class VoipCheck(models.AbstractModel):
    _inherit = "voip.check"

    @api.model
    def _checks(self, since, full):
        return [
            *super()._checks(since, full),
            ("credited", "No more is credited than was invoiced", CREDITED_SQL),
            ("credited_tax", "Each tax is credited as it was invoiced", TAX_SQL),
        ]


CREDITED_SQL = """
SELECT (SELECT count(*) FROM (
           SELECT l.id
             FROM account_move_line c
             JOIN account_move_line l ON l.id = c.voip_credited_line_id
            WHERE c.parent_state = 'posted'
            GROUP BY l.id
           HAVING sum(c.price_unit * c.quantity) * (l.price_unit * l.quantity) < 0
               OR abs(sum(c.price_unit * c.quantity)) > abs(l.price_unit * l.quantity)
       ) x)
     + (SELECT count(*) FROM (
           SELECT m.id FROM account_move c JOIN account_move m
               ON m.id = c.reversed_entry_id
            WHERE c.state = 'posted'
              AND (m.voip_period_end IS NOT NULL OR m.voip_span_end IS NOT NULL)
            GROUP BY m.id
           HAVING sum(c.amount_total) > m.amount_total) y)
"""
# Where each line is credited to the last cent, so is each tax.
TAX_SQL = """
WITH invoice AS (
    SELECT DISTINCT m.id FROM account_move c JOIN account_move m
        ON m.id = c.reversed_entry_id
     WHERE c.state = 'posted'
       AND (m.voip_period_end IS NOT NULL OR m.voip_span_end IS NOT NULL)
), in_part AS (
    SELECT DISTINCT l.move_id
      FROM invoice i JOIN account_move_line l ON l.move_id = i.id
     WHERE l.display_type = 'product' AND l.price_unit * l.quantity <> (
           SELECT COALESCE(sum(c.price_unit * c.quantity), 0)
             FROM account_move_line c
            WHERE c.voip_credited_line_id = l.id AND c.parent_state = 'posted')
), tax AS (
    SELECT d.invoice, l.tax_line_id,
           COALESCE(-sum(l.amount_currency) FILTER (WHERE d.id = d.invoice), 0)
               AS billed,
           COALESCE(sum(l.amount_currency) FILTER (WHERE d.id <> d.invoice), 0)
               AS credited
      FROM (SELECT id AS invoice, id FROM invoice
             UNION ALL
            SELECT i.id, c.id FROM invoice i JOIN account_move c
                ON c.reversed_entry_id = i.id AND c.state = 'posted') d
      JOIN account_move_line l ON l.move_id = d.id AND l.tax_line_id IS NOT NULL
     GROUP BY 1, 2
)
SELECT count(*) FROM tax t
 WHERE credited NOT BETWEEN LEAST(billed, 0) AND GREATEST(billed, 0)
    OR credited <> billed
       AND NOT EXISTS (SELECT FROM in_part p WHERE p.move_id = t.invoice)
"""
