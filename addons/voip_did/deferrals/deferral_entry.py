"""The journal entry of a month-end, in the company's currency.

What is deferred is no money to receive or to pay: it stays at the rate of its invoice.
"""

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal

from odoo import api, models
from odoo.exceptions import UserError


class VoipDidDeferral(models.Model):
    _inherit = "voip.did.deferral"

    @api.model
    def _posting_day(self, company, day):
        """``day``, or the first day after it that no lock date covers for all users."""
        lock = company._get_user_fiscal_lock_date(
            self._deferral_journal(company), ignore_exceptions=True
        )
        return max(day, lock + timedelta(days=1))

    @api.model
    def _deferral_journal(self, company):
        """:raises UserError: the company has no journal for it"""
        journals = self.env["account.journal"].with_company(company)
        journal = company.voip_deferral_journal_id or journals.search(
            [
                *journals._check_company_domain(company),
                ("type", "=", "general"),
            ],
            limit=1,
        )
        if not journal:
            raise UserError(
                self.env._(
                    "%s has no journal for miscellaneous entries: make one, or choose"
                    " the Recognition Journal in the settings of VoIP Billing.",
                    company.name,
                )
            )
        return journal

    @api.model
    def _book(self, company, day, posted, rows, old, unit):
        """The posted entry of the rows of a month-end, or none where nothing moves.

        :param old: (id of the account of the month-end before, what moves from it to
            the company's account)
        """
        lines = self._entry_lines(company, day, rows, old, unit)
        moves = self.env["account.move"].with_company(company)
        if not lines:
            return moves
        entry = moves.with_context(tracking_disable=True).create(
            {
                "move_type": "entry",
                "company_id": company.id,
                "journal_id": self._deferral_journal(company).id,
                "date": posted,
                "ref": self.env._("Deferred revenue of numbers, month-end %s", day),
                "line_ids": [(0, 0, values) for values in lines],
            }
        )
        entry._post(soft=False)
        return entry

    @api.model
    def _entry_lines(self, company, day, rows, old, unit):
        """Values of its lines: what was added and what was earned, each against the
        income accounts, and by their analytic distribution."""
        deferred = company.voip_deferral_account_id.id
        analytic = self._analytic([row.line for row in rows])
        sums = {"added": defaultdict(int), "recognised": defaultdict(int)}
        for row in rows:
            key = row.income, analytic.get(row.line)
            sums["added"][key] -= row.added
            sums["recognised"][key] += row.recognised
        names = {
            "added": self.env._("Charged in advance, month-end %s", day),
            "recognised": self.env._("Earned by %s", day),
        }
        lines = []
        for word, incomes in sums.items():
            lines.append((names[word], deferred, None, -sum(incomes.values())))
            lines += [(names[word], *key, amount) for key, amount in incomes.items()]
        former, moved = old
        if moved:
            name = self.env._("Other account of deferred revenue, month-end %s", day)
            lines += [(name, deferred, None, moved), (name, former, None, -moved)]
        return [self._entry_line(*line, unit) for line in lines if line[-1]]

    @api.model
    def _entry_line(self, name, account_id, distribution, units, unit):
        """:param units: what is credited, below zero what is debited"""
        amount = float(Decimal(abs(units)) / unit)
        return {
            "name": name,
            "account_id": account_id,
            "debit": amount if units < 0 else 0.0,
            "credit": amount if units > 0 else 0.0,
            "analytic_distribution": dict(distribution or ()) or False,
        }

    @api.model
    def _analytic(self, line_ids):
        """{invoice line: its analytic distribution, as a tuple}"""
        self.env.cr.execute(ANALYTIC_SQL, [line_ids])
        return {
            line: tuple(sorted(found.items())) for line, found in self.env.cr.fetchall()
        }


ANALYTIC_SQL = """
SELECT id, analytic_distribution FROM account_move_line
 WHERE id = ANY(%s) AND analytic_distribution IS NOT NULL
"""
