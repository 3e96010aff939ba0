"""Late usage in billing runs: shown, and invoiced with the next period or at once."""

import psycopg2

from odoo import fields, models

from ..charge.values import day_number
from .voip_billing_run import in_place
from .voip_billing_run_line import NEVER


class VoipBillingRun(models.Model):
    _inherit = "voip.billing.run"

    def _settle_now(self, lines):
        """Invoice these lines in the caller's transaction, whatever the run's state."""
        self._settle(lines, in_place)
        self._log_lines(lines)
        if self.state == "done" and "error" in lines.mapped("state"):
            self.state = "errors"


class VoipBillingRunLine(models.Model):
    _inherit = "voip.billing.run.line"

    late = fields.Boolean(
        readonly=True, help="Usage that arrived after its period was invoiced."
    )

    # === ACTION METHODS === #

    def action_invoice_late(self):
        """Invoice late usage at once, on a supplementary invoice of its period."""
        self.check_access("read")
        self.run_id.check_access("write")
        for run in self.sudo().run_id:
            run._lock()
            lines = self.sudo().filtered(
                lambda line, r=run: line.run_id == r and line.state == "late"
            )
            if lines:
                lines.write({"state": "pending"})
                run._settle_now(lines)
        return self.run_id._tell_lines(self)

    # === BUSINESS METHODS === #

    def _leave_invoiced(self):
        """Lines whose period nobody has invoiced meanwhile.

        What is open of the others came late: it is not tried in vain.
        """
        billed = self.account_id._billed_until()
        gone = self.filtered(
            lambda line: (
                not line.late
                and day_number(line.period_end) <= billed.get(line.account_id.id, NEVER)
            )
        )
        sums = self._open_sums(
            {line.account_id.id: (line.period_start, line.period_end) for line in gone}
        )
        for line in gone:
            late = line.account_id.id in sums
            line.write(
                {
                    "state": "late" if late else "nothing",
                    "late": late,
                    **line._job_done_values(),
                }
            )
        return self - gone

    def _sentence(self, kind, error):
        """A database's own words help nobody who bills."""
        if kind or not isinstance(error, psycopg2.Error):
            return super()._sentence(kind, error)
        moves = self.env["account.move"]
        known = moves._table_objects.get(error.diag.constraint_name)
        if known and known.get_error_message(moves, error.diag):
            return str(known.get_error_message(moves, error.diag))
        return self.env._(
            "The invoice could not be stored, nothing of it was written. This is an"
            " error of the program; the server's log has its details."
        )
