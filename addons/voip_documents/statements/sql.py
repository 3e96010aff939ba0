"""SQL of a statement, over the items of one customer or one account.

Each item counts in its own currency; what a reconciliation closes of items in two
currencies, or of items of two customers or accounts, counts as a transfer on either
side. So the closing balance is what the items have open, as of any day.
"""

# Partners of the customer and accounts of receivables: as lists, since PostgreSQL
# knows how many items each has, and plans for it.
PARTNERS = "SELECT id FROM res_partner WHERE commercial_partner_id = %s"
RECEIVABLES = "SELECT id FROM account_account WHERE account_type = 'asset_receivable'"
# Items of the customer (%(partners)s) or of one account (%(account)s) up to a day.
_ITEMS = """
item AS MATERIALIZED (
    SELECT l.id, l.move_id, l.date, l.currency_id, l.amount_currency AS amount,
           l.amount_residual_currency AS residual,
           %(to)s::date - COALESCE(l.date_maturity, l.date) AS days
      FROM account_move_line l
     WHERE l.parent_state = 'posted' AND l.company_id = %(company)s
       AND l.date <= %(to)s AND l.account_id = ANY(%(receivables)s)
       AND CASE WHEN %(account)s::int IS NULL
                THEN l.partner_id = ANY(%(partners)s)
                ELSE l.voip_account_id = %(account)s END)
"""
# Reconciliations that do not close the same of two items, and all of later days. What
# they took from their items, below zero from what is owed.
_CLOSED = """
side AS (
    SELECT d.id AS debit_id, d.item_id AS debited, d.currency_id AS debit_currency_id,
           d.date AS debit_date, d.amount AS debit,
           c.id AS credit_id, c.item_id AS credited,
           c.currency_id AS credit_currency_id, c.date AS credit_date,
           c.amount AS credit
      FROM (SELECT r.id, r.max_date AS date, i.id AS item_id, i.currency_id,
                   r.debit_amount_currency AS amount
              FROM item i JOIN account_partial_reconcile r
                ON r.debit_move_id = i.id) d
      FULL JOIN (SELECT r.id, r.max_date AS date, i.id AS item_id, i.currency_id,
                        r.credit_amount_currency AS amount
                   FROM item i JOIN account_partial_reconcile r
                     ON r.credit_move_id = i.id) c ON c.id = d.id
     WHERE (d.currency_id = c.currency_id AND d.amount = c.amount
            AND d.date <= %(to)s) IS NOT TRUE),
closed AS MATERIALIZED (
    SELECT debit_id AS id, debited AS item_id, debit_currency_id AS currency_id,
           debit_date AS date, -debit AS amount
      FROM side WHERE debit_id IS NOT NULL
    UNION ALL
    SELECT credit_id, credited, credit_currency_id, credit_date, credit
      FROM side WHERE credit_id IS NOT NULL)
"""
# Lines of the statement: those before its range as one (its date is empty), then each
# entry with all its items; and what is open at the end of the range, by days past due
# (``age``).
LINES = f"""
WITH {_ITEMS}, {_CLOSED},
before AS (
    SELECT currency_id, amount FROM item WHERE date < %(from)s
    UNION ALL SELECT currency_id, amount FROM closed WHERE date < %(from)s),
open AS (
    SELECT i.currency_id, i.days, i.residual - COALESCE(c.amount, 0) AS amount
      FROM item i
      LEFT JOIN (SELECT item_id, sum(amount) AS amount FROM closed
                  WHERE date > %(to)s GROUP BY 1) c ON c.item_id = i.id
     WHERE i.residual <> 0 OR c.amount <> 0),
line AS (
    SELECT currency_id, NULL::date AS date, NULL::int AS move_id,
           NULL::int AS partial_id, NULL::int AS age, sum(amount) AS amount
      FROM before GROUP BY 1
    UNION ALL
    SELECT currency_id, date, move_id, NULL, NULL, sum(amount)
      FROM item WHERE date >= %(from)s GROUP BY 1, 2, 3
    UNION ALL
    SELECT currency_id, date, NULL, id, NULL, sum(amount)
      FROM closed WHERE date BETWEEN %(from)s AND %(to)s GROUP BY 1, 2, 4
    UNION ALL
    SELECT currency_id, NULL, NULL, NULL,
           CASE WHEN days <= 0 THEN 0 WHEN days <= 30 THEN 1 WHEN days <= 60 THEN 2
                WHEN days <= 90 THEN 3 ELSE 4 END, sum(amount)
      FROM open WHERE amount <> 0 GROUP BY 1, 5)
SELECT s.currency_id, s.age, s.date, s.move_id, s.partial_id, s.amount::text, m.name,
       COALESCE(NULLIF(m.ref, ''), NULLIF(p.memo, ''),
                m.voip_period_start || ' – ' || m.voip_period_end),
       CASE WHEN m.move_type IN ('out_invoice', 'out_receipt', 'out_refund')
            THEN m.move_type
            WHEN m.journal_id = c.currency_exchange_journal_id THEN 'exchange'
            WHEN p.id IS NULL AND m.statement_line_id IS NULL THEN
                 CASE WHEN m.reversed_entry_id IS NULL THEN 'by_hand'
                      ELSE 'reversal' END
            WHEN p.voip_topup THEN 'topup' ELSE 'payment' END,
       p.id IS NOT NULL
  FROM line s
  LEFT JOIN account_move m ON m.id = s.move_id
  LEFT JOIN res_company c ON c.id = m.company_id
  LEFT JOIN account_payment p ON p.id = m.origin_payment_id
 WHERE s.amount <> 0 OR s.age IS NOT NULL
 ORDER BY s.currency_id, s.date NULLS FIRST, s.move_id, s.partial_id
"""
# What transfers came from: the documents that met.
MET = """
SELECT r.id, d.name, e.name
  FROM account_partial_reconcile r
  JOIN account_move_line dl ON dl.id = r.debit_move_id
  JOIN account_move d ON d.id = dl.move_id
  JOIN account_move_line el ON el.id = r.credit_move_id
  JOIN account_move e ON e.id = el.move_id
 WHERE r.id = ANY(%s)
"""
# What payments wrote off of the receivable, early payment discounts apart, in its
# currency: lines that are neither money nor receivable. ``whole`` is the receivable.
FORGIVEN = """
WITH odd AS MATERIALIZED (
    SELECT l.move_id, l.currency_id, l.amount_currency, l.balance,
           CASE WHEN l.account_id IN (
                     c.account_journal_early_pay_discount_loss_account_id,
                     c.account_journal_early_pay_discount_gain_account_id)
                THEN 'discount' ELSE 'write_off' END AS kind
      FROM account_move_line l
      JOIN account_account aa ON aa.id = l.account_id AND aa.account_type NOT IN (
           'asset_receivable', 'liability_payable', 'asset_cash')
      JOIN account_move m ON m.id = l.move_id
      JOIN account_payment p ON p.id = m.origin_payment_id
      JOIN account_journal j ON j.id = m.journal_id
      JOIN res_company c ON c.id = m.company_id
     WHERE l.move_id = ANY(%s)
       AND l.account_id IS DISTINCT FROM p.outstanding_account_id
       AND l.account_id IS DISTINCT FROM j.default_account_id),
owed AS (
    SELECT l.move_id, l.currency_id, sum(l.amount_currency) AS amount,
           sum(l.balance) AS balance
      FROM account_move_line l
      JOIN account_account aa ON aa.id = l.account_id
           AND aa.account_type = 'asset_receivable'
     WHERE l.move_id IN (SELECT move_id FROM odd)
     GROUP BY 1, 2)
SELECT l.move_id, o.currency_id, o.amount::text AS whole, l.kind,
       sum(CASE WHEN l.currency_id = o.currency_id THEN -l.amount_currency
                ELSE -l.balance * o.amount / NULLIF(o.balance, 0) END)::text AS amount
  FROM odd l
  JOIN owed o ON o.move_id = l.move_id AND o.amount <> 0
 GROUP BY 1, 2, 3, 4
 ORDER BY 1, 4
"""
# Types of the accounts on the other side of entries made by hand.
COUNTERPARTS = """
SELECT l.move_id, array_agg(DISTINCT aa.account_type)
  FROM account_move_line l JOIN account_account aa ON aa.id = l.account_id
 WHERE l.move_id = ANY(%s) AND aa.account_type <> 'asset_receivable' AND l.balance <> 0
 GROUP BY 1
"""
# A prepaid account's movements: usage a day, all else one by one; ``charged``: it is
# of usage, which an invoice takes over from the days.
WALLET = """
WITH entry AS (
    SELECT id, kind, origin, amount,
           (at AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date AS date,
           unbilled_delta <> 0 AS charged
      FROM voip_wallet_entry WHERE account_id = %(account)s)
SELECT NULL::date AS date, NULL AS kind, NULL AS origin, sum(amount)::text AS amount,
       0 AS id, NULL::bool AS charged
  FROM entry WHERE date < %(from)s
UNION ALL
SELECT date, kind, CASE WHEN kind = 'usage' THEN NULL ELSE origin END,
       sum(amount)::text, max(id), bool_or(charged)
  FROM entry WHERE date >= %(from)s AND date <= %(to)s
 GROUP BY date, kind, 3, CASE WHEN kind = 'usage' THEN 0 ELSE id END
HAVING sum(amount) <> 0
 ORDER BY 1 NULLS FIRST, 5
"""
