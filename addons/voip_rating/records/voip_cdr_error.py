"""Error queue: records that have no price yet, and why."""

import json
from collections import defaultdict

import numpy as np
import pyarrow as pa

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.voip_billing_base.charge.transaction import run_money
from odoo.addons.voip_billing_base.notice import notice

from ..calls.check import columns_of, parse_records
from ..calls.copy_queue import DirectQueue
from ..calls.store import BatchStore
from ..calls.work import limits_of, rate_records
from ..formats.convert import RAW

CODES = [
    ("missing_field", "Missing or bad field"),
    ("bad_number", "Bad number"),
    ("bad_time", "Bad time"),
    ("bad_duration", "Bad duration"),
    ("unknown_switch", "Unknown switch"),
    ("unknown_trunk", "Unknown trunk"),
    ("no_account", "No account"),
    ("account_closed", "Account closed"),
    ("no_deck", "No rate deck"),
    ("no_rate", "No rate"),
    ("blocked", "Blocked"),
    ("conflict", "Conflict"),
    ("closed_period", "Closed period"),
    ("too_old", "Too old"),
    ("future", "In the future"),
    ("bad_metadata", "Bad extra fields"),
    ("missing_duration", "No duration"),
    ("no_exchange_rate", "No exchange rate"),
    ("short_code", "Short code"),
    ("out_of_bounds", "Out of bounds"),
]


class VoipCdrError(models.Model):
    """One record with its reason. Edit it here or mend the cause, then rate again."""

    _name = "voip.cdr.error"
    _inherit = ["voip.guard"]
    _description = "Call Record in Error"
    _log_access = False
    _order = "id desc"
    _rec_name = "call_id"

    company_id = fields.Many2one(
        "res.company", required=True, index=True, readonly=True
    )
    switch_id = fields.Many2one(
        "voip.switch", required=True, readonly=True, ondelete="restrict"
    )
    batch_id = fields.Many2one(
        "voip.cdr.batch", required=True, readonly=True, index=True, ondelete="restrict"
    )
    cdr_id = fields.Integer(
        string="Record", readonly=True, help="Empty: the record was refused whole."
    )
    position = fields.Integer(
        string="Row", readonly=True, aggregator=None, help="Row in its batch, from 1."
    )
    call_id = fields.Char(string="Call ID", readonly=True)
    leg = fields.Char(readonly=True)
    start = fields.Datetime(readonly=True)
    code = fields.Selection(CODES, string="Reason", required=True, readonly=True)
    message = fields.Char(required=True, readonly=True)
    payload = fields.Text(string="Record as Sent", readonly=True)
    content = fields.Char(readonly=True, index="btree_not_null")
    fix = fields.Text(
        string="Correction",
        help='JSON object with the corrected fields, for example {"called": "4420…"}.',
    )
    fix_called = fields.Char(
        string="Corrected Number", help="Used instead of the number sent."
    )
    fix_trunk = fields.Char(string="Corrected Trunk")
    fix_account = fields.Char(string="Corrected Account")
    state = fields.Selection(
        [("open", "Open"), ("fixed", "Rated"), ("dismissed", "Dismissed")],
        required=True,
        default="open",
        readonly=True,
    )
    note = fields.Char(help="Why it was dismissed.")

    _open_code = models.Index("(company_id, start) WHERE state = 'open'")

    def init(self):
        # cdr_id holds 64-bit ids of the partitioned table.
        self.env.cr.execute(
            "ALTER TABLE voip_cdr_error ALTER COLUMN cdr_id TYPE bigint"
        )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):  # pylint: disable=method-required-super
        raise UserError(self.env._("Errors are made by the intake."))

    def write(self, vals):
        allowed = {"fix", "fix_called", "fix_trunk", "fix_account", "note"}
        if not self.env.su and vals.keys() - allowed:
            raise UserError(self.env._("Only the correction of a record is edited."))
        if not self.env.su and any(error.state != "open" for error in self):
            raise UserError(self.env._("Only open errors are edited."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Nothing vanishes: dismiss the record instead."))

    # === ACTION METHODS === #

    def action_rate_again(self):
        """Rate open errors again, corrected where stated; the rest stays open."""
        self.check_access("write")
        groups, errors = defaultdict(self.browse), self._open()
        for error in errors:
            groups[error.batch_id] |= error
        for batch, group in groups.items():
            batch.flush_recordset()
            group.flush_recordset()
            run_money(
                self.env,
                lambda env, b=batch, e=group: e.with_env(env).sudo()._rate_again(b.id),
            )
        self.env.invalidate_all()
        # The caller's own transaction is older than what was rated.
        return run_money(self.env, lambda env: errors.with_env(env)._tell_rated())

    def action_dismiss(self):
        """Close errors that need no price; the note says why."""
        self.check_access("write")
        if any(not error.note for error in self):
            raise UserError(self.env._("Write in the note why it is dismissed."))
        errors = self._open()
        errors.sudo().write({"state": "dismissed"})
        for error in errors:
            self.env["voip.audit"]._log(
                "cdr_dismissed",
                error,
                {"call_id": error.call_id, "note": error.note},
                company=error.company_id,
            )
        return notice(self.env._("%s dismissed.", len(errors)))

    # === BUSINESS METHODS === #

    def _open(self):
        return self.filtered(lambda error: error.state == "open")

    def _tell_rated(self):
        """Say what became of errors that were rated again."""
        left = len(self._open())
        return notice(
            self.env._(
                "%(rated)s rated, %(left)s still in error.",
                rated=len(self) - left,
                left=left,
            ),
            "warning" if left else "success",
        )

    def _record(self):
        """The record to rate: as sent, with its corrections."""
        record = json.loads(self.payload)
        record.pop(RAW, None)
        for name in ("called", "trunk", "account"):
            if self[f"fix_{name}"]:
                record[name] = self[f"fix_{name}"]
        if self.fix:
            try:
                correction = json.loads(self.fix)
            except ValueError as error:
                raise UserError(
                    self.env._("Correction of row %s is not JSON.", self.position)
                ) from error
            if not isinstance(correction, dict):
                raise UserError(
                    self.env._("Correction of row %s is no object.", self.position)
                )
            record.update(correction)
        return record

    def _rate_again(self, batch_id):
        batch = self.env["voip.cdr.batch"].browse(batch_id)
        self.env.cr.execute(
            "SELECT id FROM voip_cdr_error WHERE id = ANY(%s) AND state = 'open'"
            " ORDER BY id FOR UPDATE",
            [self.ids],
        )
        errors = self.browse([row[0] for row in self.env.cr.fetchall()])
        if not errors:
            return
        dicts = [error._record() for error in errors]
        columns, metadata = columns_of(dicts)
        records, problems = parse_records(columns, metadata, limits_of(batch))
        records.position = np.array([error.position - 1 for error in errors])
        records, ids, owners = self._stored(batch, errors, records, problems, dicts)
        if len(records):
            rater, unrated = rate_records(batch, records, ids)
            problems.update({owners[row]: why for row, why in unrated.items()})
            batch.write(
                {
                    "rated": batch.rated + rater.rated,
                    "zero_rated": batch.zero_rated + rater.zero,
                }
            )
        stored = dict(zip(owners, ids.tolist(), strict=True))
        for row, error in enumerate(errors):
            if row in stored:
                error.cdr_id = stored[row]
            if row in problems:
                code, message = problems[row]
                error.write({"code": code, "message": message})
            else:
                error.write({"state": "fixed"})

    def _stored(self, batch, errors, records, problems, dicts):
        """Records to rate with their ids; refused ones are stored first.

        :return: (records, ids, owners): row in ``errors`` of each record
        """
        kept = [r for r, e in enumerate(errors) if e.cdr_id and r not in problems]
        new = [r for r, e in enumerate(errors) if not e.cdr_id and r not in problems]
        parts = [(records.take(np.array(kept, np.int64)), kept)]
        ids = [np.array([errors[row].cdr_id for row in kept], np.int64)]
        for row in new:
            store = BatchStore(self.env, batch, DirectQueue(self.env.cr))
            one = records.take(np.array([row], np.int64))
            accepted, fresh = store.take_corrected(one)
            if len(accepted):
                parts.append((accepted, [row]))
                ids.append(fresh)
                batch._widen(store)
            else:
                problems[row] = (
                    "conflict",
                    "call_id: this call was accepted before",
                )
        rows = [row for _records, owners in parts for row in owners]
        return _joined([part for part, _o in parts]), np.concatenate(ids), rows


def _joined(parts):
    """One Records of several."""
    first = parts[0]
    if len(parts) == 1:
        return first
    values = {}
    for name in first.__dataclass_fields__:
        columns = [getattr(part, name) for part in parts]
        if isinstance(columns[0], np.ndarray):
            values[name] = np.concatenate(columns)
        else:
            values[name] = pa.concat_arrays(columns)
    return type(first)(**values)
