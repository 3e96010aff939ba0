"""Many calls are paired in the background, with their progress."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.voip_billing_base.charge.transaction import run_money
from odoo.addons.voip_rating.imports import rate_import_job

# So many lines, records of the supplier, or calls of ours are compared while people
# wait.
AT_ONCE = 20_000
STATES = [("waiting", "Under Way"), ("failed", "Failed"), ("done", "Done")]
TABLE = """
CREATE TABLE IF NOT EXISTS voip_supplier_progress (
    job_id integer PRIMARY KEY REFERENCES voip_supplier_reconciliation
        ON DELETE CASCADE,
    percent integer NOT NULL CHECK (percent BETWEEN 0 AND 100))
"""
START = "INSERT INTO voip_supplier_progress VALUES (%s, 0)"
TAKE = """
SELECT FROM voip_supplier_reconciliation WHERE id = %s AND state = 'waiting'
   FOR UPDATE SKIP LOCKED
"""
PERCENTS = "SELECT job_id, percent FROM voip_supplier_progress WHERE job_id = ANY(%s)"


class Progress(rate_import_job.Progress):
    """How far a reconciliation is."""

    sql = "UPDATE voip_supplier_progress SET percent = %s WHERE job_id = %s"


class VoipSupplierReconciliation(models.Model):
    """A reconciliation that somebody asked for.

    It is one transaction: a server that dies leaves the invoice as it was, and the
    scheduled action begins again.
    """

    _name = "voip.supplier.reconciliation"
    _inherit = ["voip.job"]
    _description = "Reconciliation under Way"
    _order = "id desc"
    _rec_name = "invoice_id"
    _check_company_auto = True

    _job_cron = "voip_supplier_audit.ir_cron_reconcile"

    invoice_id = fields.Many2one(
        "voip.supplier.invoice",
        required=True,
        readonly=True,
        index=True,
        check_company=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="invoice_id.company_id", store=True, precompute=True, index=True
    )
    user_id = fields.Many2one(
        "res.users", string="Asked by", required=True, readonly=True
    )
    state = fields.Selection(STATES, required=True, readonly=True, default="waiting")
    progress = fields.Integer(compute="_compute_progress", help="Percent done.")

    _once = models.UniqueIndex(
        "(invoice_id) WHERE state = 'waiting'",
        "This invoice is being reconciled already.",
    )

    def init(self):
        self.env.cr.execute(TABLE)

    # === COMPUTE METHODS === #

    def _compute_progress(self):
        percents = {}
        if self.ids:
            self.env.cr.execute(PERCENTS, [self.ids])
            percents = dict(self.env.cr.fetchall())
        for job in self:
            waits = job.state == "waiting"
            job.progress = percents.get(job._origin.id, 0) if waits else 0

    # === CRON METHODS === #

    @api.model
    def _cron_reconcile(self):
        """Work off what waits, oldest first."""
        jobs = self.search(self._due_domain(), order="id")
        for number, job in enumerate(jobs, 1):
            job._work()
            left = len(jobs) - number
            if not self.env["ir.cron"]._commit_progress(1, remaining=left):
                return

    # === BUSINESS METHODS === #

    def _work(self):
        """Reconcile the invoice as who asked for it."""
        self.ensure_one()
        try:
            run_money(self.env, lambda env: self.with_env(env)._do())
        except Exception as error:  # noqa: BLE001 kept on the job
            self._missed(error)
        self.env.invalidate_all()
        self._tell_asker()

    def _do(self):
        self.env.cr.execute(TAKE, [self.id])
        if not self.env.cr.rowcount:
            # Another worker has it.
            return
        self.invalidate_recordset()
        user = self.user_id
        invoice = self.invoice_id.with_user(user).with_context(
            allowed_company_ids=self.company_id.ids,
            lang=user.lang,
            tz=user.tz,
            voip_progress=Progress(self.env, self.id),
        )
        invoice.check_access("write")
        invoice._reconcile_now()
        self.write({**self._job_done_values(), "state": "done", "try_count": 0})

    def _tell_managers(self, note):
        """Nobody: who asked for it is told."""

    def _untell_managers(self):
        """Nobody was told."""

    def _tell_asker(self):
        """A note on the screen of who asked, wherever he is by now."""
        if self.state == "waiting":
            return
        done = self.env._("Invoice %s is reconciled.", self.invoice_id.number)
        self.user_id._bus_send(
            "simple_notification",
            {
                "title": self.invoice_id.display_name,
                "message": self.message or done,
                "type": "warning" if self.message else "success",
            },
        )


class VoipSupplierInvoice(models.Model):
    _inherit = "voip.supplier.invoice"

    job_ids = fields.One2many(
        "voip.supplier.reconciliation", "invoice_id", readonly=True
    )
    is_working = fields.Boolean(
        compute="_compute_job", help="It is being reconciled in the background."
    )
    can_reconcile = fields.Boolean(
        compute="_compute_can_reconcile",
        help="It has lines, is not decided, and nothing is under way.",
    )
    progress = fields.Integer(compute="_compute_job")
    job_message = fields.Text(compute="_compute_job", help="Why the last try failed.")

    # === COMPUTE METHODS === #

    @api.depends("job_ids.state", "job_ids.message")
    def _compute_job(self):
        for invoice in self:
            last = invoice.sudo().job_ids.sorted("id")[-1:]
            invoice.is_working = last.state == "waiting"
            invoice.progress = last.progress
            invoice.job_message = last.message

    @api.depends("is_open", "is_working", "line_count", "waits_approval")
    def _compute_can_reconcile(self):
        for invoice in self:
            is_busy = invoice.is_working or invoice.waits_approval
            has_lines = bool(invoice.line_count)
            invoice.can_reconcile = invoice.is_open and not is_busy and has_lines

    # === ACTION METHODS === #

    def action_reconcile(self):
        """Reconcile now, or in the background where there are many calls."""
        self.check_access("write")
        large = self.filtered(lambda invoice: invoice._is_large())
        for invoice in large:
            invoice._queue_reconcile()
        return super(VoipSupplierInvoice, self - large).action_reconcile()

    # === BUSINESS METHODS === #

    def _is_large(self):
        """Whether it takes longer than people should wait."""
        if max(self.record_count, self.line_count) > AT_ONCE:
            return True
        return sum(cell.calls for cell in self.sudo()._cells()) > AT_ONCE

    def _queue_reconcile(self):
        """Have the background do it.

        :raises UserError: it cannot be done, or is under way
        """
        self._lock()
        self._refuse_unreconcilable()
        self._refuse_working()
        jobs = self.env["voip.supplier.reconciliation"].sudo()
        job = jobs.create({"invoice_id": self.id, "user_id": self.env.uid})
        self.env.flush_all()
        self.env.cr.execute(START, [job.id])
        job._wake_worker()
        self.invalidate_recordset(["job_ids", "is_working", "progress"])

    def _refuse_working(self):
        if self.is_working:
            raise UserError(
                self.env._(
                    "Invoice %s is being reconciled: wait until that is done.",
                    self.number,
                )
            )

    def _obstacle(self):
        if self.is_working:
            return self.env._(
                "Invoice %s is being reconciled: wait until that is done.", self.number
            )
        return super()._obstacle()
