"""Work in the background: tried again by itself, or given up with a reason."""

import logging
from datetime import timedelta

import psycopg2
from markupsafe import escape

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import LazyTranslate, html2plaintext

from ..charge.retry import temporary_kind, wait_seconds
from ..charge.transaction import run_money

_lt = LazyTranslate(__name__)
_logger = logging.getLogger(__name__)
ACTIVITY = "voip_billing_base.mail_activity_failed"
PASSING = {
    "busy": _lt("Other work held the same records for too long."),
    "away": _lt("The database could not be reached."),
    "full": _lt("The disk is full or does not answer."),
    "memory": _lt("There was not enough memory."),
    "crowded": _lt("There were too many connections or open files."),
}


class VoipJob(models.AbstractModel):
    """A record that scheduled work takes from open to done.

    A temporary error (a lock, the database away, a full disk) leaves it open: it is
    tried again after 5 s, 15 s, 1 min, 5 min, then every 15 min, for ever. What can
    never work is given up with a sentence, and the billing managers are told.

    The model has a ``state`` whose two values for open and given up, and the scheduled
    action that works it off, stand in the class.
    """

    _name = "voip.job"
    _inherit = ["voip.guard"]
    _description = "Work That Is Tried Again"

    _job_states = ("waiting", "failed")
    _job_cron = None
    _job_activity = ACTIVITY
    _job_refusals = (UserError,)

    try_count = fields.Integer(
        string="Failed Tries", readonly=True, copy=False, aggregator=None
    )
    retry_at = fields.Datetime(
        string="Next Try",
        readonly=True,
        copy=False,
        help="It is tried again by itself, at this time or within a minute.",
    )
    message = fields.Text(
        readonly=True, copy=False, help="Why the last try failed."
    )

    # === WHAT IS DUE === #

    @api.model
    def _due_domain(self):
        """Open records but those whose next try lies ahead, by the server's clock."""
        return [
            ("state", "=", self._job_states[0]),
            "|",
            ("retry_at", "=", False),
            ("retry_at", "<=", self.env.cr.now()),
        ]

    @api.model
    def _wake_worker(self, at=None):
        """Have the scheduled action run soon, or ``at`` a later time (UTC)."""
        self._wake(self._job_cron, at)

    @api.model
    def _wake(self, cron, at=None):
        """Have a scheduled action run soon, or ``at`` a later time (UTC).

        Each call leaves a trigger of its own, in the caller's transaction. A run
        removes the triggers that it could see when it began, and looks for work after
        that: whatever is committed in between keeps its trigger. The time is the
        database's, by which Odoo judges triggers, whatever this machine's clock says.

        :param cron: external id of the scheduled action
        """
        cron = self.env["ir.model.data"]._xmlid_to_res_id(cron)
        self.env.cr.execute(
            "INSERT INTO ir_cron_trigger (cron_id, call_at)"
            " SELECT id, date_trunc('second', COALESCE(%s, now() AT TIME ZONE 'UTC'))"
            "   FROM ir_cron WHERE id = %s AND active",
            [at, cron],
        )
        if at is None:
            self.env.cr.postcommit.add(self._notify_workers)

    @api.model
    def _wake_once(self, cron):
        """Have a scheduled action run soon, unless that is planned already.

        Called after the commit. A trigger that no run has begun to remove, which shows
        as xmax 0, is removed by a run that looks for work later: it sees what was
        committed.

        :param cron: external id of the scheduled action
        """
        try:
            run_money(self.env, lambda env: env[self._name].sudo()._plan(cron))
        except psycopg2.Error as error:
            _logger.warning("The worker is not told, it looks each minute: %s", error)

    @api.model
    def _plan(self, cron):
        number = self.env["ir.model.data"]._xmlid_to_res_id(cron)
        self.env.cr.execute(PLANNED_SQL, [number])
        if not self.env.cr.rowcount:
            self._wake(cron)

    @api.model
    def _notify_workers(self):
        """Wake the workers; what is committed stays so when they cannot be told."""
        try:
            self.env["ir.cron"]._notifydb()
        except psycopg2.Error as error:
            _logger.warning("Workers are not told, they look each minute: %s", error)

    @api.model
    def _go_on_later(self):
        """End a run whose time is over. Odoo plans the rest, but wakes no worker."""
        cron = self.env["ir.cron"]
        cron._commit_progress(0)
        left = self.search_count(self._due_domain())
        cron._commit_progress(0, remaining=left)
        if left:
            self._notify_workers()

    # === WHAT BECAME OF A TRY === #

    def _job_done_values(self):
        return {"message": False, "retry_at": False}

    def _missed(self, error, transact=run_money):
        """Keep that a try failed: when it comes again, or why it never can.

        :param transact: runs this; by default in a transaction of its own, because
            the error may have ended the caller's
        """
        self.ensure_one()
        kind = temporary_kind(error)
        sentence = self._sentence(kind, error)[:2000]
        if kind or isinstance(error, self._job_refusals):
            _logger.info("%s %s: %s", self._name, self.id, error)
        else:
            _logger.error("%s %s failed", self._name, self.id, exc_info=error)
        self.flush_recordset()
        transact(self.env, lambda env: self.with_env(env)._keep_miss(kind, sentence))
        self.env.invalidate_all(flush=False)

    def _keep_miss(self, kind, sentence):
        self.env.cr.execute(
            f"SELECT FROM {self._table} WHERE id = %s AND state = ANY(%s) FOR UPDATE",
            [self.id, list(self._job_states)],
        )
        if not self.env.cr.rowcount:
            # A commit whose answer was lost, or another worker.
            return
        self.invalidate_recordset()
        tries = self.try_count + 1
        if kind:
            self._put_off(tries, sentence)
        else:
            self._give_up(tries, sentence)

    def _put_off(self, tries, sentence):
        now = self.env.cr.now().replace(microsecond=0)
        later = now + timedelta(seconds=wait_seconds(tries))
        self.write(
            {
                "state": self._job_states[0],
                "try_count": tries,
                "retry_at": later,
                "message": sentence,
            }
        )
        self._wake_worker(later)

    def _give_up(self, tries, sentence):
        self.write(
            {
                "state": self._job_states[1],
                "try_count": tries,
                "retry_at": False,
                "message": sentence,
            }
        )
        self._tell_managers(sentence)

    def _sentence(self, kind, error):
        """Why a try failed, as staff read it."""
        if kind:
            return str(PASSING[kind])
        if isinstance(error, self._job_refusals):
            return self._refusal(error)
        if isinstance(error, psycopg2.DataError | psycopg2.IntegrityError):
            return self.env._(
                "A value cannot be stored in the database: %s.", _first_line(error)
            )
        if isinstance(error, psycopg2.Error):
            return self.env._(
                "The database refused the work: %s. This is an error of the program;"
                " the server's log has its details.",
                _first_line(error),
            )
        return self.env._(
            "The program met an error that it does not know: %(kind)s (%(text)s). The"
            " server's log has its details.",
            kind=type(error).__name__,
            text=_first_line(error),
        )

    def _refusal(self, error):
        return str(error)

    # === ACTIVITIES === #

    def _job_document(self):
        """The record that carries the activities."""
        return self

    def _tell_managers(self, note):
        """One open activity for each billing manager of the company, however often.

        :param note: text, which is shown as it is: names in it are other people's
        """
        self._schedule_managers(note, self._job_activity)

    def _schedule_managers(self, note, kind):
        document = self._job_document()
        told = document.activity_search([kind]).user_id
        managers = self.company_id._billing_managers()
        # Quick: without a mail for each of what may be many.
        quick = document.with_context(mail_activity_quick_update=True)
        for user in managers - told:
            quick.activity_schedule(kind, note=escape(note), user_id=user.id)

    def _retell_managers(self, note):
        """Let open activities say what is amiss now, where it is no more the same."""
        document, note = self._job_document(), escape(note)
        for activity in document.activity_search([self._job_activity]):
            if _words(activity.note) != _words(note):
                activity.note = note

    def _untell_managers(self):
        """Close the activities: what they are about is done."""
        self._job_document().activity_unlink([self._job_activity])


PLANNED_SQL = """
SELECT FROM ir_cron_trigger
 WHERE cron_id = %s AND call_at <= now() AT TIME ZONE 'UTC' AND xmax::text = '0'
 LIMIT 1
"""


def _words(html):
    return html2plaintext(html or "").split()


def _first_line(error):
    diag = getattr(error, "diag", None)
    text = getattr(diag, "message_primary", None) or str(error)
    return (text.strip().splitlines() or [type(error).__name__])[0].rstrip(".")
