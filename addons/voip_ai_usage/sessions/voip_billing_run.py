"""A billing run charges fees and waiting sessions, and stops where some have errors."""

from odoo import models

from odoo.addons.voip_billing_base.charge.transaction import in_money


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
        """Adds sessions that have an account and an error, and fees without a rate."""
        found = self._with_errors(
            super()._unrated(), "voip.ai.session", ERRORS_SQL, self._ai_sentence
        )
        return self._with_errors(
            found, "voip.ai.subscription", FEES_SQL, self._fee_sentence
        )

    def _fee_sentence(self, count):
        return self.env._("%s AI plans whose fee has no exchange rate.", count)

    def _ai_sentence(self, count):
        return self.env._(
            "%s AI sessions without a price or with an error. They are under AI Voice,"
            " Session Errors.",
            count,
        )


FEES_SQL = """
SELECT a.bill_account_id, min(b.date_start)::timestamp, count(*)
  FROM voip_ai_subscription b
  JOIN voip_account a ON a.id = b.account_id
 WHERE a.company_id = %s AND b.lacks_rate AND b.date_start < %s
 GROUP BY 1
"""
ERRORS_SQL = """
SELECT a.bill_account_id, min(s.started_at), count(*)
  FROM voip_ai_session s
  JOIN voip_account a ON a.company_id = s.company_id AND a.code = s.account_code
 WHERE s.company_id = %s AND s.state = 'error' AND s.started_at < %s
   AND s.error NOT IN ('no_account', 'account_closed')
 GROUP BY 1
"""
