"""Records without a price stop the accounts of a run that they could belong to."""

from odoo import models
from odoo.exceptions import AccessError, UserError


class VoipBillingRun(models.Model):
    _inherit = "voip.billing.run"

    def _unrated(self):
        """Records of the run's periods that have no price yet.

        Modules that rate usage extend this.

        :return: count, sentence, {id of an account that is invoiced: why it waits}
        """
        self.ensure_one()
        return 0, "", {}

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
