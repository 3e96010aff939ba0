"""Records without a price stop the accounts of a run that they could belong to."""

from datetime import datetime, time, timedelta

from odoo import models
from odoo.exceptions import AccessError, UserError

# How long after midnight UTC a day ends where it ends last.
WESTERNMOST = timedelta(hours=12)


class VoipBillingRun(models.Model):
    _inherit = "voip.billing.run"

    def _unrated(self):
        """Records of the run's periods that have no price yet.

        Modules that rate usage extend this.

        :return: count, sentence, {id of an account that is invoiced: why it waits}
        """
        self.ensure_one()
        return 0, "", {}

    def _with_errors(self, found, model, sql, sentence):
        """What :meth:`_unrated` answers, and records in error that have an account.

        :param found: what it answers so far
        :param str model: of the records
        :param str sql: of a company and a moment: rows (invoiced account, start of its
            first record before that moment, how many)
        :param sentence: gives the words of a number of records
        :return: count, sentence, {id of an account that is invoiced: why it waits}
        """
        count, told, stopped = found
        due = self._due_moments()
        if not due:
            return found
        self.env[model].flush_model()
        self.env.cr.execute(sql, [self.company_id.id, max(due.values())])
        hit, waits = 0, {}
        for account, first, some in self.env.cr.fetchall():
            if account in due and first < due[account]:
                waits[account] = waits.get(account, 0) + some
                hit += some
        for account, some in waits.items():
            why = [stopped.get(account), sentence(some)]
            stopped[account] = "\n".join(filter(None, why))
        words = [told, sentence(hit) if hit else ""]
        return count + hit, "\n".join(filter(None, words)), stopped

    def _due_moments(self):
        """{id of an account that this run invoices: when its period ended, UTC}."""
        return {
            account: datetime.combine(day, time.max) + WESTERNMOST
            for account, day in self._due_days().items()
        }

    def _due_days(self):
        """{id of an account that this run invoices: last day of its period}."""
        line = self.env["voip.billing.run.line"]
        periods, late = line._closed_periods(self._bill_accounts(), self.cutoff)
        due = {x: last for x, (_first, last) in periods.items() if x not in late}
        due.update(
            (x.account_id.id, x.period_end) for x in self._pending() if not x.late
        )
        return due

    def _pending(self):
        return self.line_ids.filtered(lambda line: line.state == "pending")

    def _stop_unrated(self):
        """Stop the accounts that records without a price could belong to."""
        count, sentence, stopped = self._unrated()
        if count and self._overridden(count):
            sentence, stopped = "", {}
        self.stop_reason = sentence or False
        for line in self._pending():
            if line.account_id.id in stopped:
                why = stopped[line.account_id.id]
                line.write({"state": "stopped", "message": why})

    def _overridden(self, count):
        """Whether a manager accepts that records have no price yet; audited."""
        if not self.override_unrated:
            return False
        if not self.env.user.has_group("voip_billing_base.group_voip_manager"):
            raise AccessError(
                self.env._("Only a billing manager may override unrated records.")
            )
        if not self.override_reason:
            raise UserError(self.env._("State why the unrated records may wait."))
        self.env["voip.audit"]._log(
            "billing_run_override",
            self,
            {"unrated": count, "reason": self.override_reason},
            company=self.company_id,
        )
        return True
