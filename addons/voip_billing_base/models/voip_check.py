"""The invariants: each one query, all in one run, all zero."""

import logging

from odoo import api, models

_logger = logging.getLogger(__name__)


class VoipCheck(models.AbstractModel):
    """Recomputes what is cached and looks for what must not be.

    Movements kept for a busy wallet count as moved, so all holds at any instant.
    ``./voip check`` and a scheduled action run it; every fault drill ends with it.
    """

    _name = "voip.check"
    _description = "Invariants"

    @api.model
    def _checks(self):
        """(name, title, sql) of every invariant; sql returns the violations' count."""
        return [
            ("usage_summary", "Sum of rated usage = its summary", USAGE_SQL),
            ("usage_orphan", "Every usage row has its summary", ORPHAN_SQL),
            ("links", "What a summary names exists", LINK_SQL),
            ("invoice_line", "Sum of the summaries = the invoice line", LINE_SQL),
            ("invoice_total", "Sum of the lines = the invoice", TOTAL_SQL),
            ("wallet_entries", "Wallet = sum of its entries", WALLET_SQL),
            ("wallet_ledger", "Wallet = journal items", LEDGER_SQL),
            ("wallet_unbilled", "Wallet = unbilled summaries", UNBILLED_SQL),
            ("wallet_reserved", "Wallet = reservations", RESERVED_SQL),
            ("entry_chain", "Each wallet entry starts where the last ended", STEP_SQL),
            ("balanced", "Every posted journal entry balances", BALANCED_SQL),
            ("unchanged", "Posted entries moved wallets by what they say", MOVED_SQL),
            ("one_invoice", "One invoice per account and period", ONCE_SQL),
            ("one_bill", "Billed usage is on a posted document", BILLED_SQL),
            ("append_only", "Append-only tables refuse changes", TRIGGER_SQL),
            ("audit_chain", "The audit chain verifies", self._audit_sql()),
        ]

    def _audit_sql(self):
        return self.env["voip.audit"]._chain_sql()

    @api.model
    def run(self):
        """Run all invariants.

        :return: list of ``{"name", "title", "violations"}``
        :raises AccessError: the user is no billing manager
        """
        if not self.env.su:
            self.env["voip.billing.run"].check_access("write")
        self.env.flush_all()
        results = []
        for name, title, sql in self._checks():
            self.env.cr.execute(sql)
            violations = self.env.cr.fetchone()[0]
            results.append({"name": name, "title": title, "violations": violations})
        return results

    @api.model
    def _cron_check(self):
        """Log an error, which monitoring sees, when an invariant is broken."""
        for result in self.run():
            if result["violations"]:
                _logger.error(
                    "Invariant broken: %(title)s: %(violations)s violations", result
                )


USAGE_SQL = """
SELECT count(*) FROM (
    SELECT summary_id, sum(sign) AS attempts, sum(answered::int * sign) AS calls,
           sum(COALESCE(units, answered::int) * sign) AS units,
           sum(billed_seconds * sign) AS seconds, sum(amount) AS amount,
           sum(COALESCE(amount_company, amount)) AS sale, sum(cost) AS cost
      FROM (SELECT *, CASE WHEN reversal_of IS NULL THEN 1 ELSE -1 END AS sign
              FROM voip_usage_row) rows GROUP BY summary_id
) u FULL JOIN voip_usage_summary s ON s.id = u.summary_id
WHERE COALESCE(u.attempts, 0) <> COALESCE(s.attempts, 0)
   OR COALESCE(u.calls, 0) <> COALESCE(s.calls, 0)
   OR COALESCE(u.units, 0) <> COALESCE(s.units, 0)
   OR COALESCE(u.seconds, 0) <> COALESCE(s.seconds, 0)
   OR COALESCE(u.amount, 0) <> COALESCE(s.amount, 0)
   OR COALESCE(u.sale, 0) <> COALESCE(s.amount_company, 0)
   OR COALESCE(u.cost, 0) <> COALESCE(s.cost, 0)
"""
ORPHAN_SQL = """
SELECT count(*) FROM voip_usage_row u
  LEFT JOIN voip_usage_summary s ON s.id = u.summary_id
 WHERE s.id IS NULL OR s.account_id <> u.account_id
    OR s.company_id <> u.company_id
"""
LINK_SQL = """
SELECT count(*) FROM (SELECT DISTINCT company_id, account_id, payer_id, service_id,
                             currency_id, deck_currency_id
                        FROM voip_usage_summary) s
 WHERE NOT EXISTS (SELECT FROM res_company WHERE id = s.company_id)
    OR NOT EXISTS (SELECT FROM voip_account WHERE id = s.account_id)
    OR NOT EXISTS (SELECT FROM voip_account WHERE id = s.payer_id)
    OR NOT EXISTS (SELECT FROM voip_service WHERE id = s.service_id)
    OR NOT EXISTS (SELECT FROM res_currency WHERE id = s.currency_id)
    OR NOT EXISTS (SELECT FROM res_currency
                    WHERE id = COALESCE(s.deck_currency_id, s.currency_id))
"""
LINE_SQL = """
SELECT count(*) FROM (
    SELECT l.id
      FROM voip_usage_summary s
      JOIN account_move_line l ON l.id = s.move_line_id
      JOIN account_move m ON m.id = l.move_id
      JOIN res_currency c ON c.id = m.currency_id
     GROUP BY l.id, m.move_type, m.id, c.decimal_places
    HAVING round(sum(s.amount), c.decimal_places)
           * CASE WHEN m.move_type = 'out_refund' THEN -1 ELSE 1 END
           <> l.price_unit * l.quantity
        OR sum(s.amount) * CASE WHEN m.move_type = 'out_refund' THEN -1 ELSE 1 END
           <> l.voip_amount
        OR sum(s.calls) <> l.voip_calls OR sum(s.seconds) <> l.voip_seconds
        OR count(DISTINCT s.move_id) <> 1 OR min(s.move_id) <> m.id
) x
"""
TOTAL_SQL = """
SELECT count(*) FROM (
    SELECT m.id FROM account_move m
      JOIN account_move_line l ON l.move_id = m.id AND l.display_type = 'product'
     WHERE m.voip_period_end IS NOT NULL AND m.state = 'posted'
     GROUP BY m.id HAVING sum(l.price_subtotal) <> m.amount_untaxed
) x
"""
WALLET_SQL = """
SELECT count(*) FROM voip_wallet w
  LEFT JOIN (SELECT wallet_id, sum(ledger_delta) AS ledger,
                    sum(unbilled_delta) AS unbilled, sum(tax_delta) AS tax
               FROM voip_wallet_entry GROUP BY 1) e ON e.wallet_id = w.id
 WHERE w.ledger_balance <> COALESCE(e.ledger, 0)
    OR w.unbilled <> COALESCE(e.unbilled, 0)
    OR w.unbilled_tax <> COALESCE(e.tax, 0)
"""
LEDGER_SQL = """
SELECT count(*) FROM voip_wallet w
  LEFT JOIN (SELECT l.voip_account_id,
                    sum(CASE WHEN l.currency_id = a.currency_id
                             THEN -l.amount_currency
                             ELSE l.voip_ledger_amount END) AS ledger
               FROM account_move_line l JOIN voip_account a ON a.id = l.voip_account_id
              WHERE l.parent_state = 'posted' GROUP BY 1) j
    ON j.voip_account_id = w.account_id
  LEFT JOIN (SELECT account_id, sum(ledger) AS ledger FROM voip_wallet_pending
              GROUP BY 1) p ON p.account_id = w.account_id
 WHERE w.ledger_balance + COALESCE(p.ledger, 0) <> COALESCE(j.ledger, 0)
"""
UNBILLED_SQL = """
SELECT count(*) FROM voip_wallet w
  LEFT JOIN (SELECT s.payer_id, sum(s.amount) AS amount, sum(s.tax) AS tax
               FROM voip_usage_summary s
               LEFT JOIN account_move m ON m.id = s.move_id
              WHERE m.id IS NULL OR m.state <> 'posted' GROUP BY 1) u
    ON u.payer_id = w.account_id
  LEFT JOIN (SELECT account_id, sum(unbilled) AS amount, sum(tax) AS tax
               FROM voip_wallet_pending GROUP BY 1) p ON p.account_id = w.account_id
 WHERE w.unbilled + COALESCE(p.amount, 0) <> COALESCE(u.amount, 0)
    OR w.unbilled_tax + COALESCE(p.tax, 0) <> COALESCE(u.tax, 0)
"""
RESERVED_SQL = """
SELECT count(*) FROM voip_wallet w
  LEFT JOIN (SELECT wallet_id, sum(amount) AS amount FROM voip_wallet_reservation
              GROUP BY 1) r ON r.wallet_id = w.id
 WHERE w.reserved <> COALESCE(r.amount, 0)
"""
STEP_SQL = """
SELECT count(*) FROM (
    SELECT balance_before, lag(balance_after, 1, 0)
               OVER (PARTITION BY wallet_id ORDER BY id) AS previous
      FROM voip_wallet_entry) x
 WHERE balance_before <> previous
"""
BALANCED_SQL = """
SELECT count(*) FROM (
    SELECT l.move_id FROM account_move_line l JOIN account_move m ON m.id = l.move_id
     WHERE m.state = 'posted' GROUP BY 1
    HAVING sum(l.balance) <> 0 OR sum(l.debit) <> sum(l.credit)) x
"""
MOVED_SQL = """
SELECT count(*) FROM (
    SELECT l.move_id, l.voip_account_id AS account_id, sum(l.voip_ledger_amount) AS sum
      FROM account_move_line l
     WHERE l.parent_state = 'posted' AND l.voip_account_id IS NOT NULL GROUP BY 1, 2
) j FULL JOIN (
    SELECT move_id, account_id, sum(ledger) AS sum FROM (
        SELECT move_id, account_id, ledger_delta AS ledger FROM voip_wallet_entry
        UNION ALL
        SELECT move_id, account_id, ledger FROM voip_wallet_pending) x
     WHERE move_id IS NOT NULL GROUP BY 1, 2
) e ON e.move_id = j.move_id AND e.account_id = j.account_id
WHERE COALESCE(j.sum, 0) <> COALESCE(e.sum, 0)
"""
ONCE_SQL = """
SELECT count(*) FROM (
    SELECT voip_account_id FROM account_move
     WHERE voip_period_end IS NOT NULL AND state <> 'cancel'
     GROUP BY voip_account_id, voip_period_start, voip_period_end
    HAVING count(*) > 1) x
"""
BILLED_SQL = """
SELECT count(*) FROM voip_usage_summary s
  LEFT JOIN account_move_line l ON l.id = s.move_line_id
  LEFT JOIN account_move m ON m.id = l.move_id
 WHERE s.move_line_id IS NOT NULL
   AND (m.id IS NULL OR m.state <> 'posted' OR m.id <> s.move_id
        OR m.company_id <> s.company_id)
"""
TRIGGER_SQL = """
SELECT count(*) FROM unnest(ARRAY['voip_usage_row', 'voip_wallet_entry', 'voip_audit'])
       AS name
 WHERE NOT EXISTS (
    SELECT FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
     WHERE t.tgrelid = to_regclass(name) AND p.proname = 'voip_refuse_change'
       AND t.tgenabled <> 'D')
"""
