"""How a run is worked off: pieces of invoices, their files made by all workers."""

import logging
import time

from odoo import api, models
from odoo.exceptions import UserError

from ..const import FORMATS, MOVE_KINDS
from ..engine.faults import Fault

_logger = logging.getLogger(__name__)
# Invoices of one transaction, and those whose files are in memory together.
PIECE, STEP = 120, 20
NEXT = """
SELECT id FROM voip_document_run_line WHERE run_id = %s AND state = 'waiting'
 ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
"""


class VoipDocumentRun(models.Model):
    _inherit = "voip.document.run"

    # === CRON METHODS === #

    @api.model
    def _cron_make(self):
        """Work off runs, piece by piece."""
        while run := self.search(self._due_domain(), order="id", limit=1):
            if not self._work_commits(run):
                return

    @api.model
    def _work_commits(self, run):
        """Work off a piece and commit it; whether there is time for another one."""
        try:
            run._work()
        except Exception as error:  # noqa: BLE001 the run keeps it, others go on
            self.env.cr.rollback()
            run._missed(error)
        if self.env["ir.cron"]._commit_progress(1):
            # The next piece is as large as this one: nothing of it is kept.
            self.env.invalidate_all()
            return True
        self._go_on_later()
        return False

    # === BUSINESS METHODS === #

    def _work(self):
        """Make the documents of the next piece, or end the run; how many lines."""
        started = time.monotonic()
        self.env.flush_all()
        self.env.cr.execute(NEXT, [self.id, PIECE])
        ids = [row[0] for row in self.env.cr.fetchall()]
        lines = self.env["voip.document.run.line"].browse(ids)
        lines._make()
        if not lines.search_count(self._lines("waiting"), limit=1):
            self.state = "errors" if self.error_count else "done"
        self.write(
            {
                "worked_at": self.env.cr.now(),
                "worked_seconds": self.worked_seconds + time.monotonic() - started,
                **self._job_done_values(),
            }
        )
        return len(lines)


class VoipDocumentRunLine(models.Model):
    _inherit = "voip.document.run.line"

    def _make(self):
        """Make the files of these lines; one that fails keeps why.

        While workers make the files of some, those before are kept and the data of the
        next are read.
        """
        ahead = None
        for start in range(0, len(self), STEP):
            begun = self[start : start + STEP]._begin()
            if ahead:
                ahead()
            ahead = begun
        if ahead:
            ahead()

    def _begin(self):
        """Begin to make the files of these lines.

        :return: a callable that waits for them and keeps them
        """
        plans = {}
        for line in self:
            try:
                plans[line] = line._plans()
            except UserError as error:
                line._fail(str(error))
        tasks = [plan.task for found in plans.values() for plan in found]
        ended = self.env["voip.document.template"]._begin_all(tasks)
        return lambda: self._end(plans, iter(ended()))

    def _end(self, plans, files):
        """Keep the files that were made by ``plans``, {line: plans}."""
        good = self.browse()
        for line, found in plans.items():
            contents = [next(files) for _plan in found]
            pairs = list(zip(found, contents, strict=True))
            for plan, content in pairs:
                if isinstance(content, Fault):
                    line._fail(self.env["voip.document"]._not_made(plan, content))
                    break
            else:
                plans[line] = [(plan.vals, file, plan.packed) for plan, file in pairs]
                good |= line
        good._keep(plans)

    def _plans(self):
        """How the files of the line are made, of the same data."""
        move, documents = self.move_id, self.env["voip.document"]
        kind = MOVE_KINDS.get(move.move_type, "invoice")
        model = self.env["voip.document.kind"]._of(kind)
        subject = model._of_move(move)
        model._check(subject)
        data = model._data(subject)
        return [
            documents._plan(kind, format_, subject, data=data)
            for format_, _label in FORMATS
        ]

    def _keep(self, made):
        """Keep the files of all lines at once; where that fails, of each by itself.

        :param made: {line: its files as ``_kept_all`` takes them}
        """
        documents = self.env["voip.document"]
        try:
            with self.env.cr.savepoint():
                documents._kept_all([file for line in self for file in made[line]])
                if self.run_id.is_mailed:
                    self._send()
                self.write({"state": "done"})
        except UserError as error:
            if len(self) == 1:
                self._fail(str(error))
                return
            for line in self:
                line._keep(made)

    def _send(self):
        for line in self:
            self.env["voip.delivery"]._queue(line.move_id)

    def _fail(self, sentence):
        self.write({"state": "failed", "fault": sentence[:500]})
        _logger.info("No documents of %s: %s", self.move_id.name, sentence)
