"""Large sheets are previewed and applied in the background, with their progress."""

import time

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.voip_billing_base.charge.transaction import in_money, run_money

# Files up to this size are worked on while their user waits.
AT_ONCE_BYTES = 256 << 10
# Between two figures of the progress.
TELL_SECONDS = 0.5
TASKS = [("preview", "Preview"), ("apply", "Apply")]
PROGRESS_TABLE = """
CREATE TABLE IF NOT EXISTS voip_rate_import_progress (
    import_id integer PRIMARY KEY REFERENCES voip_rate_import ON DELETE CASCADE,
    percent integer NOT NULL CHECK (percent BETWEEN 0 AND 100))
"""
START = """
INSERT INTO voip_rate_import_progress VALUES (%s, 0)
ON CONFLICT (import_id) DO UPDATE SET percent = 0
"""
TELL = "UPDATE voip_rate_import_progress SET percent = %s WHERE import_id = %s"
TAKE = """
SELECT FROM voip_rate_import WHERE id = %s AND state = 'working'
   FOR UPDATE SKIP LOCKED
"""


class Progress:
    """Tells how far the work is, beside its transaction.

    Its row is made before and touched by nobody else. ``sql`` takes the percent and
    the id of the work.
    """

    sql = TELL

    def __init__(self, env, import_id):
        self._registry, self._id = env.registry, import_id
        self._told = time.monotonic()

    def __call__(self, share):
        """:param share: of the work that is done, 0 to 1"""
        now = time.monotonic()
        if now - self._told < TELL_SECONDS:
            return
        self._told = now
        with self._registry.cursor() as cr:
            cr.execute(self.sql, [min(100, int(share * 100)), self._id])


class VoipRateImport(models.Model):
    _inherit = "voip.rate.import"

    _job_states = ("working", "draft")
    _job_cron = "voip_rating.ir_cron_rate_import"

    task = fields.Selection(TASKS, readonly=True, copy=False)
    asked_by = fields.Many2one("res.users", readonly=True, copy=False)
    progress = fields.Integer(compute="_compute_progress")

    def init(self):
        result = super().init()
        self.env.cr.execute(PROGRESS_TABLE)
        return result

    # === COMPUTE METHODS === #

    @api.depends("state")
    def _compute_progress(self):
        self.env.cr.execute(
            "SELECT import_id, percent FROM voip_rate_import_progress"
            " WHERE import_id = ANY(%s)",
            [self.ids],
        )
        percents = dict(self.env.cr.fetchall())
        for sheet in self:
            working = sheet.state == "working"
            sheet.progress = percents.get(sheet._origin.id, 0) if working else 0

    # === ACTION METHODS === #

    def action_stop(self):
        """Take back what waits for the background and was not begun."""
        self.check_access("write")
        self.ensure_one()
        self.env.flush_all()
        self.env.cr.execute(TAKE, [self.id])
        if not self.env.cr.rowcount:
            raise UserError(
                self.env._(
                    "%s is being worked on right now, or is done: wait a moment.",
                    self.display_name,
                )
            )
        self._keep({**self._job_done_values(), "state": self._state_before()})

    # === CRON METHODS === #

    @api.model
    def _cron_work(self):
        """Work off what waits, oldest first."""
        sheets = self.search(self._due_domain(), order="id")
        for number, sheet in enumerate(sheets, 1):
            sheet._work()
            left = len(sheets) - number
            if not self.env["ir.cron"]._commit_progress(1, remaining=left):
                return

    # === BUSINESS METHODS === #

    def _do(self, task):
        """Preview or apply now, or in the background where the file is large."""
        if self._is_large():
            self._queue(task)
        elif task == "apply":
            # A request sees the calls of its beginning; these are all up to the end.
            in_money(self, lambda sheet: sheet._do_now(task))
            self.env.invalidate_all()
        else:
            self._do_now(task)

    def _do_now(self, task):
        getattr(self, f"_{task}")()
        self._keep(self._job_done_values())

    def _is_large(self):
        """Whether the work takes longer than its user should wait."""
        size = len(self.with_context(bin_size=False).file or b"") * 3 // 4
        return size > AT_ONCE_BYTES

    def _queue(self, task):
        """Have the background do it."""
        self._check_open()
        if task == "apply":
            self._check_previewed()
        self._check_ready()
        self.env.flush_all()
        self.env.cr.execute(START, [self.id])
        self._keep(
            {
                **self._job_done_values(),
                "state": "working",
                "task": task,
                "asked_by": self.env.uid,
                "try_count": 0,
            }
        )
        self._wake_worker()

    def _state_before(self):
        return "previewed" if self.task == "apply" else "draft"

    def _work(self):
        """Do what was asked for, as who asked for it."""
        self.ensure_one()
        try:
            run_money(self.env, lambda env: self.with_env(env)._do_task())
        except Exception as error:  # noqa: BLE001 kept on the import
            self._missed(error)
        self.env.invalidate_all()
        self._tell_asker()

    def _do_task(self):
        self.env.cr.execute(TAKE, [self.id])
        if not self.env.cr.rowcount:
            # Another worker has it, or somebody stopped it.
            return
        self.invalidate_recordset()
        user = self.asked_by
        sheet = self.with_user(user).with_context(
            allowed_company_ids=self.company_id.ids,
            lang=user.lang,
            tz=user.tz,
            voip_progress=Progress(self.env, self.id),
        )
        self._keep({"state": self._state_before()})
        getattr(sheet, f"_{self.task}")()
        self._keep({**self._job_done_values(), "try_count": 0})

    def _give_up(self, tries, sentence):
        # No activities: who asked for it is told, and reads why on the import.
        self._keep(
            {
                "state": self._state_before(),
                "try_count": tries,
                "retry_at": False,
                "message": sentence,
            }
        )

    def _tell_asker(self):
        """A note on the screen of who asked, wherever he is by now."""
        if self.state == "working":
            return
        done = dict(self._fields["state"]._description_selection(self.env))[self.state]
        self.asked_by._bus_send(
            "simple_notification",
            {
                "title": self.display_name,
                "message": self.message or done,
                "type": "warning" if self.message else "success",
            },
        )
