"""Billing runs: one invoice per account and closed period, ever."""

import logging

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..charge.retry import temporary_kind
from ..charge.transaction import run_money
from ..notice import notice

_logger = logging.getLogger(__name__)
CHUNK = 50
WORKED = {"name", "state", "stop_reason", "try_count", "retry_at", "message"}
STATES = [
    ("draft", "Draft"),
    ("ready", "Previewed"),
    ("stopped", "Stopped"),
    ("running", "Running"),
    ("errors", "Done, with Errors"),
    ("done", "Done"),
]


class VoipBillingRun(models.Model):
    """Invoices every account whose period has closed in its own time zone.

    A run is resumable: its lines are worked off in transactions of 50, an account that
    fails keeps why on its line, and a line that is invoiced is never taken twice. A
    line that a temporary error met is taken again by itself, and the run waits for it.
    """

    _name = "voip.billing.run"
    _description = "Billing Run"
    _inherit = ["mail.thread", "mail.activity.mixin", "voip.job"]
    _order = "id desc"
    _check_company_auto = True

    _job_states = ("running", "stopped")
    _job_cron = "voip_billing_base.ir_cron_billing_run"

    name = fields.Char(required=True, readonly=True, default="/", copy=False)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    cutoff = fields.Datetime(
        string="As of",
        required=True,
        default=fields.Datetime.now,
        help="Periods that ended, closing delay included, before this moment are "
        "invoiced.",
    )
    invoice_date = fields.Date(
        required=True, default=fields.Date.context_today, help="Date of the invoices."
    )
    account_ids = fields.Many2many(
        "voip.account",
        string="Only these accounts",
        check_company=True,
        help="Empty: all accounts that are due.",
    )
    state = fields.Selection(STATES, default="draft", readonly=True, copy=False)
    override_unrated = fields.Boolean(
        help="A manager accepts that records of the period are not rated yet."
    )
    override_reason = fields.Char()
    stop_reason = fields.Text(readonly=True, copy=False)
    line_ids = fields.One2many("voip.billing.run.line", "run_id", readonly=True)
    line_count = fields.Integer(compute="_compute_counts")
    invoiced_count = fields.Integer(compute="_compute_counts")
    error_count = fields.Integer(compute="_compute_counts")
    stopped_count = fields.Integer(
        compute="_compute_counts",
        help="Accounts that records without a price could belong to.",
    )
    late_count = fields.Integer(
        compute="_compute_counts",
        help="Accounts with usage that arrived after its period was invoiced.",
    )
    put_off_count = fields.Integer(
        string="Tried Again Later",
        compute="_compute_put_off_count",
        help="Accounts that a temporary error met; they are invoiced by themselves.",
    )
    has_messages = fields.Boolean(
        compute="_compute_put_off_count", help="Whether accounts say why they wait."
    )
    progress = fields.Float(compute="_compute_counts", help="Percent worked off.")
    move_ids = fields.One2many(
        "account.move",
        "voip_run_id",
        readonly=True,
        groups="account.group_account_invoice,account.group_account_readonly",
    )

    # === COMPUTE METHODS === #

    @api.depends("line_ids.state")
    def _compute_counts(self):
        counts = {}
        for run, state, count in self.env["voip.billing.run.line"]._read_group(
            [("run_id", "in", self.ids)], ["run_id", "state"], ["__count"]
        ):
            counts.setdefault(run.id, {})[state] = count
        for run in self:
            states = counts.get(run.id, {})
            run.line_count = sum(states.values())
            run.invoiced_count = states.get("invoiced", 0)
            run.error_count = states.get("error", 0)
            run.stopped_count = states.get("stopped", 0)
            run.late_count = states.get("late", 0)
            pending = states.get("pending", 0)
            total = run.line_count
            run.progress = 100.0 * (total - pending) / total if total else 0.0

    @api.depends("line_ids.message", "line_ids.retry_at")
    def _compute_put_off_count(self):
        for run in self:
            run.put_off_count = len(run.line_ids.filtered("retry_at"))
            run.has_messages = any(run.line_ids.mapped("message"))

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        runs = super().create(vals_list)
        for run in runs.sudo().filtered(lambda run: run.name == "/"):
            run.name = self.env["ir.sequence"].next_by_code("voip.billing.run") or "/"
        return runs

    def write(self, vals):
        if not self.env.su and vals.keys() & WORKED:
            raise AccessError(self.env._("A run's progress is not edited."))
        if "company_id" in vals and any(
            run.company_id.id != vals["company_id"] for run in self
        ):
            raise UserError(self.env._("A run stays in its company: make another."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_invoiced(self):
        if self.move_ids:
            raise UserError(self.env._("A run that made invoices is kept."))

    # === ACTION METHODS === #

    def action_preview(self):
        """List what would be invoiced, without writing an invoice."""
        self.check_access("write")
        for run in self.sudo():
            run._lock()
            if run.state in ("draft", "ready", "stopped"):
                run._preview()

    def action_run(self):
        """Make the invoices; large runs go on in the background.

        A run that is being worked off, or done with every account, is left alone.
        """
        self.check_access("write")
        for run in self.sudo():
            run._lock()
            if not run._has_work():
                continue
            if run.state == "draft" or run.state == "stopped" and run.stop_reason:
                run._preview()
            run._retry_lines()
            run._stop_unrated()
            if run.stop_reason and "pending" not in run.line_ids.mapped("state"):
                run.state = "stopped"
                continue
            run.write({"state": "running", **run._job_done_values()})
            if run.line_count > 4 * CHUNK or not run._work():
                run._wake_worker()
        return self._tell_run()

    def action_view_invoices(self):
        self.check_access("read")
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account.action_move_out_invoice_type"
        )
        action["domain"] = [("voip_run_id", "=", self.id)]
        action["context"] = {"create": False}
        return action

    # === CRON METHODS === #

    @api.model
    def _cron_run(self):
        """Work off running runs, a chunk of accounts per transaction."""
        progress = self.env["ir.cron"]._commit_progress
        for run in self.search(self._due_domain(), order="id"):
            while done := run._work_chunk(run_money):
                if not progress(done):
                    self.env["voip.billing.run.line"]._go_on_later()
                    return
            run._close()
            progress(0)

    @api.model
    def _cron_due(self):
        """Open a run for every company that has accounts to invoice."""
        companies = self.env["voip.account"]._read_group([], ["company_id"])
        for (company,) in companies:
            run = self.with_company(company).create({"company_id": company.id})
            run.action_preview()
            if set(run.line_ids.mapped("state")) <= {"late"}:
                run.unlink()
                continue
            run.action_run()

    # === BUSINESS METHODS === #

    def _tell_run(self):
        """Say what became of the runs, or nothing where the form shows why not."""
        self.env.invalidate_all()
        if "stopped" in self.mapped("state"):
            return None
        if "running" in self.mapped("state"):
            return notice(self.env._("The run goes on in the background."), "info")
        return self._tell_lines(self.line_ids)

    def _tell_lines(self, lines):
        states = lines.mapped("state")
        failed = states.count("error")
        return notice(
            self.env._(
                "%(invoiced)s accounts invoiced, %(failed)s failed.",
                invoiced=states.count("invoiced"),
                failed=failed,
            ),
            "warning" if failed else "success",
        )

    def _lock(self):
        """Hold the run for the rest of the transaction, and read it as it is now.

        Who waited for another's commit is refused by PostgreSQL; Odoo repeats that
        request, which then sees what the other one did.
        """
        self.flush_recordset()
        self.env.cr.execute(
            "SELECT FROM voip_billing_run WHERE id = %s FOR UPDATE", [self.id]
        )
        self.env.invalidate_all()

    def _has_work(self):
        """Whether invoicing would begin, or take again what failed or was put off."""
        if self.state not in ("running", "done"):
            return True
        failed = self.line_ids.filtered(lambda x: x.state == "error" or x.retry_at)
        return bool(failed or self.retry_at)

    def _preview(self):
        self.line_ids.filtered(lambda line: line.state != "invoiced").unlink()
        self._make_lines()
        self.state = "ready"

    def _bill_accounts(self):
        """Accounts of the company whose documents this run makes."""
        company = [("company_id", "=", self.company_id.id)]
        accounts = self.account_ids or self.env["voip.account"].search(company)
        return accounts.bill_account_id.filtered_domain(company)

    def _make_lines(self):
        due = self.env["voip.billing.run.line"]._prepare_due(self)
        lines = self.env["voip.billing.run.line"].create(due)
        lines._keep_amounts([vals.get("amount", 0) for vals in due])

    def _retry_lines(self):
        """Take every line that failed at once, however long it would wait."""
        lines = self.line_ids.filtered(
            lambda line: line.state in ("error", "stopped") or line.retry_at
        )
        lines.write({"state": "pending", **lines._job_done_values()})

    def _work(self):
        """Work off all lines in this transaction, then close the run.

        Rating that goes on meanwhile may be in the way of a request's transaction; what
        is left then is worked off in the background, which waits.

        :return: False when lines are left
        """
        try:
            while self._work_chunk(in_place):
                continue
            in_place(self.env, lambda env: self._finish())
        except Exception as error:
            if not temporary_kind(error):
                raise
            _logger.info("Run %s goes on in the background: %s", self.name, error)
            self.env.invalidate_all(flush=False)
            return False
        return True

    def _work_chunk(self, transact):
        """Invoice the next accounts that are due; how many lines were worked off."""
        self.env.invalidate_all()
        lines = self.env["voip.billing.run.line"]
        lines = lines.search(
            [("run_id", "=", self.id), *lines._due_domain()],
            limit=CHUNK,
            order="retry_at NULLS FIRST, id",
        )
        if lines:
            self._settle(lines, transact)
        return len(lines)

    def _settle(self, lines, transact):
        """Invoice together; on failure by halves, down to the one that fails."""
        try:
            transact(self.env, lambda env: lines.with_env(env)._invoice())
        except Exception as error:  # noqa: BLE001 kept on the account's line
            if transact is in_place and temporary_kind(error):
                raise
            self.env.invalidate_all(flush=False)
            if len(lines) > 1:
                half = len(lines) // 2
                self._settle(lines[:half], transact)
                self._settle(lines[half:], transact)
            else:
                lines._missed(error, transact)
        self.env.invalidate_all()

    def _close(self):
        """Close the run in a transaction of its own, or keep why it cannot be."""
        try:
            run_money(self.env, lambda env: self.with_env(env)._finish())
        except Exception as error:  # noqa: BLE001 kept on the run
            self.env.invalidate_all(flush=False)
            self._missed(error)
        self.env.invalidate_all()

    def _finish(self):
        """Close the run once, unless lines wait for their next try."""
        self._lock()
        lines = self.line_ids
        if self.state != "running" or "pending" in lines.mapped("state"):
            return
        errors = lines.filtered(lambda line: line.state == "error")
        state = "stopped" if self.stop_reason else "errors" if errors else "done"
        self.write({"state": state, **self._job_done_values()})
        self._log_lines(lines)
        if not errors:
            self._untell_managers()

    def _log_lines(self, lines):
        self.env["voip.audit"]._log(
            "billing_run",
            self,
            {
                "invoiced": len(lines.filtered(lambda x: x.state == "invoiced")),
                "errors": len(lines.filtered(lambda x: x.state == "error")),
                "totals": lines._totals(),
            },
            company=self.company_id,
        )


def in_place(env, func):
    """Run ``func`` in the caller's transaction, undone alone when it fails."""
    with env.cr.savepoint():
        func(env)
        env.flush_all()
