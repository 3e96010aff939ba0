"""Invariants of customers' disputes."""

from odoo import api, models


class VoipCheck(models.AbstractModel):
    _inherit = "voip.check"

    @api.model
    def _checks(self, since, full):
        return [
            *super()._checks(since, full),
            ("dispute_held", "Disputed is what is marked, and held", HELD_SQL),
            ("dispute_outcome", "Disputes end with what was credited", OUTCOME_SQL),
        ]


# What is held of an invoice is of its own lines, at most what they come to. While a
# dispute is open no receivable item of it is followed up.
HELD_SQL = """
WITH held AS (
    SELECT d.move_id, d.state, h.key::int AS line_id, abs(h.value::numeric) AS part
      FROM voip_dispute d CROSS JOIN LATERAL jsonb_each_text(d.held) h
     WHERE jsonb_typeof(d.held) = 'object'),
live AS (
    SELECT * FROM voip_dispute WHERE state IN ('open', 'waiting'))
SELECT (SELECT count(*) FROM voip_dispute
         WHERE total IS DISTINCT FROM net + tax OR total <= 0
            OR COALESCE(held, '{}') = '{}')
     + (SELECT count(*) FROM held h LEFT JOIN account_move_line l ON l.id = h.line_id
         WHERE l.move_id IS DISTINCT FROM h.move_id OR h.part <= 0)
     + (SELECT count(*) FROM (
            SELECT h.line_id FROM held h JOIN account_move_line l ON l.id = h.line_id
             WHERE h.state IN ('open', 'waiting')
             GROUP BY h.line_id, l.price_unit, l.quantity
            HAVING sum(h.part) > abs(l.price_unit * l.quantity) + 0.01) x)
     + (SELECT count(*) FROM live d
          JOIN account_move_line l ON l.move_id = d.move_id
          JOIN account_account a ON a.id = l.account_id
         WHERE a.account_type = 'asset_receivable' AND l.no_followup IS NOT TRUE)
     + (SELECT count(*) FROM live d
         WHERE d.scope = 'calls' AND jsonb_array_length(d.usage_ids) <> (
               SELECT count(*) FROM voip_dispute_call c WHERE c.dispute_id = d.id))
"""
OUTCOME_SQL = """
SELECT count(*) FROM voip_dispute d
  LEFT JOIN voip_credit c ON c.id = d.credit_id
  LEFT JOIN account_move n ON n.id = c.note_id
 WHERE CASE d.state
       WHEN 'open' THEN d.decided_at IS NOT NULL OR COALESCE(d.credited, 0) <> 0
       WHEN 'waiting' THEN d.decided_at IS NOT NULL OR c.id IS NULL
            OR c.state <> 'waiting'
       WHEN 'refused' THEN d.decided_at IS NULL OR COALESCE(d.answer, '') = ''
            OR COALESCE(d.credited, 0) <> 0
       WHEN 'withdrawn' THEN d.decided_at IS NULL OR COALESCE(d.credited, 0) <> 0
       ELSE d.decided_at IS NULL OR n.id IS NULL OR n.state <> 'posted'
            OR c.dispute_id IS DISTINCT FROM d.id OR n.reversed_entry_id <> d.move_id
            OR d.credited <> c.total OR d.credited <> n.amount_total
            OR (d.state = 'credited') <> (d.credited >= d.total) END
"""
