"""Invariants of usage documents and credits: what they say is what their items say."""

from odoo import api, models


class VoipCheck(models.AbstractModel):
    _inherit = "voip.check"

    @api.model
    def _checks(self, since, full):
        return [
            *super()._checks(since, full),
            ("document_total", "Totals of a document = its items", TOTAL_SQL),
            ("document_paid", "A document is paid as its items are", PAID_SQL),
            ("document_number", "A document has the number it was given", NUMBER_SQL),
            ("document_customer", "A document is of its account", CUSTOMER_SQL),
            ("document_date", "A document and its items have one date", DATE_SQL),
            ("billed_payer", "Who pays billed usage pays its document", PAYER_SQL),
            ("line_rate", "A line of usage shows the price of its usage", RATE_SQL),
            ("credits", "A credit is its credit note", CREDIT_SQL),
        ]


DOCUMENT = "(m.voip_period_end IS NOT NULL OR m.voip_span_end IS NOT NULL)"
# As Odoo sums up: tax and rounding of taxes, terms of payment, and all else.
KIND = """
    CASE WHEN l.display_type IN ('tax', 'non_deductible_tax')
              OR l.display_type = 'rounding' AND l.tax_repartition_line_id IS NOT NULL
         THEN 'tax'
         WHEN l.display_type = 'payment_term' THEN 'term' ELSE 'net' END
"""
ITEMS = f"""
    SELECT l.move_id,
           COALESCE(sum(balance) FILTER (WHERE kind = 'net'), 0) AS net,
           COALESCE(sum(amount_currency) FILTER (WHERE kind = 'net'), 0) AS net_cur,
           COALESCE(sum(balance) FILTER (WHERE kind = 'tax'), 0) AS tax,
           COALESCE(sum(amount_currency) FILTER (WHERE kind = 'tax'), 0) AS tax_cur,
           COALESCE(sum(amount_residual) FILTER (WHERE kind = 'term'), 0) AS residual,
           COALESCE(sum(amount_residual_currency) FILTER (WHERE kind = 'term'), 0)
               AS residual_cur
      FROM (SELECT *, {KIND} AS kind FROM account_move_line l
             WHERE move_id IN (SELECT m.id FROM account_move m
                                WHERE {DOCUMENT} AND m.state = 'posted')) l
     GROUP BY 1
"""
SIGN = "CASE m.move_type WHEN 'out_refund' THEN 1 ELSE -1 END"
TOTAL_SQL = f"""
SELECT count(*)
  FROM account_move m LEFT JOIN ({ITEMS}) i ON i.move_id = m.id
 WHERE {DOCUMENT} AND m.state = 'posted' AND (
       i.move_id IS NULL OR m.move_type NOT IN ('out_invoice', 'out_refund')
    OR (m.amount_untaxed, m.amount_tax, m.amount_total, m.amount_residual)
       IS DISTINCT FROM ({SIGN} * i.net_cur, {SIGN} * i.tax_cur,
                         {SIGN} * (i.net_cur + i.tax_cur), -({SIGN}) * i.residual_cur)
    OR (m.amount_untaxed_signed, m.amount_tax_signed, m.amount_total_signed,
        m.amount_residual_signed)
       IS DISTINCT FROM (-i.net, -i.tax, -i.net - i.tax, i.residual)
    OR EXISTS (SELECT FROM account_move_line l
                WHERE l.move_id = m.id AND l.currency_id <> m.currency_id)
    OR m.currency_id <> (SELECT currency_id FROM voip_account a
                          WHERE a.id = m.voip_account_id))
"""
# In payment may be any, by the payments that Odoo matches without an entry.
PAID_SQL = f"""
SELECT count(*) FROM account_move m
 WHERE {DOCUMENT} AND m.state = 'posted' AND m.amount_total <> 0
   AND CASE m.payment_state
       WHEN 'paid' THEN m.amount_residual <> 0
       WHEN 'reversed' THEN m.amount_residual <> 0
       WHEN 'partial' THEN m.amount_residual IN (0, m.amount_total)
       WHEN 'not_paid' THEN m.amount_residual <> m.amount_total
       ELSE m.payment_state NOT IN ('in_payment', 'blocked') END
"""
NUMBER_SQL = f"""
SELECT count(*) FROM account_move m
 WHERE {DOCUMENT} AND m.state = 'posted'
   AND (NOT starts_with(m.name, m.sequence_prefix)
        OR COALESCE(substring(substr(m.name, length(m.sequence_prefix) + 1)
                              FROM '^[0-9]+'), '0')::numeric <> m.sequence_number
        OR substr(m.name, length(m.sequence_prefix) + 1) !~ '^[0-9]*[^0-9]*$')
"""
# Who pays is the customer of the document, and of each of its lines.
CUSTOMER_SQL = f"""
SELECT count(*) FROM account_move m
  JOIN res_partner p ON p.id = m.partner_id
 WHERE {DOCUMENT} AND m.state = 'posted' AND (
       NOT EXISTS (SELECT FROM voip_account a JOIN res_partner ap
                           ON ap.id = a.partner_id
                    WHERE a.id = m.voip_payer_id AND a.company_id = m.company_id
                      AND ap.commercial_partner_id IN (
                          p.commercial_partner_id, m.commercial_partner_id))
    OR m.voip_account_id IS NULL
    OR EXISTS (SELECT FROM account_move_line l
                 LEFT JOIN res_partner lp ON lp.id = l.partner_id
                WHERE l.move_id = m.id
                  AND l.display_type IN ('product', 'payment_term')
                  AND lp.commercial_partner_id
                      IS DISTINCT FROM p.commercial_partner_id))
"""
DATE_SQL = f"""
SELECT count(*) FROM account_move m
  JOIN account_move_line l ON l.move_id = m.id
 WHERE {DOCUMENT}
   AND (l.date <> m.date OR l.parent_state <> m.state OR l.company_id <> m.company_id)
"""
PAYER_SQL = """
SELECT count(*) FROM (SELECT DISTINCT move_id, payer_id
                        FROM voip_open_summary WHERE move_id IS NOT NULL) s
  JOIN account_move m ON m.id = s.move_id
 WHERE m.voip_period_end IS NOT NULL AND m.voip_payer_id <> s.payer_id
"""
RATE_SQL = """
SELECT count(*) FROM voip_open_summary s
  JOIN account_move_line l ON l.id = s.move_line_id
  JOIN account_move m ON m.id = l.move_id
 WHERE m.voip_period_end IS NOT NULL
   AND (l.voip_rate IS DISTINCT FROM s.unit_price
        OR l.voip_service_id IS DISTINCT FROM s.service_id
        OR COALESCE(l.voip_late, false) <> COALESCE(s.late, false))
"""
CREDIT_SQL = """
SELECT count(*) FROM voip_credit c
  LEFT JOIN account_move n ON n.id = c.note_id
 WHERE CASE WHEN c.state = 'done'
            THEN n.id IS NULL OR n.reversed_entry_id IS DISTINCT FROM c.move_id
                 OR n.amount_total <> c.total OR n.move_type <> 'out_refund'
            ELSE n.id IS NOT NULL END
"""
