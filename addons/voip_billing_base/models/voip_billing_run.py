"""Billing runs: one invoice per account and closed period, ever."""

import logging

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..charge.transaction import RETRIED, run_money

_logger = logging.getLogger(__name__)
CHUNK = 50
WORKED = {"name", "state", "stop_reason"}
STATES = [
    ("draft", "Draft"),
    ("ready", "Previewed"),
    ("stopped", "Stopped"),
    ("running", "Running"),
    ("done", "Done"),
]


class VoipBillingRun(models.Model):
    """Invoices every account whose period has closed in its own time zone.

    A run is resumable: its lines are worked off in transactions of 50, an account that
    fails keeps its error on its line, and a line that is invoiced is never taken twice.
    """

    _name = "voip.billing.run"
    _description = "Billing Run"
    _inherit = ["mail.thread"]
    _order = "id desc"

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
            pending = states.get("pending", 0)
            total = run.line_count
            run.progress = 100.0 * (total - pending) / total if total else 0.0

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("name", "/") == "/":
                vals["name"] = (
                    self.env["ir.sequence"].next_by_code("voip.billing.run") or "/"
                )
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su and vals.keys() & WORKED:
            raise AccessError(self.env._("A run's progress is not edited."))
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
            if run.state not in ("draft", "ready", "stopped"):
                continue
            run.line_ids.filtered(lambda line: line.state != "invoiced").unlink()
            run._make_lines()
            run.state = "ready"

    def action_run(self):
        """Make the invoices; large runs go on in the background."""
        self.check_access("write")
        for run in self.sudo():
            if run._stopped_by_unrated():
                continue
            if run.state in ("draft", "stopped"):
                run.action_preview()
            run._retry_errors()
            run.state = "running"
            if run.line_count > 4 * CHUNK or not run._work():
                self.env.ref("voip_billing_base.ir_cron_billing_run")._trigger()

    def action_view_invoices(self):
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
        lines = self.env["voip.billing.run.line"]
        runs = self.search([("state", "=", "running")], order="id")
        for run in runs:
            while done := run._work_chunk(run_money):
                left = self.env["ir.cron"]._commit_progress(
                    done,
                    remaining=lines.search_count(
                        [("run_id", "in", runs.ids), ("state", "=", "pending")]
                    ),
                )
                if not left:
                    return
            run_money(self.env, lambda env, r=run: r.with_env(env)._finish())
            self.env["ir.cron"]._commit_progress(0)

    @api.model
    def _cron_due(self):
        """Open a run for every company that has accounts to invoice."""
        companies = self.env["voip.account"]._read_group([], ["company_id"])
        for (company,) in companies:
            run = self.with_company(company).create({"company_id": company.id})
            run.action_preview()
            if not run.line_ids:
                run.unlink()
                continue
            run.action_run()

    # === BUSINESS METHODS === #

    def _unrated(self):
        """Records of the run's periods that have no price yet: (count, sentence).

        Modules that rate usage extend this.
        """
        self.ensure_one()
        return 0, ""

    def _stopped_by_unrated(self):
        count, sentence = self._unrated()
        if not count:
            return False
        if self.override_unrated:
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
            return False
        self.write({"state": "stopped", "stop_reason": sentence})
        return True

    def _make_lines(self):
        due = self.env["voip.billing.run.line"]._prepare_due(self)
        lines = self.env["voip.billing.run.line"].create(due)
        lines._keep_amounts([vals.get("amount", 0) for vals in due])

    def _retry_errors(self):
        self.line_ids.filtered(lambda line: line.state == "error").write(
            {"state": "pending", "error": False}
        )

    def _work(self):
        """Work off all lines in this transaction, then close the run.

        Rating that goes on meanwhile may be in the way of a request's transaction; what
        is left then is worked off in the background, which waits.

        :return: False when lines are left
        """
        try:
            while self._work_chunk(_in_place):
                continue
            _in_place(self.env, lambda env: self._finish())
        except RETRIED as error:
            _logger.info("Run %s goes on in the background: %s", self.name, error)
            self.env.invalidate_all(flush=False)
            return False
        return True

    def _work_chunk(self, transact):
        """Invoice the next accounts; how many lines were worked off."""
        self.env.invalidate_all()
        lines = self.env["voip.billing.run.line"].search(
            [("run_id", "=", self.id), ("state", "=", "pending")],
            limit=CHUNK,
            order="id",
        )
        if lines:
            self._settle(lines, transact)
        return len(lines)

    def _settle(self, lines, transact):
        """Invoice together; on failure by halves, down to the one that fails."""
        try:
            transact(self.env, lambda env: lines.with_env(env)._invoice())
        except RETRIED:
            raise
        except Exception as error:  # noqa: BLE001 kept on the account's line
            self.env.invalidate_all(flush=False)
            if len(lines) > 1:
                half = len(lines) // 2
                self._settle(lines[:half], transact)
                self._settle(lines[half:], transact)
            else:
                _logger.info("Account %s not invoiced: %s", lines.account_id.id, error)
                lines._fail(error)
        self.env.invalidate_all()

    def _finish(self):
        self.env.invalidate_all()
        self.state = "done"
        lines = self.line_ids
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


def _in_place(env, func):
    """Run ``func`` in the caller's transaction, undone alone when it fails."""
    with env.cr.savepoint():
        func(env)
        env.flush_all()
