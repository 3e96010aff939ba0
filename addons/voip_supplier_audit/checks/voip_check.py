"""Invariants of suppliers' invoices."""

from odoo import api, models

from odoo.addons.voip_billing_base.checks.voip_check_definitions import script_of


class VoipCheck(models.AbstractModel):
    _inherit = "voip.check"

    @api.model
    def _checks(self, since, full):
        return [
            *super()._checks(since, full),
            ("supplier_lines", "Lines of a decided invoice are its total", LINES_SQL),
            ("supplier_reasons", "Causes come to the difference", REASONS_SQL),
            ("supplier_bills", "Bills are what was decided", BILLS_SQL),
            ("supplier_claims", "A claim is its disputed lines", CLAIMS_SQL),
            ("supplier_offsets", "What is credited or claimed is set off", OFFSETS_SQL),
            ("supplier_holds", "Held is what is claimed, and nothing else", HOLDS_SQL),
            ("supplier_records", "Call records are of their invoice", RECORDS_SQL),
            ("supplier_states", "Invoices are as last audited", STATES_SQL),
        ]

    @api.model
    def _scripts(self):
        return [
            *super()._scripts(),
            script_of("voip_supplier_audit/sql/records.sql"),
            script_of("voip_supplier_audit/sql/lines.sql"),
        ]


DECIDED = "i.state NOT IN ('imported', 'reconciled')"
LINES_SQL = f"""
SELECT count(*) FROM (
    SELECT i.id FROM voip_supplier_invoice i
      LEFT JOIN voip_supplier_invoice_line l ON l.invoice_id = i.id
     WHERE {DECIDED} GROUP BY i.id
    HAVING i.total <> COALESCE(sum(l.amount), 0)
        OR bool_or(l.decision = 'open')) x
"""
REASONS_SQL = """
SELECT count(*) FROM voip_supplier_invoice_line l
  JOIN voip_supplier_invoice i ON i.id = l.invoice_id
 CROSS JOIN LATERAL (
    SELECT COALESCE(sum((e ->> 'amount')::numeric), 0) AS explained
      FROM jsonb_array_elements(CASE jsonb_typeof(l.explanations)
           WHEN 'array' THEN l.explanations ELSE '[]' END) e) e
 WHERE i.state <> 'imported' AND l.kind = 'usage'
   AND e.explained + l.unexplained <> l.amount - l.ours_amount
"""
# Bills minus debit notes hold what is accepted, held ones what is disputed: all rounded
# once. Of a bill that was there already only the debit note is told.
BILLS_SQL = f"""
SELECT count(*) FROM (
    SELECT i.id, i.bill_id, c.decimal_places AS places,
           COALESCE(sum(l.amount - COALESCE(l.disputed_amount, 0))
                    FILTER (WHERE l.decision <> 'rejected'), 0) AS accepted,
           COALESCE(sum(l.disputed_amount), 0) AS disputed,
           COALESCE(sum(l.amount) FILTER (WHERE l.decision = 'rejected'), 0)
               AS rejected
      FROM voip_supplier_invoice i
      JOIN res_currency c ON c.id = i.currency_id
      LEFT JOIN voip_supplier_invoice_line l ON l.invoice_id = i.id
     WHERE {DECIDED} GROUP BY i.id, c.decimal_places) i
 CROSS JOIN LATERAL (
    SELECT COALESCE(sum(CASE m.move_type WHEN 'in_refund' THEN -m.amount_total
                                         ELSE m.amount_total END)
                    FILTER (WHERE m.reversed_entry_id IS NULL), 0) AS booked,
           COALESCE(sum(CASE m.move_type WHEN 'in_refund' THEN m.amount_total
                                         ELSE -m.amount_total END)
                    FILTER (WHERE m.reversed_entry_id IS NULL
                                  AND m.id IS DISTINCT FROM i.bill_id), 0) AS noted,
           count(*) FILTER (WHERE m.state <> 'posted') AS loose
      FROM account_move m WHERE m.voip_supplier_invoice_id = i.id) m
  LEFT JOIN voip_supplier_claim k ON k.invoice_id = i.id
 WHERE m.loose > 0 AND i.bill_id IS NULL
    OR i.bill_id IS NULL AND abs(m.booked - i.accepted
           - CASE WHEN k.by = 'hold' THEN i.disputed ELSE 0 END) > 0.5 * 10 ^ -i.places
    OR i.bill_id IS NOT NULL
       AND abs(m.noted - i.disputed - i.rejected) > 0.5 * 10 ^ -i.places
"""
CLAIMS_SQL = """
SELECT (SELECT count(*) FROM (
            SELECT k.id FROM voip_supplier_claim k
              LEFT JOIN voip_supplier_invoice_line l ON l.claim_id = k.id
             GROUP BY k.id
            HAVING k.amount <> COALESCE(sum(l.disputed_amount), 0)
                OR k.credited_amount > k.amount
                OR (k.state = 'credited' AND k.credited_amount <> k.amount)) x)
     + (SELECT count(*) FROM voip_supplier_claim k
          LEFT JOIN account_move m ON m.id = k.credit_note_id
         WHERE k.state = 'credited' AND k.by = 'hold'
           AND (m.id IS NULL OR m.state <> 'posted'
                OR m.voip_supplier_claim_id IS DISTINCT FROM k.id))
"""
# A held bill with the credit note that closed its claim, a debit note with the bill
# that the audit made. What comes to nothing has nothing to set off.
OFFSETS_SQL = """
WITH pair AS (
    SELECT d.move_id AS debit, c.move_id AS credit FROM account_partial_reconcile p
      JOIN account_move_line d ON d.id = p.debit_move_id
      JOIN account_move_line c ON c.id = p.credit_move_id)
SELECT (SELECT count(*) FROM voip_supplier_claim k
          JOIN account_move m ON m.id = k.move_id AND m.amount_total <> 0
         WHERE k.state = 'credited' AND k.by = 'hold' AND NOT EXISTS (
               SELECT FROM pair WHERE credit = m.id AND debit = k.credit_note_id))
     + (SELECT count(*) FROM voip_supplier_claim k
          JOIN account_move m ON m.id = k.move_id AND m.amount_total <> 0
          JOIN account_move b ON b.voip_supplier_invoice_id = k.invoice_id
           AND b.move_type = 'in_invoice' AND b.reversed_entry_id IS NULL
           AND b.amount_total <> 0
          JOIN voip_supplier_invoice i ON i.id = k.invoice_id AND i.bill_id IS NULL
         WHERE k.state <> 'conceded' AND k.by = 'debit_note' AND NOT EXISTS (
               SELECT FROM pair WHERE credit = b.id AND debit = m.id))
"""
HOLDS_SQL = """
SELECT (SELECT count(*) FROM account_move m
         WHERE m.voip_payment_hold AND NOT EXISTS (
               SELECT FROM voip_supplier_claim k
                WHERE k.move_id = m.id AND k.state = 'open'))
     + (SELECT count(*) FROM voip_supplier_claim k
          JOIN account_move m ON m.id = k.move_id
         WHERE k.state = 'open' AND k.by = 'hold'
           AND NOT COALESCE(m.voip_payment_hold, false))
"""
RECORDS_SQL = """
SELECT count(*) FROM voip_supplier_invoice i
  FULL JOIN (SELECT invoice_id, count(*) AS records FROM voip_supplier_record_row
              GROUP BY 1) r ON r.invoice_id = i.id
 WHERE COALESCE(i.record_count, 0) <> COALESCE(r.records, 0) OR i.id IS NULL
"""
STATES_SQL = f"""
SELECT count(*) FROM voip_supplier_invoice i
 WHERE ({DECIDED}) <> EXISTS (
       SELECT FROM voip_audit a
        WHERE a.res_model = 'voip.supplier.invoice' AND a.res_id = i.id
          AND a.event = 'supplier_invoice_decide')
"""
