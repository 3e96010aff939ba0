"""What a statement says, beside what the journal items say."""

from datetime import date
from decimal import Decimal

from odoo.addons.voip_billing_base.tests.books_common import BooksCommon

FOR_EVER = date(2100, 1, 1)
BEGINNING = date(1970, 1, 1)
OPEN = """
SELECT c.name, sum(l.amount_residual_currency)::text
  FROM account_move_line l
  JOIN account_account a ON a.id = l.account_id AND a.account_type = 'asset_receivable'
  JOIN res_partner p ON p.id = l.partner_id
  JOIN res_currency c ON c.id = l.currency_id
 WHERE l.parent_state = 'posted' AND l.company_id = %s AND {} = %s
 GROUP BY 1
"""


class StatementCommon(BooksCommon):
    def _closing(self, statements):
        """{currency: closing balance}, zeros left out; the parts have to add up."""
        for one in statements:
            self.assertEqual(sum(one.ageing.values()), one.closing)
            self.assertEqual(one.opening + one.total(1) - one.total(-1), one.closing)
        return {one.currency: one.closing for one in statements if one.closing}

    def _open(self, column, record):
        """{currency: what the items have open}, as the books keep it."""
        self.env.flush_all()
        self.env.cr.execute(OPEN.format(column), [self.env.company.id, record.id])
        found = {name: Decimal(text) for name, text in self.env.cr.fetchall()}
        return {name: amount for name, amount in found.items() if amount}

    def _of_customer(self, partner, first=BEGINNING, last=FOR_EVER):
        return partner._voip_statement(self.env.company, first, last)

    def assertStatements(self):
        """Every customer's and account's statement closes with what is open."""
        accounts = self.env["voip.account"].search(
            [("company_id", "=", self.env.company.id)]
        )
        for partner in accounts.partner_id.commercial_partner_id:
            self.assertEqual(
                self._closing(self._of_customer(partner)),
                self._open("p.commercial_partner_id", partner),
            )
        for account in accounts.payer_id:
            self.assertEqual(
                self._closing(account._statement(BEGINNING, FOR_EVER)),
                self._open("l.voip_account_id", account),
            )
