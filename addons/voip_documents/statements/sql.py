"""SQL of a statement, over the items of one customer or one account.

Each item counts in its own currency; what a reconciliation closes of items in two
currencies, or of items of two customers or accounts, counts as a transfer on either
side. So the closing balance is what the items have open, as of any day.
"""

# Items of the customer (%(partner)s) or of one account (%(account)s) up to a day.
_ITEMS = """
item AS (
    SELECT l.id, l.move_id, l.date, l.currency_id, l.amount_currency AS amount,
           COALESCE(l.date_maturity, l.date) AS due
      FROM account_move_line l
      JOIN account_account aa ON aa.id = l.account_id
           AND aa.account_type = 'asset_receivable'
      JOIN res_partner p ON p.id = l.partner_id
     WHERE l.parent_state = 'posted' AND l.company_id = %(company)s
       AND l.date <= %(to)s
       AND CASE WHEN %(account)s::int IS NULL
                THEN p.commercial_partner_id = %(partner)s
                ELSE l.voip_account_id = %(account)s END)
"""
# What reconciliations took from each item, below zero from what is owed.
_CLOSED = """
closed AS (
    SELECT r.id, i.id AS item_id, i.currency_id, r.max_date AS date,
           -r.debit_amount_currency AS amount
      FROM item i JOIN account_partial_reconcile r ON r.debit_move_id = i.id
     WHERE r.max_date <= %(to)s
    UNION ALL
    SELECT r.id, i.id, i.currency_id, r.max_date, r.credit_amount_currency
      FROM item i JOIN account_partial_reconcile r ON r.credit_move_id = i.id
     WHERE r.max_date <= %(to)s)
"""
# Lines of the statement before its range as one (its date is empty), then each.
LINES = f"""
WITH {_ITEMS}, {_CLOSED},
line AS (
    SELECT currency_id, date, move_id, NULL::int AS partial_id, amount FROM item
    UNION ALL
    SELECT currency_id, date, NULL, id, amount FROM closed),
summed AS (
    SELECT currency_id, CASE WHEN date >= %(from)s THEN date END AS date,
           CASE WHEN date >= %(from)s THEN move_id END AS move_id,
           CASE WHEN date >= %(from)s THEN partial_id END AS partial_id,
           sum(amount) AS amount
      FROM line GROUP BY 1, 2, 3, 4)
SELECT s.currency_id, s.date, s.move_id, s.partial_id, s.amount::text, m.name,
       COALESCE(NULLIF(m.ref, ''), NULLIF(p.memo, ''),
                m.voip_period_start || ' – ' || m.voip_period_end) AS ref, m.move_type,
       m.journal_id = c.currency_exchange_journal_id AS exchange,
       p.id IS NOT NULL AS paid, COALESCE(p.voip_topup, FALSE) AS topup,
       m.statement_line_id IS NOT NULL AS banked,
       m.reversed_entry_id IS NOT NULL AS reversing
  FROM summed s
  LEFT JOIN account_move m ON m.id = s.move_id
  LEFT JOIN res_company c ON c.id = m.company_id
  LEFT JOIN account_payment p ON p.id = m.origin_payment_id
 WHERE s.amount <> 0
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
# What is open at the end of the range, by days past due.
AGEING = f"""
WITH {_ITEMS}, {_CLOSED},
open AS (
    SELECT i.currency_id, %(to)s::date - i.due AS days, i.amount + COALESCE(c.amount, 0)
               AS amount
      FROM item i
      LEFT JOIN (SELECT item_id, sum(amount) AS amount FROM closed GROUP BY 1) c
        ON c.item_id = i.id)
SELECT currency_id,
       CASE WHEN days <= 0 THEN 0 WHEN days <= 30 THEN 1 WHEN days <= 60 THEN 2
            WHEN days <= 90 THEN 3 ELSE 4 END AS age, sum(amount)::text AS amount
  FROM open WHERE amount <> 0 GROUP BY 1, 2
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
