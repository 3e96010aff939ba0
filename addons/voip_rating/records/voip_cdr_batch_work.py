"""Rating of batches: a group of small ones, or one file, per transaction."""

import io
import time
from itertools import zip_longest

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.voip_billing_base.charge.retry import temporary_kind
from odoo.addons.voip_billing_base.charge.transaction import run_money
from odoo.addons.voip_billing_base.notice import notice

from ..calls.read import BadFile
from ..calls.work import rate_stored, work_file
from ..formats.files import check_beginning

LIST = 500
GROUP_RECORDS = 20_000
# Between two looks for posted records that rest.
LOOK_SECONDS = 0.2


class VoipCdrBatch(models.Model):
    _inherit = "voip.cdr.batch"

    # === CRON METHODS === #

    @api.model
    def _cron_rate(self):
        """Rate what waits, a group of small batches or a large one per transaction.

        When the list is worked off it looks again, for what came meanwhile: posted
        records among them, which it makes batches of.
        """
        progress = self.env["ir.cron"]._commit_progress
        while True:
            gathered, resting = self.env["voip.cdr.post"]._gather()
            if gathered:
                # To see them.
                progress()
            steps = self._next_steps()
            if not steps and not resting:
                return
            for step in steps or [[]]:
                for group in step:
                    group._work()
                if not progress(sum(map(len, step))):
                    if resting:
                        # Their trigger was this run's.
                        self._wake_worker()
                    self._go_on_later()
                    return
            if not steps:
                time.sleep(LOOK_SECONDS)

    @api.model
    def _next_steps(self):
        """What is due: groups of fresh batches, after each one that failed before.

        So neither keeps the other waiting, however many there are.
        """
        due = self._due_domain()
        fresh = self.search([*due, ("retry_at", "=", False)], order="id", limit=LIST)
        groups = list(fresh._groups())
        again = self.search(
            [*due, ("retry_at", "!=", False)],
            order="retry_at, id",
            limit=max(1, len(groups)),
        )
        return [list(filter(None, step)) for step in zip_longest(groups, again)]

    # === BUSINESS METHODS === #

    def _rate_here(self):
        """Rate in the caller's transaction; a file that cannot be read is told.

        Where others are in the way (the same calls come in another way at once) the
        batch waits for the worker, who sees what they wrote.
        """
        self.flush_recordset()
        try:
            with self.env.cr.savepoint():
                self._rate()
        except BadFile as error:
            raise UserError(
                self.env._(
                    "%(file)s: %(why)s. Mend the file and upload it again.",
                    file=self.file_name,
                    why=str(error),
                )
            ) from error
        except Exception as error:
            if not temporary_kind(error):
                raise
            self.invalidate_recordset()
            self._wake_worker()

    def _groups(self):
        """Neighbours of one switch that are rated together; a file is alone."""
        group, size = self.browse(), 0
        for batch in self:
            size += batch.accepted
            alike = batch.switch_id == group.switch_id and batch.door == "api"
            if group and (not alike or group[0].door != "api" or size > GROUP_RECORDS):
                yield group
                group, size = self.browse(), batch.accepted
            group |= batch
        if group:
            yield group

    def _work(self):
        """Rate these batches in one transaction; keep why one failed."""
        batches = self.sudo()
        try:
            run_money(batches.env, lambda env: batches.with_env(env)._rate())
        except Exception as error:  # noqa: BLE001 kept on the batch
            self.env.invalidate_all(flush=False)
            if len(self) > 1:
                for batch in self:
                    batch._work()
            elif batches._halve(error):
                self._work()
            else:
                batches._missed(error)
        self.env.invalidate_all()

    def _refusal(self, error):
        if self.door == "post":
            return self.env._(
                "%s. Nothing of it was stored, its posts are kept.",
                str(error).rstrip("."),
            )
        if not isinstance(error, BadFile):
            return super()._refusal(error)
        return self.env._(
            "%(file)s: %(why)s. Nothing of it was stored. Where the file is right"
            " choose its Format, then Rate Again. Else mend the file and upload it"
            " again. Undo batch %(batch)s: until then no billing run goes on.",
            file=self.file_name,
            why=str(error),
            batch=self.name,
        )

    def _rate(self):
        self.env.cr.execute(
            "SELECT id FROM voip_cdr_batch"
            " WHERE id = ANY(%s) AND state IN ('waiting', 'failed')"
            " ORDER BY id FOR UPDATE",
            [self.ids],
        )
        batches = self.browse(row[0] for row in self.env.cr.fetchall())
        if batches and batches[0].door == "file":
            batches._rate_file()
        elif batches and batches[0].door == "post":
            batches._rate_posts()
        elif batches:
            batches._rate_stored()

    def _rate_stored(self):
        self.flush_recordset()
        for batch, rater in zip(self, rate_stored(self), strict=True):
            batch._done(rater)
        self._stamp()

    def _choose_format(self, format_id):
        """Take another format for files of which nothing was stored."""
        self.check_access("write")
        if self.filtered(lambda b: b.state != "failed" or b.door != "file"):
            raise UserError(
                self.env._("Only the format of a file that failed can be changed.")
            )
        formats = self.env["voip.cdr.format"]
        for company in self.company_id if format_id else ():
            known = formats._known(company) & Domain("id", "=", format_id)
            if not formats.search_count(known, limit=1):
                raise UserError(
                    self.env._("%s has no such format.", company.display_name)
                )
        return self.sudo().write({"format_id": format_id})

    def _take_present_format(self):
        """The format that the folder or switch of a failed file has by now."""
        if self.state == "failed" and not self.format_id:
            files = self.env["voip.intake.file"]
            folder = files.search([("batch_id", "=", self.id)], limit=1).folder_id
            self.format_id = folder.format_id or self.switch_id.format_id

    def _rate_file(self):
        self._take_present_format()
        with self._open_file() as file:
            # Some 120 bytes a row: an estimate, for the progress bar only.
            total = file.seek(0, io.SEEK_END) // 120
            store, rater, _totals = work_file(
                self, file, lambda done: self._tell_progress(done, total)
            )
        self._keep_counts(store)
        self._done(rater)
        self._stamp()

    @api.model
    def _check_file(self, data, format):
        """Refuse a file that could not be read, before a batch is made of it.

        :param data: bytes of text
        :param format: ``voip.cdr.format``; empty: generic
        :raises BadFile: what is wrong with it
        :raises ValidationError: what is wrong with the format
        """
        check_beginning(io.BytesIO(data), format._compiled())

    def _open_file(self):
        """The uploaded file, read from the file store without loading it whole."""
        attachment = self.attachment_id
        if attachment.store_fname:
            return open(attachment._full_path(attachment.store_fname), "rb")
        return io.BytesIO(attachment.raw or b"")

    def _tell_rated(self):
        """Say what became of batches that were to be rated."""
        done = self.filtered(lambda batch: batch.state == "done")
        values = {
            "rated": sum(done.mapped("rated")) + sum(done.mapped("zero_rated")),
            "left": sum(done.mapped("in_error")),
        }
        missed = self - done
        if missed:
            reasons = ", ".join(filter(None, missed.mapped("message")))
            sentence = self.env._(
                "%(missed)s of %(count)s batches not rated: %(reasons)s",
                missed=len(missed),
                count=len(self),
                reasons=reasons,
            )
        else:
            sentence = self.env._("%(rated)s rated, %(left)s in error.", **values)
        return notice(sentence, "warning" if missed or values["left"] else "success")

    def _tell_undone(self):
        return notice(
            self.env._(
                "%(names)s undone: %(rated)s charges reversed. The records may be sent"
                " again.",
                names=", ".join(self.mapped("name")),
                rated=sum(self.mapped("rated")),
            )
        )

    def _done(self, rater):
        self.write(
            {
                "state": "done",
                "rated": rater.rated,
                "zero_rated": rater.zero,
                **self._job_done_values(),
            }
        )
        if self.try_count:
            self._untell_managers()
        self.env["voip.cdr.error"].invalidate_model()

    def _stamp(self):
        """Keep when they were done, to the millisecond, which the ORM cuts off."""
        self.flush_recordset()
        self.env.cr.execute(
            "UPDATE voip_cdr_batch SET done_at = (SELECT"
            " date_trunc('milliseconds', clock_timestamp() AT TIME ZONE 'UTC'))"
            " WHERE id = ANY(%s)",
            [self.ids],
        )
        self.invalidate_recordset(["done_at"])

    def _tell_progress(self, done, total):
        """Show progress outside the batch's own transaction."""
        run_money(
            self.env,
            lambda env: env.cr.execute(
                "INSERT INTO voip_cdr_progress (batch_id, done, total)"
                " VALUES (%s, %s, %s) ON CONFLICT (batch_id)"
                " DO UPDATE SET done = excluded.done, total = excluded.total",
                [self.id, done, max(done, total)],
            ),
        )
