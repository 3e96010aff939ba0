"""Batches: the unit of intake, rating, error report and undo."""

from datetime import UTC, datetime

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.voip_billing_base.charge.transaction import (
    ensure_partitions,
    run_money,
)

from ..calls import undo as undo_batch
from ..calls.claim import TABLES
from ..calls.read import BadFile
from ..calls.work import store_records

SMALL_FILE = 4 << 20


class VoipCdrBatch(models.Model):
    """Records that came together. Rated in one transaction: all of them or none."""

    _name = "voip.cdr.batch"
    _description = "Call Record Batch"
    _inherit = ["mail.thread", "mail.activity.mixin", "voip.job"]
    _order = "id desc"
    _voip_keeps_files = True
    _check_company_auto = True
    # Who reads a batch may mark the activity done that tells of it.
    _mail_post_access = "read"

    _job_cron = "voip_rating.ir_cron_rate"
    _job_refusals = (UserError, BadFile)

    name = fields.Char(compute="_compute_name")
    company_id = fields.Many2one(
        "res.company", required=True, index=True, readonly=True
    )
    switch_id = fields.Many2one(
        "voip.switch", required=True, readonly=True, index=True, ondelete="restrict"
    )
    door = fields.Selection(
        [("api", "API"), ("post", "Address"), ("file", "File")],
        required=True,
        readonly=True,
    )
    format_id = fields.Many2one(
        "voip.cdr.format",
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
        help="How its records were written. Empty: generic. Of a failed file it can be"
        " changed, before it is rated again.",
    )
    state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("done", "Rated"),
            ("failed", "Failed"),
            ("undone", "Undone"),
        ],
        default="waiting",
        required=True,
        readonly=True,
        index=True,
    )
    done_at = fields.Datetime(
        string="Rated At",
        readonly=True,
        copy=False,
        help="When its calls were rated and charged, by the database's clock.",
    )
    attachment_id = fields.Many2one(
        "ir.attachment", string="File", readonly=True, ondelete="restrict"
    )
    file_name = fields.Char(readonly=True)
    first_start = fields.Datetime(readonly=True)
    last_start = fields.Datetime(readonly=True)
    received = fields.Integer(readonly=True, help="All records sent.")
    accepted = fields.Integer(readonly=True, help="New records, stored once.")
    duplicates = fields.Integer(
        readonly=True, help="Records that were here before, with the same content."
    )
    conflicts = fields.Integer(
        readonly=True, help="Known call ids with other content; in the error queue."
    )
    refused = fields.Integer(
        readonly=True, help="Records that cannot be read; in the error queue."
    )
    lines = fields.Integer(
        readonly=True, help="Lines of the file below its header: received and skipped."
    )
    skipped = fields.Integer(
        readonly=True,
        help="Lines that are no record: empty ones, the further lines of a row whose "
        "quoted text has line ends, and what the format says is no call of its own.",
    )
    skipped_kinds = fields.Char(
        readonly=True,
        help="Rows that the format says are no calls, by their value: they are not"
        " charged.",
    )
    rated = fields.Integer(
        readonly=True, help="Answered, or charged the fee of an attempt."
    )
    zero_rated = fields.Integer(
        readonly=True, help="Not answered and free: kept for quality figures."
    )
    progress = fields.Float(compute="_compute_progress", help="Percent worked off.")
    error_ids = fields.One2many("voip.cdr.error", "batch_id", readonly=True)

    # === COMPUTE METHODS === #

    @api.depends("file_name")
    def _compute_name(self):
        for batch in self:
            batch.name = f"B{batch.id or 0}"

    def _compute_progress(self):
        self.env.cr.execute(
            "SELECT batch_id, done, total FROM voip_cdr_progress"
            " WHERE batch_id = ANY(%s)",
            [self.ids],
        )
        done = {batch: (count, total) for batch, count, total in self.env.cr.fetchall()}
        for batch in self:
            count, total = done.get(batch.id, (0, 0))
            running = batch.state == "waiting"
            share = min(99.0, 100.0 * count / total) if total else 0.0
            batch.progress = share if running else 100.0

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        self._check_intake()
        # Nobody follows a batch: no chatter is written for each that arrives.
        return super(VoipCdrBatch, self.with_context(tracking_disable=True)).create(
            vals_list
        )

    def write(self, vals):
        if not self.env.su and vals.keys() == {"format_id"}:
            return self._choose_format(vals["format_id"])
        self._check_intake()
        return super(VoipCdrBatch, self.with_context(tracking_disable=True)).write(vals)

    def _check_intake(self):
        # A switch or a file put in by hand could be another company's.
        if not self.env.su:
            raise UserError(self.env._("Batches are made by the intake."))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A batch is undone, never deleted."))

    # === ACTION METHODS === #

    def action_rate(self):
        """Rate waiting or failed batches now."""
        self.check_access("write")
        batches = self.filtered(lambda b: b.state in ("waiting", "failed"))
        for batch in batches:
            batch.sudo()._work()
        # The caller's own transaction is older than what was rated.
        return run_money(self.env, lambda env: batches.with_env(env)._tell_rated())

    def action_undo(self):
        """Take a wrong batch back: charges reversed, records may be sent again."""
        self.check_access("write")
        if not self.env.user.has_group("voip_billing_base.group_voip_manager"):
            raise UserError(self.env._("Only a billing manager undoes a batch."))
        for batch in self:
            undo_batch.undo(batch.sudo())
            batch.sudo().write(batch._job_done_values())
            batch.sudo()._untell_managers()
        return self._tell_undone()

    def action_rate_errors(self):
        """Rate the open errors again."""
        self.check_access("read")
        return self.error_ids._open().action_rate_again()

    def action_view_calls(self):
        return self._action(
            "voip_rating.voip_cdr_action", [("batch_id", "in", self.ids)]
        )

    def action_view_usage(self):
        return self._action(
            "voip_billing_base.voip_usage_action", [("batch_id", "in", self.ids)]
        )

    def action_view_errors(self):
        action = self._action(
            "voip_rating.voip_cdr_error_action", [("batch_id", "in", self.ids)]
        )
        return {**action, "context": {"search_default_open": 1}}

    def _action(self, xmlid, domain):
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(xmlid)
        return {**action, "domain": domain, "context": {}}

    # === CRON METHODS === #

    @api.model
    def _cron_partitions(self):
        """Partitions of this and the next two months, so that no intake waits."""
        today = fields.Date.today()
        months = [today + relativedelta(months=ahead) for ahead in range(3)]
        for table, unique in TABLES.items():
            ensure_partitions(self.env, table, months, unique)

    @api.model
    def _cron_summarise(self):
        """Tell the indexes by range of the pages that were written of late.

        PostgreSQL does so by itself while few pages come; what a large file brings at
        once it may leave out until the next vacuum.
        """
        for table in ("voip_cdr_row", "voip_usage_row"):
            run_money(
                self.env, lambda env, t=table: env.cr.execute(SUMMARISE_SQL, [t])
            )

    # === BUSINESS METHODS === #

    @api.model
    def _take_in(self, switch, dicts, rate_now, format=None):
        """Store dicts as a new batch and answer as the machine door does.

        :param format: ``voip.cdr.format`` of the dicts; None: generic
        """
        batch = self.create(
            {
                "company_id": switch.company_id.id,
                "switch_id": switch.id,
                "door": "api",
                "format_id": format.id if format else False,
            }
        )
        batch.flush_recordset()
        store = store_records(batch, dicts, keep_errors=1_000)
        batch._keep_counts(store)
        answer = {
            "batch": batch.id,
            "received": store.received,
            "accepted": store.accepted,
            "duplicates": store.duplicates,
            "conflicts": store.conflicts,
            "errors": store.errors,
        }
        if store.tally:
            answer["skipped"] = store.tally.skipped
        if rate_now:
            batch._rate_stored()
            answer["errors"] += batch._rating_errors()
            answer["errors"].sort(key=lambda error: error["index"])
            answer["rated"] = batch.rated + batch.zero_rated
            answer["in_error"] = batch.in_error
        elif store.accepted:
            batch._wake_worker()
        else:
            batch.state = "done"
            batch._stamp()
        return answer

    def _rating_errors(self):
        """Stored records that could not be rated, as the machine door lists them."""
        failed = self.env["voip.cdr.error"].search(
            [("batch_id", "=", self.id), ("cdr_id", "!=", 0)],
            order="position",
            limit=1_000,
        )
        return [
            {
                "index": error.position - 1,
                "call_id": error.call_id,
                "code": error.code,
                "message": error.message,
            }
            for error in failed
        ]

    @api.model
    def _take_file(self, switch, data, name, format=None):
        """Keep a file as a waiting batch.

        :param format: ``voip.cdr.format`` of the file; None: the switch's
        """
        format = switch.format_id if format is None else format
        batch = self.sudo().create(
            {
                "company_id": switch.company_id.id,
                "switch_id": switch.id,
                "door": "file",
                "file_name": name,
                "format_id": format.id,
            }
        )
        batch.attachment_id = self.env["ir.attachment"].create(
            {
                "name": name,
                "raw": data,
                "res_model": self._name,
                "res_id": batch.id,
                # As text/csv Odoo would keep every word for searching.
                "mimetype": "application/csv",
            }
        )
        return batch

    def _keep_counts(self, store):
        tally = store.tally
        self.write(
            {
                "lines": tally.lines if tally else 0,
                "skipped": tally.skipped if tally else 0,
                "skipped_kinds": (tally and tally.kinds_text()) or False,
                "received": store.received,
                "accepted": store.accepted,
                "duplicates": store.duplicates,
                "conflicts": store.conflicts,
                "refused": store.refused,
                "first_start": _moment(store.first, 0),
                "last_start": _moment(store.last, 1),
            }
        )

    def _span(self):
        """First and last start of the records of these batches, False without any."""
        firsts = [batch.first_start for batch in self if batch.first_start]
        lasts = [batch.last_start for batch in self if batch.last_start]
        return min(firsts, default=False), max(lasts, default=False)

    def _widen(self, store):
        """Count a corrected record that was refused at first."""
        first, last = _moment(store.first, 0), _moment(store.last, 1)
        self.write(
            {
                "accepted": self.accepted + 1,
                "first_start": min(self.first_start or first, first),
                "last_start": max(self.last_start or last, last),
            }
        )

    def _status(self):
        self.ensure_one()
        return {
            "state": self.state,
            "received": self.received,
            "accepted": self.accepted,
            "rated": self.rated,
            "zero_rated": self.zero_rated,
            "duplicates": self.duplicates,
            "conflicts": self.conflicts,
            "in_error": self.in_error,
            "amount": self._totals("currency_id", "amount"),
            "cost": self._totals("cost_currency_id", "cost_amount"),
        }

    def _totals(self, currency, amount):
        self.env.cr.execute(
            f"SELECT c.name, trim_scale(sum(u.{amount}))::text"
            f"  FROM voip_usage u JOIN res_currency c ON c.id = u.{currency}"
            " WHERE u.batch_id = %s AND u.started_at BETWEEN %s AND %s"
            " GROUP BY 1 ORDER BY 1",
            [self.id, self.first_start or None, self.last_start or None],
        )
        return dict(self.env.cr.fetchall())


def _moment(micros, extra_seconds):
    """Microseconds since 1970 as a datetime of whole seconds."""
    if micros is None:
        return False
    seconds = micros // 1_000_000 + extra_seconds
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)


SUMMARISE_SQL = """
SELECT brin_summarize_new_values(i.indexrelid)
  FROM pg_inherits p
  JOIN pg_index i ON i.indrelid = p.inhrelid
  JOIN pg_class c ON c.oid = i.indexrelid
  JOIN pg_am m ON m.oid = c.relam AND m.amname = 'brin'
 WHERE p.inhparent = %s::regclass
"""
