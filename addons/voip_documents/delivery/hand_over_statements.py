"""Statements go out by themselves: each month's, once it is over."""

from odoo import api, fields, models

from .hand_over import TASK
from .timing import next_hour

# Accounts that pay for themselves, the last day of their last whole month, where its
# statement has no mail and no fault.
NEXT = """
WITH month AS (
    SELECT id, (date_trunc('month', %s AT TIME ZONE 'UTC' AT TIME ZONE tz)
                - interval '1 day')::date AS last
      FROM voip_account WHERE send_statements AND active)
SELECT a.id, month.last
  FROM month JOIN voip_account a USING (id)
 WHERE a.payer_id = a.id AND month.last >= a.send_statements_since
   AND month.last IS DISTINCT FROM a.statement_fault_of
   AND NOT EXISTS (SELECT FROM voip_delivery d
                    WHERE d.account_id = a.id AND d.kind = 'statement'
                      AND d.date_to = month.last AND d.date_from = date_trunc('month',
                          month.last)::date)
 ORDER BY a.id LIMIT 1
"""


class VoipAccount(models.Model):
    _inherit = "voip.account"

    send_statements = fields.Boolean(
        string="Send Statements Monthly",
        tracking=True,
        help="The statement of each month is mailed once the month is over, at the "
        "company's hour, in the account's time zone.",
    )
    send_statements_since = fields.Date(readonly=True, copy=False)
    statement_fault_of = fields.Date(readonly=True, copy=False)

    def write(self, vals):
        """Months that were over before it is switched on are not sent."""
        if vals.get("send_statements"):
            new = self.filtered(lambda account: not account.send_statements)
            result = super().write(vals)
            new._send_statements_from_now()
            return result
        return super().write(vals)

    @api.model_create_multi
    def create(self, vals_list):
        accounts = super().create(vals_list)
        accounts.filtered("send_statements")._send_statements_from_now()
        return accounts

    def _send_statements_from_now(self):
        for account in self:
            account.sudo().send_statements_since = account._statement_today()


class VoipDelivery(models.Model):
    _inherit = "voip.delivery"

    @api.model
    def _cron_hand_over(self):
        """Queue what was posted, and the statements of months that are over."""
        result = super()._cron_hand_over()
        while self._statement_next():
            if not self.env["ir.cron"]._commit_progress(1):
                break
        return result

    @api.model
    def _statement_next(self):
        """Queue the next statement; whether there was one."""
        self.env.flush_all()
        now = self.env.cr.now()
        self.env.cr.execute(NEXT, [now])
        row = self.env.cr.fetchone()
        if not row:
            return False
        account, last = self.env["voip.account"].browse(row[0]), row[1]
        hour = account.company_id.voip_mail_hour
        at = next_hour(now, account.tz or "UTC", hour).replace(microsecond=0)
        first = last.replace(day=1)
        why = self._why_not_queued(
            account, lambda: self._queue_statement(account, first, last, at)
        )
        if why:
            account.statement_fault_of = last
            account.activity_schedule(
                TASK, note=self.env._("Its statement was not mailed: %s", why)
            )
        return True
