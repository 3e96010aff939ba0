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
        return self.env._(
            "%s usage events without a price, with an error or refused. They are under"
            " Usage, Event Errors or Refused Events.",
            count,
        )


# What names no account, or a type that is nowhere, could be anybody's and anything:
# staff see it among the errors, and it stops nobody. What was refused stops the account
# that it names; of one that says no moment nobody knows the period.
ERRORS_SQL = """
WITH asked AS (SELECT %s AS company_id, %s AS until)
SELECT a.bill_account_id, min(e.occurred_at), count(*)
  FROM asked
 CROSS JOIN LATERAL (
       SELECT account_code, occurred_at FROM voip_usage_event_row
        WHERE company_id = asked.company_id AND state = 'error'
          AND error NOT IN ('no_account', 'account_closed', 'unknown_event_type')
       UNION ALL
       SELECT account_code, COALESCE(occurred_at, received_at)
         FROM voip_usage_event_refused
        WHERE company_id = asked.company_id AND state = 'open') e
  JOIN voip_account a ON a.company_id = asked.company_id AND a.code = e.account_code
 WHERE e.occurred_at < asked.until
 GROUP BY 1
"""
