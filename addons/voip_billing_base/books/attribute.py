"""Which account's wallet a receivable line belongs to.

The account that is named on the line, its document or its payment; else that of what
the line reverses; else the one it is in. A line that is new, or posted in this very
transaction, is in none yet: it goes to the account of what it pays, corrects or differs
from, else to the customer's only account in the line's currency, else to his only one,
else to his main account. Closed accounts stand back while another one is open.
Sub-accounts that their parent pays stand for the parent. A named account counts only
while it is the customer's, or paid by him: what is moved to another customer follows
him.

So money that was put into a wallet stays there when it is used for another account's
invoice, which costs it what is used and no more.
"""

# Whether an account is one of the customer's, paid by him, or pays for one of his; its
# company is the line's or a branch of it.
OWN_FUNCTION = """
CREATE OR REPLACE FUNCTION voip_account_serves(
    asked integer, customer integer, company integer) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM voip_account a
          JOIN voip_account payer ON payer.id = a.payer_id
          JOIN res_partner p ON p.id = a.partner_id
          JOIN res_partner pp ON pp.id = payer.partner_id
         WHERE a.id = asked
           AND (customer IN (p.commercial_partner_id, pp.commercial_partner_id)
                OR EXISTS (
                   SELECT FROM voip_account child
                     JOIN res_partner cp ON cp.id = child.partner_id
                    WHERE child.payer_id = asked
                      AND cp.commercial_partner_id = customer))
           AND (a.company_id = company OR EXISTS (
                SELECT FROM res_company branch JOIN res_company parent
                    ON branch.parent_path LIKE parent.parent_path || '%'
                 WHERE branch.id = a.company_id AND parent.id = company)));
END $$
"""
# An invoice is what others pay: it keeps its own account. Of two lines that both follow
# rules the younger follows the older one.
ATTRIBUTE_SQL = """
SELECT * FROM (
SELECT l.id, l.voip_account_id AS before, l.company_id, l.currency_id,
       l.company_currency_id, l.balance::text AS balance, l.date, l.voip_value,
       COALESCE(
    CASE WHEN l.voip_account_named
          AND voip_account_serves(l.voip_account_id, c.id, l.company_id)
         THEN l.voip_account_id END,
    CASE WHEN m.voip_period_end IS NOT NULL THEN m.voip_payer_id END,
    (SELECT COALESCE(m.voip_payer_id, a.payer_id) FROM voip_account a
      WHERE a.id = m.voip_account_id AND NOT COALESCE(m.voip_account_auto, false)
        AND voip_account_serves(a.id, c.id, l.company_id)),
    (SELECT a.payer_id FROM account_payment p
       JOIN voip_account a ON a.id = p.voip_account_id
      WHERE p.id = m.origin_payment_id AND NOT COALESCE(p.voip_account_auto, false)
        AND voip_account_serves(a.id, c.id, l.company_id)),
    (SELECT r.voip_account_id FROM account_move_line r
      WHERE r.move_id = m.reversed_entry_id AND r.voip_account_id IS NOT NULL
        AND voip_account_serves(r.voip_account_id, c.id, l.company_id)
      ORDER BY r.account_id = l.account_id DESC, abs(r.balance) DESC, r.id LIMIT 1),
    CASE WHEN NOT %(fresh)s
          AND voip_account_serves(l.voip_account_id, c.id, l.company_id)
          AND EXISTS (SELECT FROM voip_account k WHERE k.id = l.voip_account_id
                                                   AND k.company_id = l.company_id)
          AND NOT EXISTS (SELECT FROM voip_wallet_pending w
                           WHERE w.xid = pg_current_xact_id_if_assigned()
                             AND w.line_id = l.id AND w.cause = 'post')
         THEN l.voip_account_id END,
    (SELECT o.voip_account_id
       FROM (SELECT debit_move_id AS line_id, amount, id
               FROM account_partial_reconcile WHERE credit_move_id = l.id
             UNION ALL
             SELECT credit_move_id, amount, id
               FROM account_partial_reconcile WHERE debit_move_id = l.id) x
       JOIN account_move_line o ON o.id = x.line_id
       JOIN account_move om ON om.id = o.move_id
      WHERE m.move_type NOT IN ('out_invoice', 'out_receipt')
        AND (om.move_type IN ('out_invoice', 'out_receipt') OR o.voip_account_named
             OR om.voip_account_id IS NOT NULL
                AND NOT COALESCE(om.voip_account_auto, false)
             OR o.id < l.id)
        AND voip_account_serves(o.voip_account_id, c.id, l.company_id)
      ORDER BY x.amount DESC, x.id LIMIT 1),
    (SELECT CASE
            WHEN count(DISTINCT a.payer_id) FILTER (
                 WHERE a.currency_id = l.currency_id) = 1
            THEN min(a.payer_id) FILTER (WHERE a.currency_id = l.currency_id)
            ELSE (array_agg(a.payer_id ORDER BY a.is_main DESC NULLS LAST, a.id))[1]
            END
       FROM voip_account a JOIN res_partner p ON p.id = a.partner_id
      WHERE p.commercial_partner_id = c.id AND a.company_id = l.company_id
        AND (a.state <> 'closed' OR NOT EXISTS (
             SELECT FROM voip_account o JOIN res_partner op ON op.id = o.partner_id
              WHERE op.commercial_partner_id = c.id AND o.company_id = l.company_id
                AND o.state <> 'closed')))
       ) AS account
  FROM account_move_line l
  JOIN account_move m ON m.id = l.move_id
  JOIN account_account aa ON aa.id = l.account_id
  LEFT JOIN res_partner own ON own.id = l.partner_id
  LEFT JOIN res_partner c ON c.id = own.commercial_partner_id
 WHERE (l.id = ANY(%(lines)s) OR l.move_id = ANY(%(moves)s))
   AND m.state = 'posted' AND aa.account_type = 'asset_receivable'
) x
"""
# A line that is no receivable any more, or not posted, is in no wallet.
RELEASE_SQL = """
UPDATE account_move_line l
   SET voip_account_id = NULL, voip_value = NULL, voip_account_named = NULL
  FROM account_move m, account_account aa
 WHERE (l.id = ANY(%(lines)s) OR l.move_id = ANY(%(moves)s))
   AND m.id = l.move_id AND aa.id = l.account_id AND l.voip_account_id IS NOT NULL
   AND (aa.account_type <> 'asset_receivable'
        OR m.state <> 'posted' AND NOT COALESCE(l.voip_account_named, false))
"""
SET_SQL = """
UPDATE account_move_line l
   SET voip_account_id = x.account_id, voip_value = x.value,
       voip_account_named = l.voip_account_named
                            AND l.voip_account_id IS NOT DISTINCT FROM x.account_id
  FROM unnest(%s::int[], %s::int[], %s::numeric[]) AS x(line_id, account_id, value)
 WHERE l.id = x.line_id
"""
# Entries that are looked at, and what is found of them: once, before anything is
# updated, whatever a plan expects of tables whose statistics are old.
_TOUCHED = """
WITH touched AS MATERIALIZED (
    SELECT DISTINCT move_id FROM account_move_line
     WHERE id = ANY(%(lines)s) OR move_id = ANY(%(moves)s)
), x AS MATERIALIZED ("""
# The document shows what was found, until somebody names an account.
MOVE_SQL = f"""
{_TOUCHED}
    SELECT l.move_id, min(l.voip_account_id) AS account_id,
           min(p.commercial_partner_id) AS customer
      FROM touched t
      JOIN account_move_line l ON l.move_id = t.move_id
      JOIN res_partner p ON p.id = l.partner_id
     WHERE l.voip_account_id IS NOT NULL
     GROUP BY 1 HAVING count(DISTINCT l.voip_account_id) = 1)
UPDATE account_move m SET voip_account_id = x.account_id, voip_account_auto = true,
                          voip_payer_id = NULL
  FROM x
 WHERE m.id = x.move_id AND m.voip_period_end IS NULL
   AND (m.move_type <> 'entry' OR m.statement_line_id IS NOT NULL)
   AND (m.voip_account_id IS NULL
        OR m.voip_account_auto AND m.voip_account_id <> x.account_id
        OR NOT voip_account_serves(m.voip_account_id, x.customer, m.company_id))
RETURNING m.id
"""
PAYMENT_SQL = f"""
{_TOUCHED}
    SELECT m.origin_payment_id AS payment_id, min(l.voip_account_id) AS account_id,
           min(p.commercial_partner_id) AS customer, min(l.company_id) AS company_id
      FROM touched t
      JOIN account_move m ON m.id = t.move_id
      JOIN account_move_line l ON l.move_id = m.id
      JOIN res_partner p ON p.id = l.partner_id
     WHERE l.voip_account_id IS NOT NULL AND m.origin_payment_id IS NOT NULL
     GROUP BY 1 HAVING count(DISTINCT l.voip_account_id) = 1)
UPDATE account_payment y SET voip_account_id = x.account_id, voip_account_auto = true
  FROM x
 WHERE y.id = x.payment_id
   AND (y.voip_account_id IS NULL
        OR y.voip_account_auto AND y.voip_account_id <> x.account_id
        OR NOT voip_account_serves(y.voip_account_id, x.customer, x.company_id))
RETURNING y.id
"""
# A document that was moved to another customer forgets the account of the one before,
# also where the new one has none.
_STRANGE = """
  JOIN account_move_line l ON l.move_id = m.id
  JOIN account_account aa ON aa.id = l.account_id
       AND aa.account_type = 'asset_receivable'
  JOIN res_partner p ON p.id = l.partner_id
 WHERE m.state = 'posted'
"""
STRANGE_MOVE_SQL = f"""{_TOUCHED}
    SELECT m.id FROM touched t JOIN account_move m ON m.id = t.move_id {_STRANGE}
       AND m.voip_account_id IS NOT NULL
       AND m.voip_period_end IS NULL AND m.voip_span_end IS NULL
       AND (m.move_type <> 'entry' OR m.statement_line_id IS NOT NULL)
     GROUP BY m.id HAVING NOT bool_or(voip_account_serves(
           m.voip_account_id, p.commercial_partner_id, m.company_id)))
UPDATE account_move d SET voip_account_id = NULL, voip_account_auto = NULL,
                          voip_payer_id = NULL
  FROM x WHERE d.id = x.id
"""
STRANGE_PAYMENT_SQL = f"""{_TOUCHED}
    SELECT y.id FROM touched t JOIN account_move m ON m.id = t.move_id
      JOIN account_payment y ON y.id = m.origin_payment_id {_STRANGE}
       AND y.voip_account_id IS NOT NULL
     GROUP BY y.id HAVING NOT bool_or(voip_account_serves(
           y.voip_account_id, p.commercial_partner_id, m.company_id)))
UPDATE account_payment d SET voip_account_id = NULL, voip_account_auto = NULL
  FROM x WHERE d.id = x.id
"""
# What posted usage documents have taken out of the unbilled usage, or not yet.
UNBILLED_SQL = """
INSERT INTO voip_wallet_pending (
    account_id, ledger, unbilled, tax, move_id, cause, uid)
SELECT account_id, 0, sum(unbilled), sum(tax), move_id, 'post', %(uid)s
  FROM (SELECT s.move_id, s.payer_id AS account_id, -sum(s.amount) AS unbilled,
               -sum(s.tax) AS tax
          FROM voip_usage_summary s JOIN account_move m ON m.id = s.move_id
         WHERE m.id = ANY(%(moves)s) AND m.state = 'posted'
         GROUP BY 1, 2
        UNION ALL
        SELECT e.move_id, e.account_id, -sum(e.unbilled_delta), -sum(e.tax_delta)
          FROM voip_wallet_entry e WHERE e.move_id = ANY(%(moves)s)
         GROUP BY 1, 2
        UNION ALL
        SELECT p.move_id, p.account_id, -sum(p.unbilled), -sum(p.tax)
          FROM voip_wallet_pending p WHERE p.move_id = ANY(%(moves)s)
         GROUP BY 1, 2) wanted
 GROUP BY move_id, account_id
HAVING sum(unbilled) <> 0 OR sum(tax) <> 0
"""
LOCK_SQL = """
SELECT FROM account_move WHERE id = ANY(%(moves)s) ORDER BY id FOR NO KEY UPDATE
"""
OWN_CHANGES_SQL = """
SELECT DISTINCT account_id FROM voip_wallet_pending
 WHERE xid = pg_current_xact_id_if_assigned()
"""
