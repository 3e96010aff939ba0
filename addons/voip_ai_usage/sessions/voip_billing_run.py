"""A billing run charges fees and waiting sessions, and stops where some have errors."""

from datetime import datetime, time, timedelta

from odoo import models

from odoo.addons.voip_billing_base.charge.transaction import in_money

# How long after midnight UTC a day ends where it ends last.
WESTERNMOST = timedelta(hours=12)


class VoipBillingRun(models.Model):
    _inherit = "voip.billing.run"

    def _make_lines(self):
        company = self.company_id.id
        sessions = self.env["voip.ai.session"].sudo()
        own = [("company_id", "=", company), ("state", "in", ("waiting", "call"))]
        if sessions.search_count(own, limit=1):
            # The period ends: what has no call yet is charged alone.
            while in_money(sessions, lambda s: s._charge_waiting(company, alone=True)):
                pass
            self.env.invalidate_all()
        accounts = self._bill_accounts()
        subscriptions = (
            self.env["voip.ai.subscription"]
            .sudo()
            .search([("account_id.bill_account_id", "in", accounts.ids)])
        )
        if subscriptions:
            in_money(subscriptions, lambda some: some._charge_fees(company))
            self.env.invalidate_all()
        return super()._make_lines()

    def _unrated(self):
        """Adds sessions that have an account and an error."""
        count, sentence, stopped = super()._unrated()
        due = {
            account: datetime.combine(day, time.max) + WESTERNMOST
            for account, day in self._due_days().items()
        }
        if not due:
            return count, sentence, stopped
        self.env["voip.ai.session"].flush_model()
        self.env.cr.execute(ERRORS_SQL, [self.company_id.id, max(due.values())])
        hit, waits = 0, {}
        for named, first, some in self.env.cr.fetchall():
            met = [one for one in due if one == named and first < due[one]]
            for account in met:
                waits[account] = waits.get(account, 0) + some
            hit += some if met else 0
        for account, some in waits.items():
            why = [stopped.get(account), self._ai_sentence(some)]
            stopped[account] = "\n".join(filter(None, why))
        words = [sentence, self._ai_sentence(hit) if hit else ""]
        return count + hit, "\n".join(filter(None, words)), stopped

    def _ai_sentence(self, count):
        return self.env._("%s AI sessions without a price or with an error.", count)


ERRORS_SQL = """
SELECT a.bill_account_id, min(s.started_at), count(*)
  FROM voip_ai_session s
  JOIN voip_account a ON a.company_id = s.company_id AND a.code = s.account_code
 WHERE s.company_id = %s AND s.state = 'error' AND s.started_at < %s
   AND s.error NOT IN ('no_account', 'account_closed')
 GROUP BY 1
"""
