"""Invariants of credit notes of usage."""

from odoo import api, models


class VoipCheck(models.AbstractModel):
    _inherit = "voip.check"

    @api.model
    def _checks(self, since, full):
        return [
            *super()._checks(since, full),
            ("credited", "No more is credited than was invoiced", CREDITED_SQL),
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
