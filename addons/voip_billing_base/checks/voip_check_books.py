"""Invariants of the books: recomputed from journal items, not from what we wrote."""

from odoo import api, models

from ..books import attribute, line_trigger
from ..charge import append_only

BODIES = tuple(
    (name, line_trigger.body(function))
    for name, function in (
        ("voip_line_open", line_trigger.OPEN_FUNCTION),
        ("voip_line_moved", line_trigger.MOVED_FUNCTION),
        ("voip_account_serves", attribute.OWN_FUNCTION),
        ("voip_refuse_change", append_only.FUNCTION),
    )
)


def texts(values):
    """Values as SQL literals."""
    return ", ".join(f"$voip${value}$voip$" for value in values)


class VoipCheck(models.AbstractModel):
    _inherit = "voip.check"

    @api.model
    def _checks(self, since, full):
        return [
            *super()._checks(since, full),
            ("wallet_ledger", "Wallet = what is open on its journal items", LEDGER_SQL),
            ("one_wallet", "Each receivable line is in one wallet", one_sql(full)),
            ("all_reconciled", "Nothing open, nothing in the wallets", RECONCILED_SQL),
            ("receivable", "Wallets of a customer = his receivable", CUSTOMER_SQL),
            ("paid", "A paid invoice leaves no debt in a wallet", PAID_SQL),
            ("limit", "Limit of a wallet = limit of its account", LIMIT_SQL),
            ("line_open", "A line counts what it has open", AMOUNT_SQL),
            ("line_price", "A line of usage charges what its usage says", PRICE_SQL),
            ("one_main", "A customer has one main account", MAIN_SQL),
            ("payments", "A payment is what its entry says", PAYMENT_SQL),
            ("line_triggers", "The database keeps what lines have open", TRIGGER_SQL),
        ]


# Posted receivable lines with the customer they belong to.
RECEIVABLE = """
    account_move_line l
    JOIN account_account aa ON aa.id = l.account_id
         AND aa.account_type = 'asset_receivable'
    JOIN account_move m ON m.id = l.move_id AND m.state = 'posted'
"""
KEPT = """
    (SELECT account_id, sum(ledger) AS ledger FROM voip_wallet_pending GROUP BY 1)
"""
# Open amounts by the partial reconciliations themselves; in a third currency the same
# part is open of what was booked.
LEDGER_SQL = f"""
SELECT count(*) FROM voip_wallet w
  LEFT JOIN (
      SELECT l.voip_account_id, sum(round(
                 CASE a.currency_id
                 WHEN l.currency_id THEN -l.amount_currency
                      + COALESCE(x.debit_currency, 0) - COALESCE(x.credit_currency, 0)
                 WHEN l.company_currency_id THEN -l.balance
                      + COALESCE(x.amount, 0)
                 ELSE COALESCE(l.voip_value * (l.balance - COALESCE(x.amount, 0))
                      / NULLIF(l.balance, 0), 0) END, 8)) AS ledger
        FROM {RECEIVABLE}
        JOIN voip_account a ON a.id = l.voip_account_id
        LEFT JOIN LATERAL (
             SELECT sum(amount) AS amount, sum(debit_currency) AS debit_currency,
                    sum(credit_currency) AS credit_currency
               FROM (SELECT amount, debit_amount_currency AS debit_currency,
                            0 AS credit_currency
                       FROM account_partial_reconcile WHERE debit_move_id = l.id
                      UNION ALL
                     SELECT -amount, 0, credit_amount_currency
                       FROM account_partial_reconcile WHERE credit_move_id = l.id) p
             ) x ON true
       WHERE l.reconciled IS NOT TRUE
       GROUP BY 1
  ) j ON j.voip_account_id = w.account_id
  LEFT JOIN {KEPT} p ON p.account_id = w.account_id
 WHERE w.ledger_balance + COALESCE(p.ledger, 0) <> COALESCE(j.ledger, 0)
"""
# Whoever has an account in the company; his, or the parent's that pays, or one that the
# document named when it was posted. What is reconciled is looked at in full checks.
ONE_SQL = f"""
SELECT count(*) FROM {RECEIVABLE}
  JOIN res_partner p ON p.id = l.partner_id
 WHERE EXISTS (SELECT FROM voip_account a JOIN res_partner ap ON ap.id = a.partner_id
                WHERE ap.commercial_partner_id = p.commercial_partner_id
                  AND a.company_id = l.company_id)
   AND (l.voip_account_id IS NULL
        OR NOT EXISTS (
           SELECT FROM voip_account w
             JOIN voip_account a ON w.id = a.payer_id OR w.id = a.id
             JOIN res_partner ap ON ap.id = a.partner_id
            WHERE w.id = l.voip_account_id
              AND ap.commercial_partner_id = p.commercial_partner_id)
           AND NOT EXISTS (
           SELECT FROM voip_account a JOIN res_partner ap ON ap.id = a.partner_id
            WHERE m.voip_payer_id = l.voip_account_id AND a.id = m.voip_account_id
              AND ap.commercial_partner_id = p.commercial_partner_id))
"""
OPEN_ONLY = " AND l.reconciled IS NOT TRUE"
RECONCILED_SQL = f"""
SELECT count(*) FROM (
    SELECT ap.commercial_partner_id AS customer, a.company_id
      FROM voip_wallet w
      JOIN voip_account a ON a.id = w.account_id
      JOIN res_partner ap ON ap.id = a.partner_id
      LEFT JOIN {KEPT} k ON k.account_id = w.account_id
     GROUP BY 1, 2
    HAVING bool_or(w.ledger_balance + COALESCE(k.ledger, 0) <> 0)
) c
 WHERE NOT EXISTS (
    SELECT FROM {RECEIVABLE}
      LEFT JOIN res_partner p ON p.id = l.partner_id
      LEFT JOIN voip_account a ON a.id = l.voip_account_id
      LEFT JOIN res_partner ap ON ap.id = a.partner_id
     WHERE l.reconciled IS NOT TRUE
       AND c.customer IN (p.commercial_partner_id, ap.commercial_partner_id)
       AND (l.balance <> 0 OR l.amount_currency <> 0))
"""
# The balance of a customer's receivable, and what his lines have open in wallets.
CUSTOMER_SQL = f"""
WITH line AS (
    SELECT l.id, p.commercial_partner_id AS customer, l.company_id, l.balance,
           l.amount_residual, l.voip_account_id
      FROM {RECEIVABLE}
      JOIN res_partner p ON p.id = l.partner_id
     WHERE EXISTS (
           SELECT FROM voip_account a JOIN res_partner ap ON ap.id = a.partner_id
            WHERE ap.commercial_partner_id = p.commercial_partner_id
              AND a.company_id = l.company_id)
), odd AS (
    SELECT r.debit_move_id, r.credit_move_id
      FROM account_partial_reconcile r
      JOIN account_move_line d ON d.id = r.debit_move_id
      JOIN account_move_line c ON c.id = r.credit_move_id
      LEFT JOIN res_partner dp ON dp.id = d.partner_id
      LEFT JOIN res_partner cp ON cp.id = c.partner_id
     WHERE dp.commercial_partner_id IS DISTINCT FROM cp.commercial_partner_id
        OR d.company_id <> c.company_id
), met AS (
    SELECT customer, company_id FROM line
     WHERE id IN (SELECT debit_move_id FROM odd
                   UNION ALL SELECT credit_move_id FROM odd)
)
SELECT count(*) FROM (
    SELECT customer, company_id FROM line
     GROUP BY 1, 2
    HAVING sum(balance) <> COALESCE(
               sum(amount_residual) FILTER (WHERE voip_account_id IS NOT NULL), 0)
    EXCEPT SELECT customer, company_id FROM met) x
"""
PAID_SQL = f"""
SELECT count(*) FROM {RECEIVABLE}
 WHERE m.payment_state IN ('paid', 'reversed') AND l.voip_account_id IS NOT NULL
   AND m.move_type IN ('out_invoice', 'out_receipt')
   AND l.reconciled IS NOT TRUE
   AND (l.voip_ledger_amount <> 0 OR l.amount_residual <> 0)
"""
# An overdraft ends with its last day where the account is; the scheduled action that
# takes it back may run a day later.
LIMIT_SQL = """
SELECT count(*) FROM voip_wallet w JOIN voip_account a ON a.id = w.account_id
 WHERE w.limit_amount <> ALL(CASE
       WHEN a.mode <> 'prepaid' THEN ARRAY[round(a.credit_limit, 2)]
       WHEN a.overdraft_until IS NULL OR a.overdraft_until < current_date - 2
       THEN ARRAY[0]
       WHEN a.overdraft_until > current_date + 1
       THEN ARRAY[round(a.overdraft_amount, 2)]
       ELSE ARRAY[0, round(a.overdraft_amount, 2)] END)
   AND NOT EXISTS (SELECT FROM voip_wallet_pending p
                    WHERE p.account_id = w.account_id AND p.kind = 'limit')
"""
TRIGGER_SQL = f"""
SELECT (SELECT count(*) FROM unnest(ARRAY[{texts(line_trigger.DEFINITIONS)}]) wanted
         WHERE NOT EXISTS (
               SELECT FROM pg_trigger g
                WHERE g.tgrelid = '{line_trigger.TABLE}'::regclass
                  AND g.tgenabled IN ('O', 'A')
                  AND pg_get_triggerdef(g.oid) = wanted))
     + (SELECT count(*) FROM (VALUES {", ".join(f"({texts(f)})" for f in BODIES)})
               AS wanted(name, body)
         WHERE NOT EXISTS (SELECT FROM pg_proc p
                            WHERE p.proname = name AND p.prosrc = body))
"""
# Of payments with an entry that has moved a wallet.
PAYMENT_SQL = """
SELECT count(*) FROM account_payment p
  JOIN account_move m ON m.id = p.move_id AND m.state = 'posted'
  JOIN res_partner pp ON pp.id = p.partner_id
 WHERE p.outstanding_account_id IS NOT NULL
   AND EXISTS (SELECT FROM account_move_line l
                WHERE l.move_id = m.id AND l.voip_account_id IS NOT NULL)
   AND (abs((SELECT sum(l.amount_currency) FROM account_move_line l
              WHERE l.move_id = m.id AND l.account_id = p.outstanding_account_id))
        <> p.amount
        OR EXISTS (SELECT FROM account_move_line l
                     LEFT JOIN res_partner lp ON lp.id = l.partner_id
                    WHERE l.move_id = m.id AND l.voip_account_id IS NOT NULL
                      AND lp.commercial_partner_id
                          IS DISTINCT FROM pp.commercial_partner_id))
"""
# A line has open in its wallet what the database says.
AMOUNT_SQL = f"""
SELECT count(*) FROM {RECEIVABLE}
 WHERE l.voip_account_id IS NOT NULL AND l.reconciled IS NOT TRUE
   AND l.voip_ledger_amount <> voip_line_open(l)
"""
MAIN_SQL = """
SELECT count(*) FROM (
    SELECT p.commercial_partner_id, a.company_id
      FROM voip_account a JOIN res_partner p ON p.id = a.partner_id
     GROUP BY 1, 2 HAVING count(*) FILTER (WHERE a.is_main) <> 1) x
"""
# Of sealed months, too: the line says itself what its usage came to.
PRICE_SQL = """
SELECT count(*) FROM account_move m
  JOIN res_currency c ON c.id = m.currency_id
  JOIN account_move_line l ON l.move_id = m.id AND l.display_type = 'product'
 WHERE m.voip_period_end IS NOT NULL AND m.state = 'posted'
   AND round(l.voip_amount, c.decimal_places)
       <> round(l.price_unit * l.quantity, c.decimal_places)
          + COALESCE(l.voip_tax_off, 0)
"""


def one_sql(full):
    return ONE_SQL if full else ONE_SQL + OPEN_ONLY
