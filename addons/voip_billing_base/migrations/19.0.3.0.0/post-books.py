"""Wallets count what is open: lines of before learn what they have open, and lines that
were in no wallet are put into the one they belong to."""

from odoo import SUPERUSER_ID, api

MAIN_SQL = """
UPDATE voip_account SET is_main = true WHERE id IN (
    SELECT min(a.id) FROM voip_account a JOIN res_partner p ON p.id = a.partner_id
     GROUP BY p.commercial_partner_id, a.company_id
    HAVING NOT bool_or(COALESCE(a.is_main, false)))
"""
# The trigger works out what each line has open, whatever is written.
OPEN_SQL = """
SELECT set_config('voip.cause', 'settle', true);
UPDATE account_move_line l
   SET voip_value = CASE WHEN a.currency_id IN (l.currency_id, l.company_currency_id)
                         THEN NULL ELSE l.voip_ledger_amount END
  FROM voip_account a
 WHERE a.id = l.voip_account_id;
SELECT set_config('voip.cause', '', true)
"""
CUSTOMERS_SQL = """
SELECT DISTINCT p.commercial_partner_id
  FROM voip_account a JOIN res_partner p ON p.id = a.partner_id
"""
AUTO_SQL = """
UPDATE account_move SET voip_account_auto = false WHERE voip_account_id IS NOT NULL;
UPDATE account_payment SET voip_account_auto = false WHERE voip_account_id IS NOT NULL;
UPDATE account_payment SET voip_topup = true
 WHERE id IN (SELECT m.origin_payment_id
                FROM voip_wallet_entry e JOIN account_move m ON m.id = e.move_id
               WHERE e.kind = 'topup')
"""


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    for statement in (MAIN_SQL, AUTO_SQL, OPEN_SQL):
        cr.execute(statement)
    env["account.move"]._voip_book()
    cr.execute(CUSTOMERS_SQL)
    customers = env["res.partner"].browse([row[0] for row in cr.fetchall()])
    customers._voip_sync_receivables()
