"""A batch from records to charged usage, in one transaction."""

import io
import time
from collections import deque
from contextlib import nullcontext
from dataclasses import fields
from functools import partial

import pyarrow as pa

from odoo.addons.voip_billing_base.charge.transaction import lock_company
from odoo.addons.voip_billing_base.charge.writer import UsageWriter

from ..engine.rate import NO_TIME
from ..formats.convert import convert_all
from ..formats.files import chunks_in
from ..formats.source import JsonRows
from .bounds import without_refused
from .charge import CHARGE
from .check import Limits, Records, columns_of, parse_records
from .column import repeated
from .context import RatingContext
from .copy_queue import Ahead, CopyQueue, DirectQueue
from .rate import Rater
from .read import Tally, read_csv
from .store import BatchStore

CHUNK = 25_000
THREADED_FROM = 20_000
TELL_SECONDS = 1
# Chunks: while the first is rated its decks are compiled.
STORED_AHEAD = 5


def limits_of(batch):
    """What records of ``batch`` may be; times without a zone are of its format's."""
    company = batch.company_id
    return Limits(
        zone=batch.format_id.tz or batch.switch_id.tz or "UTC",
        now_us=time.time_ns() // 1000,
        max_age_days=company.voip_cdr_max_age_days,
        max_hours=company.voip_cdr_max_hours,
        tolerance_ms=batch.switch_id.duration_tolerance * 1000,
        charges=bool(batch.format_id.charge_values),
    )


def store_records(batch, dicts, keep_errors=0):
    """Accept a list of record dicts into ``batch``; nothing is rated yet.

    They are in the format of the batch.

    :return: :class:`~.store.BatchStore` with its counts
    """
    layout = batch.format_id._compiled()
    if layout:
        return _store_formatted(batch, layout, dicts, keep_errors)
    store = BatchStore(batch.env, batch, DirectQueue(batch.env.cr))
    columns, metadata = columns_of(dicts)
    records, errors = parse_records(columns, metadata, limits_of(batch))
    store.accept(records, errors, dicts.__getitem__, keep_errors)
    return store


def _store_formatted(batch, layout, dicts, keep_errors):
    parts = convert_all(layout, JsonRows(dicts), limits_of(batch))
    tally = Tally(len(dicts))
    tally.skip(len(dicts), parts)
    store = BatchStore(batch.env, batch, DirectQueue(batch.env.cr), tally)
    for found in parts:
        found.records.position = found.rows
        store.accept(found.records, found.errors, found.source, keep_errors)
    return store


def rate_stored(batches):
    """Rate what intakes of one switch stored under ``batches``; a rater for each.

    :raises OutOfBounds: of several batches; one alone is rated without the accounts
        that pass a limit
    """
    lock_company(batches.env.cr, batches.company_id.id)
    if len(batches) > 1:
        return _rate_stored(batches, {})
    return without_refused(batches.env, partial(_rate_stored, batches))


def _rate_stored(batches, refused):
    env, company = batches.env, batches.company_id
    jobs = DirectQueue(env.cr)
    context = RatingContext(env, company, batches.switch_id, refused=refused)
    writer = UsageWriter(env, company, batches[-1].id, batches[-1].name)
    raters = []
    for batch in batches:
        rater = Rater(context, batch, jobs, writer)
        store = BatchStore(env, batch, jobs)
        for records, ids in _stored(batch):
            store.fail(records, ids, rater.rate(records, ids))
        writer.book(batch.id, batch.name)
        raters.append(rater)
    writer.finish()
    return raters


def rate_records(batch, records, ids):
    """Rate records that are stored already; (rater, {row: problem})."""
    lock_company(batch.env.cr, batch.company_id.id)
    return without_refused(batch.env, partial(_rate_records, batch, records, ids))


def _rate_records(batch, records, ids, refused):
    env = batch.env
    context = RatingContext(env, batch.company_id, batch.switch_id, refused=refused)
    rater = Rater(context, batch, DirectQueue(env.cr))
    errors = rater.rate(records, ids)
    rater.finish()
    return rater, errors


def work_file(batch, file, progress):
    """Store and rate a file in the batch's format, whole or not at all.

    :param file: binary file
    :param progress: callable of the rows done
    :return: ``(store, rater, totals by currency id)``; ``store.tally`` counts lines
    :raises BadFile: the file has no usable header or encoding
    """
    lock_company(batch.env.cr, batch.company_id.id)
    return without_refused(batch.env, partial(_work_file, batch, file, progress))


def _work_file(batch, file, progress, refused):
    env = batch.env
    large = file.seek(0, io.SEEK_END) > THREADED_FROM * 60
    file.seek(0)
    tally = Tally()
    layout = batch.format_id._compiled()
    chunks = chunks_in(file, layout, limits_of(batch), tally)
    jobs = CopyQueue(env.cr) if large else DirectQueue(env.cr)
    try:
        with Ahead(chunks) if large else nullcontext(chunks) as parsed:
            store = BatchStore(env, batch, jobs, tally)
            context = RatingContext(
                env, batch.company_id, batch.switch_id, jobs.call, refused
            )
            rater = Rater(context, batch, jobs)
            told = time.monotonic()
            for records, ids in _accepted(store, parsed):
                if not len(records):
                    continue
                store.fail(records, ids, rater.rate(records, ids))
                if time.monotonic() - told > TELL_SECONDS:
                    told = time.monotonic()
                    jobs.post(partial(progress, store.received))
        return store, rater, rater.finish()
    except BaseException:
        jobs.abort()
        raise


def _accepted(store, chunks):
    """(records, ids) of each chunk, once those after it are stored.

    So the server writes call records while the ones before them are rated.
    """
    stored = deque()
    for records, errors, source in chunks:
        stored.append(store.accept(records, errors, source, 100))
        if len(stored) > STORED_AHEAD:
            yield stored.popleft()
    yield from stored


# === Stored records === #

READ = {
    "id": ("id", pa.int64()),
    "position": ("position", pa.int64()),
    "call_id": ("call_id", pa.string()),
    "leg": ("COALESCE(leg, 'a')", pa.string()),
    "caller": ("caller", pa.string()),
    "called": ("called", pa.string()),
    "start": ("(extract(epoch FROM start) * 1000000)::bigint", pa.int64()),
    "answer": ("(extract(epoch FROM answer) * 1000000)::bigint", pa.int64()),
    "end": ('(extract(epoch FROM "end") * 1000000)::bigint', pa.int64()),
    "duration_ms": ("duration_ms", pa.int64()),
    "answered": ("answered", pa.bool_()),
    "trunk": ("trunk", pa.string()),
    "account": ("account", pa.string()),
    "supplier_trunk": ("supplier_trunk", pa.string()),
    "direction": ("COALESCE(direction, 'outbound')", pa.string()),
    "jurisdiction": ("jurisdiction", pa.string()),
    "lrn": ("lrn", pa.string()),
    "charge": (f"metadata ->> '{CHARGE}'", pa.string()),
}
UNREAD = tuple(field.name for field in fields(Records) if field.name not in READ)


def _stored(batch):
    """(records, ids) in chunks of what is stored under ``batch``."""
    if not batch.first_start:
        return
    cr, stream = batch.env.cr, io.BytesIO()
    selected = ", ".join(sql for sql, _kind in READ.values())
    query = cr.mogrify(
        f"SELECT {selected} FROM voip_cdr_row"
        " WHERE batch_id = %s AND start BETWEEN %s AND %s ORDER BY position",
        [batch.id, batch.first_start, batch.last_start],
    )
    cr._obj.copy_expert(f"COPY ({query.decode()}) TO STDOUT (FORMAT csv)", stream)
    kinds = {name: kind for name, (_sql, kind) in READ.items()}
    table = read_csv(stream.getbuffer(), kinds)
    for start in range(0, len(table), CHUNK):
        yield records_of(table.slice(start, CHUNK))


def records_of(table):
    """(Records, ids) of a table of the columns of ``READ``; other texts are empty."""
    blank = repeated("", len(table))
    columns = {}
    for name, column in zip(table.column_names, table.columns, strict=True):
        array = column.combine_chunks()
        if array.type != pa.string():
            array = array.fill_null(NO_TIME) if array.null_count else array
            array = array.to_numpy(zero_copy_only=False)
        columns[name] = array
    ids = columns.pop("id")
    return Records(**columns, **dict.fromkeys(UNREAD, blank)), ids
