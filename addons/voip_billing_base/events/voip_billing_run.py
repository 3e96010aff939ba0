"""A billing run charges the events that wait, and stops where some have no price."""

from odoo import models

from ..charge.transaction import in_money


class VoipBillingRun(models.Model):
    _inherit = "voip.billing.run"

    def _make_lines(self):
        events = self.env["voip.usage.event"].sudo()
        own = [("company_id", "=", self.company_id.id), ("state", "=", "waiting")]
        if events.search_count(own, limit=1):
            company = self.company_id.id
            while in_money(events, lambda some: some._count_waiting(company)):
                pass
            self.env.invalidate_all()
        return super()._make_lines()

    def _unrated(self):
        """Adds events that have an account and no price."""
        return self._with_errors(
            super()._unrated(), "voip.usage.event", ERRORS_SQL, self._events_sentence
        )

    def _events_sentence(self, count):
        return self.env._("%s usage events without a price or with an error.", count)


# What names no account, or a type that is nowhere, could be anybody's and anything:
# staff see it among the errors, and it stops nobody.
ERRORS_SQL = """
SELECT a.bill_account_id, min(e.occurred_at), count(*)
  FROM voip_usage_event e
  JOIN voip_account a ON a.company_id = e.company_id AND a.code = e.account_code
 WHERE e.company_id = %s AND e.state = 'error' AND e.occurred_at < %s
   AND e.error NOT IN ('no_account', 'account_closed', 'unknown_event_type')
 GROUP BY 1
"""
