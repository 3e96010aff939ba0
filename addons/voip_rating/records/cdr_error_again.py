"""Records in error are rated again: as they are now, corrected, each call once."""

import io
import json

import numpy as np
import pyarrow as pa

from odoo import models

from ..calls.charge import CHARGE
from ..calls.check import columns_of, parse_records
from ..calls.copy_queue import DirectQueue
from ..calls.corrected import Base, reread
from ..calls.read import read_csv
from ..calls.store import BatchStore
from ..calls.undo import FREED_KEY
from ..calls.work import READ, limits_of, rate_records, records_of
from .cdr_error_words import IDENTITY

STORED_SQL = f"""
SELECT {", ".join(sql for sql, _kind in READ.values())} FROM voip_cdr_row
 WHERE id = ANY(%s::bigint[]) AND start BETWEEN %s AND %s ORDER BY id
"""
# The record that holds the key of a call, about that month, and its open or dismissed
# error, if it has one.
HOLDER_SQL = """
SELECT k.cdr_id, e.id
  FROM voip_cdr_key k
  LEFT JOIN voip_cdr_error e ON e.cdr_id = k.cdr_id AND e.state <> 'fixed'
 WHERE k.key = voip_cdr_key_of(%(call)s, %(switch)s, %(leg)s)
   AND k.switch_id = %(switch)s
   AND k.month BETWEEN %(month)s::date - interval '1 month'
                   AND %(month)s::date + interval '1 month'
"""
FREE_SQL = f"""
UPDATE voip_cdr_key k SET key = {FREED_KEY}
 WHERE k.key = voip_cdr_key_of(%(call)s, %(switch)s, %(leg)s)
   AND k.switch_id = %(switch)s AND k.cdr_id = %(cdr)s
"""


class VoipCdrError(models.Model):
    _inherit = "voip.cdr.error"

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
        bases = errors._bases(batch)
        records, problems = errors._corrected(batch, bases)
        records, ids, owners = self._stored(batch, errors, bases, records, problems)
        if len(records):
            rater, unrated = rate_records(batch, records, ids)
            problems.update({owners[row]: why for row, why in unrated.items()})
            batch.write(
                {
                    "rated": batch.rated + rater.rated,
                    "zero_rated": batch.zero_rated + rater.zero,
                }
            )
        for row, error in enumerate(errors):
            if row in problems:
                code, message = problems[row]
                error.write({"code": code, "message": message})
            else:
                error.write({"state": "fixed", "message": error._rated_text()})

    def _corrected(self, batch, bases):
        """(records, {row: problem}) of these errors with their corrections.

        :param bases: what :meth:`_bases` says
        """
        corrections = [error._correction() for error in self]
        dicts = [
            base.fields | (_but_identity(correction) if error.cdr_id else correction)
            for error, base, correction in zip(self, bases, corrections, strict=True)
        ]
        columns, metadata = columns_of(dicts)
        records, problems = parse_records(columns, metadata, limits_of(batch))
        records.position = np.array([error.position - 1 for error in self])
        for row, (error, base) in enumerate(zip(self, bases, strict=True)):
            if base.unread and not base.unread[2] & corrections[row].keys():
                problems[row] = base.unread[:2]
            if CHARGE in corrections[row] and CHARGE not in base.fields:
                why = self.env._("%s: this record is a call, no charge.", CHARGE)
                problems[row] = error.code, why
            # What is rated was checked when it was.
            if error.cdr_id and error.state == "open":
                if names := error._changed_identity(corrections[row]):
                    problems[row] = error.code, error._identity_refusal(names[0])
        return records, problems

    def _identity_refusal(self, name):
        return self.env._(
            "%(name)s: this call is stored as it came, with another value it would be"
            " another call. Dismiss it and send the right record, or undo batch"
            " %(batch)s and send its records again.",
            name=name,
            batch=self.batch_id.name,
        )

    def _bases(self, batch):
        """:class:`~..calls.corrected.Base` of each: as it came, its call as stored."""
        stored = self._stored_dicts(batch)
        layout, limits = batch.format_id._compiled(), limits_of(batch)
        posted = batch.door != "file"
        bases = []
        for error in self:
            if error.cdr_id:
                sent = error._stored_fields()
                base = Base(_as_stored(sent, stored[error.cdr_id]))
            else:
                base = reread(error.payload, layout, limits, posted)
            bases.append(base)
        return bases

    def _stored_dicts(self, batch):
        """{record id: dict} of those that are stored."""
        ids = [error.cdr_id for error in self if error.cdr_id]
        if not ids:
            return {}
        cr, stream = self.env.cr, io.BytesIO()
        query = cr.mogrify(STORED_SQL, [ids, batch.first_start, batch.last_start])
        cr._obj.copy_expert(f"COPY ({query.decode()}) TO STDOUT (FORMAT csv)", stream)
        kinds = {name: kind for name, (_sql, kind) in READ.items()}
        records, ids = records_of(read_csv(stream.getbuffer(), kinds))
        return {key: records.payload(row) for row, key in enumerate(ids.tolist())}

    def _stored(self, batch, errors, bases, records, problems):
        """Records to rate with their ids; refused ones are stored first.

        :return: (records, ids, owners): row in ``errors`` of each record
        """
        kept = [r for r, e in enumerate(errors) if e.cdr_id and r not in problems]
        new = [r for r, e in enumerate(errors) if not e.cdr_id and r not in problems]
        parts = [(records.take(np.array(kept, np.int64)), kept)]
        ids = [np.array([errors[row].cdr_id for row in kept], np.int64)]
        for row in new:
            one = records.take(np.array([row], np.int64))
            accepted, fresh, why = errors[row]._store(batch, bases[row], one)
            if why:
                problems[row] = ("conflict", why)
                continue
            parts.append((accepted, [row]))
            ids.append(fresh)
        rows = [row for _records, owners in parts for row in owners]
        return _joined([part for part, _o in parts]), np.concatenate(ids), rows

    def _store(self, batch, base, record):
        """Store one record that was refused whole.

        :param base: the record as it was read, without corrections

        :return: (records, ids, why not)
        """
        store = BatchStore(self.env, batch, DirectQueue(self.env.cr))
        accepted, fresh = store.take_corrected(record)
        if not len(accepted):
            if why := self._not_replaceable(batch, record):
                return accepted, fresh, why
            store = BatchStore(self.env, batch, DirectQueue(self.env.cr))
            accepted, fresh = store.take_corrected(record)
        batch._widen(store)
        self.write(
            {
                "stored_base": json.dumps(base.fields),
                "stored_fix": json.dumps(self._correction()),
                "cdr_id": int(fresh[0]),
                "call_id": accepted.text("call_id", 0),
            }
        )
        return accepted, fresh, None

    def _not_replaceable(self, batch, record):
        """Why an earlier record of the call stays; None: all were dismissed and give
        way."""
        call = {
            "call": record.text("call_id", 0),
            "leg": record.text("leg", 0),
            "switch": batch.switch_id.id,
            "month": str(np.datetime64(int(record.start[0]), "us"))[:7] + "-01",
        }
        self.env.cr.execute(HOLDER_SQL, call)
        holders = self.env.cr.fetchall()
        for _cdr_id, error_id in holders:
            earlier = self.browse(error_id)
            if earlier.state != "dismissed":
                return self._earlier_text(earlier)
        for cdr_id, error_id in holders:
            self.env.cr.execute(FREE_SQL, {**call, "cdr": cdr_id})
            self.browse(error_id).sudo().replaced = True
        return None

    def _earlier_text(self, earlier):
        if not earlier:
            return self.env._("call_id: this call was accepted before")
        return self.env._(
            "call_id: this call was accepted before and is in error itself, row"
            " %(row)s of batch %(batch)s. Correct that one, or dismiss it and rate this"
            " one again.",
            row=earlier.position,
            batch=earlier.batch_id.name,
        )


def _as_stored(sent, stored):
    """A record as sent, but what it is known by as it is stored."""
    known = {name: value for name, value in stored.items() if name in IDENTITY}
    return _but_identity(sent) | known


def _but_identity(values):
    return {name: value for name, value in values.items() if name not in IDENTITY}


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
