"""Eighth act: statements of account, held against the open items of the books."""

import csv
import io
from datetime import date, timedelta
from decimal import Decimal

import seed
from stage import Stage

OPEN_SQL = """
SELECT c.name, sum(l.amount_residual_currency)::text
  FROM account_move_line l
  JOIN account_account a ON a.id = l.account_id AND a.account_type = 'asset_receivable'
  JOIN res_currency c ON c.id = l.currency_id
 WHERE l.parent_state = 'posted' AND l.voip_account_id = %s
 GROUP BY 1
"""
LAST = date(2100, 1, 1)


class Statements(Stage):
    """What an accountant sends; closing balances are added up from open items."""

    def ask_for_statements(self):
        with self.story.step("Statements of all accounts, month after month"):
            lines = self.compare_statements()
            self.story.say(f"{lines:,} movements; each month begins where one ended")

    def compare_statements(self):
        staff = seed.as_user(self.env, "manager")
        accounts = staff["voip.account"].search([]).payer_id
        lines = 0
        for account in accounts:
            self.env.cr.execute(OPEN_SQL, [account.id])
            wanted = {name: Decimal(text) for name, text in self.env.cr.fetchall()}
            found, count = self.whole(staff, account)
            lines += count
            name = f"statement: {account.code} closes"
            self.story.same(name, found, {k: v for k, v in wanted.items() if v})
            self.story.same(f"{name} by months", self.by_months(account), found)
        return lines

    def whole(self, staff, account):
        """({currency: closing balance in the CSV}, number of its movements)."""
        wizard = staff["voip.statement.wizard"].create(
            {"account_id": account.id, "date_from": "2000-01-01", "date_to": LAST}
        )
        text = wizard._file("csv")[1].decode("utf-8-sig")
        found, count = {}, 0
        for row in csv.DictReader(io.StringIO(text)):
            if row["Date"]:
                count += 1
                balance = Decimal(row["Debit"] or 0) - Decimal(row["Credit"] or 0)
                found[row["Currency"]] = found.get(row["Currency"], 0) + balance
        return {name: total for name, total in found.items() if total}, count

    def by_months(self, account):
        """{currency: closing balance}, one month after the other."""
        first, balance = self.first, {}
        for one in account._statement(date(2000, 1, 1), first - timedelta(days=1)):
            balance[one.currency] = one.closing
        while first <= date.today() + timedelta(days=31):
            following = (first + timedelta(days=32)).replace(day=1)
            for one in account._statement(first, following - timedelta(days=1)):
                self.story.same(
                    f"statement: {account.code} opens {first:%B} in {one.currency}",
                    one.opening,
                    balance.get(one.currency, 0),
                )
                balance[one.currency] = one.closing
            first = following
        return {name: total for name, total in balance.items() if total}
