"""Reports of a range of days go out by themselves, once the range is over."""

from markupsafe import escape

from odoo import api, models

from .hand_over import TASK
from .timing import next_hour

# Accounts whose last whole range has neither a mail nor a fault, and its days in the
# account's time zone.
MINE = "d.account_id = due.id"
NEXT = """
WITH local AS (
    SELECT a.*, p.commercial_partner_id AS customer_id,
           (%(now)s AT TIME ZONE 'UTC' AT TIME ZONE a.tz) AS clock
      FROM voip_account a JOIN res_partner p ON p.id = a.partner_id
     WHERE a.active AND {which}),
due AS (
    SELECT local.*, ({first})::date AS first, ({ends})::date - 1 AS last,
           {since} AS since, {fault} AS fault
      FROM local)
SELECT due.id, due.first, due.last
  FROM due
 WHERE due.last >= due.since AND due.last IS DISTINCT FROM due.fault
   AND NOT EXISTS (SELECT FROM voip_delivery d
                    WHERE {mine} AND d.kind = %(kind)s
                      AND d.date_to = due.last AND d.date_from = due.first)
 ORDER BY due.id LIMIT 1
"""


class VoipAccount(models.Model):
    _inherit = "voip.account"

    @api.model_create_multi
    def create(self, vals_list):
        accounts = super().create(vals_list)
        for switch, since in self._report_switches().items():
            accounts.filtered(switch)._send_from_now(since)
        return accounts

    def write(self, vals):
        """What was over before it is switched on, or to another span, is not sent."""
        new = {
            since: self.filtered(
                lambda account, name=switch: account[name] != vals[name]
            )
            for switch, since in self._report_switches().items()
            if vals.get(switch)
        }
        result = super().write(vals)
        for since, accounts in new.items():
            accounts._send_from_now(since)
        return result

    @api.model
    def _report_switches(self):
        """{field that has reports sent: field of the day since when}."""
        return {}

    def _send_from_now(self, since):
        for account in self:
            account.sudo()[since] = account._statement_today()


class VoipDelivery(models.Model):
    _inherit = "voip.delivery"

    # === CRON METHODS === #

    @api.model
    def _cron_hand_over(self):
        """Queue what was posted, and the reports of ranges that are over."""
        result = super()._cron_hand_over()
        for kind in self._reports():
            while self._report_next(kind):
                if not self.env["ir.cron"]._commit_progress(1):
                    return result
        return result

    # === BUSINESS METHODS === #

    @api.model
    def _reports(self):
        """{kind: parts of NEXT: which, first, ends, since, fault, and where it is not
        usual, mine: whether the mail ``d`` is that of the account ``due``}."""
        return {}

    @api.model
    def _queue_report(self, kind, account, first, last, send_at):
        """Queue one report, see :meth:`_queue_documents`."""
        raise NotImplementedError

    @api.model
    def _report_next(self, kind):
        """Queue the next report of a kind; whether there was one."""
        parts, now = self._reports()[kind], self.env.cr.now()
        self.env.flush_all()
        parts = {"mine": MINE, **parts}
        self.env.cr.execute(NEXT.format(**parts), {"now": now, "kind": kind})
        row = self.env.cr.fetchone()
        if not row:
            return False
        account, (first, last) = self.env["voip.account"].browse(row[0]), row[1:]
        hour = account.company_id.voip_mail_hour
        at = next_hour(now, account.tz or "UTC", hour).replace(microsecond=0)
        why = self._why_not_queued(
            account, lambda: self._queue_report(kind, account, first, last, at)
        )
        if why:
            account[parts["fault"]] = last
            account.activity_schedule(TASK, note=escape(self._not_mailed(kind, why)))
        return True

    @api.model
    def _not_mailed(self, kind, why):
        names = dict(self._fields["kind"]._description_selection(self.env))
        return self.env._(
            "%(kind)s was not mailed: %(reason)s", kind=names[kind], reason=why
        )
