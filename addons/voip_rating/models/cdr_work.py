"""A batch from records to charged usage, in one transaction."""

import csv
import io
import time
from functools import partial

import numpy as np

from odoo.addons.voip_billing_base.models.money_cursor import lock_company
from odoo.addons.voip_billing_base.models.usage_writer import UsageWriter

from ..engine.rate import NO_TIME
from .cdr_context import RatingContext
from .cdr_parse import KNOWN, Limits, Records, columns_of, parse_records
from .cdr_rate import Rater
from .cdr_store import BatchStore
from .copy_queue import CopyQueue, DirectQueue, ahead

CHUNK = 25_000
THREADED_FROM = 20_000
CSV_FIELD_LIMIT = 131_072


class BadFile(ValueError):
    """A file that cannot be read as call records; the message says why."""


def limits_of(batch):
    company = batch.company_id
    return Limits(
        zone=batch.switch_id.tz or "UTC",
        now_us=time.time_ns() // 1000,
        max_age_days=company.voip_cdr_max_age_days,
        max_hours=company.voip_cdr_max_hours,
    )


def store_records(batch, dicts, keep_errors=0):
    """Accept a list of record dicts into ``batch``; nothing is rated yet.

    :return: :class:`~.cdr_store.BatchStore` with its counts
    """
    store = BatchStore(batch.env, batch, DirectQueue(batch.env.cr))
    columns, metadata = columns_of(dicts)
    records, errors = parse_records(columns, metadata, limits_of(batch))
    store.accept(records, errors, dicts.__getitem__, keep_errors)
    return store


def rate_stored(batches):
    """Rate what intakes of one switch stored under ``batches``; a rater for each."""
    env, company = batches.env, batches.company_id
    lock_company(env.cr, company.id)
    jobs = DirectQueue(env.cr)
    context = RatingContext(env, company, batches.switch_id)
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
    env = batch.env
    lock_company(env.cr, batch.company_id.id)
    context = RatingContext(env, batch.company_id, batch.switch_id)
    rater = Rater(context, batch, DirectQueue(env.cr))
    errors = rater.rate(records, ids)
    rater.finish()
    return rater, errors


def work_file(batch, file, progress):
    """Store and rate a CSV file of generic records, whole or not at all.

    :param file: binary file
    :param progress: callable of the rows done
    :return: ``(store, rater, totals by currency id)``
    :raises BadFile: the file has no usable header or encoding
    """
    env = batch.env
    lock_company(env.cr, batch.company_id.id)
    context = RatingContext(env, batch.company_id, batch.switch_id)
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    large = size > THREADED_FROM * 60
    jobs = CopyQueue(env.cr) if large else DirectQueue(env.cr)
    try:
        store = BatchStore(env, batch, jobs)
        rater = Rater(context, batch, jobs)
        chunks = _chunks(file, limits_of(batch))
        for records, errors, source in ahead(chunks) if large else chunks:
            accepted, ids = store.accept(records, errors, source, 100)
            if len(accepted):
                store.fail(accepted, ids, rater.rate(accepted, ids))
            jobs.post(partial(progress, store.received))
    except BaseException:
        jobs.abort()
        raise
    return store, rater, rater.finish()


# === Files === #


def _chunks(file, limits):
    """(records, errors, source) of every chunk of a CSV file."""
    header, rows = open_csv(file)
    position = 0
    while lines := _take(rows, CHUNK):
        yield _parse_lines(header, lines, limits, position)
        position += len(lines)


def open_csv(file):
    """(header, iterator of rows) of a CSV file; comma, semicolon or tab."""
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    csv.field_size_limit(CSV_FIELD_LIMIT)
    try:
        first = text.readline(CSV_FIELD_LIMIT)
    except UnicodeDecodeError as error:
        raise BadFile(f"the file is not UTF-8 text ({error.reason})") from error
    delimiter = max(",;\t", key=first.count)
    names = next(csv.reader([first], delimiter=delimiter), [])
    header = [name.strip().lower() for name in names]
    missing = {"call_id", "called", "start"} - set(header)
    if missing:
        raise BadFile(
            "the first line must name the columns; missing: "
            + ", ".join(sorted(missing))
        )
    repeated = {name for name in header if header.count(name) > 1}
    if repeated:
        raise BadFile(f"columns named twice: {', '.join(sorted(repeated))}")
    return header, csv.reader(text, delimiter=delimiter)


def _take(rows, count):
    lines = []
    try:
        for row in rows:
            if row:
                lines.append(row)
                if len(lines) == count:
                    break
    except (csv.Error, UnicodeDecodeError) as error:
        line = getattr(rows, "line_num", 0)
        raise BadFile(f"line {line + 1} cannot be read: {error}") from error
    return lines


def _parse_lines(header, lines, limits, position):
    width = len(header)
    ragged = {}
    for row, line in enumerate(lines):
        if len(line) != width:
            ragged[row] = (
                "missing_field",
                f"the row has {len(line)} columns, the header {width}",
            )
            lines[row] = (line + [""] * width)[:width]
    columns = dict(zip(header, map(list, zip(*lines, strict=True)), strict=True))
    known = {name: columns[name] for name in columns if name in KNOWN}
    metadata = _extras(header, columns, len(lines))
    records, errors = parse_records(known, metadata, limits, position)
    errors.update(ragged)

    def source(row):
        return dict(zip(header, lines[row], strict=True))

    return records, errors, source


def _extras(header, columns, count):
    extra = [name for name in header if name and name not in KNOWN]
    if not extra:
        return [""] * count
    _known, metadata = columns_of(
        [
            dict(zip(extra, values, strict=True))
            for values in zip(*(columns[name] for name in extra), strict=True)
        ]
    )
    return metadata


# === Stored records === #

UNREAD = (
    "sip_code",
    "hangup_cause",
    "pdd_ms",
    "mos",
    "packet_loss",
    "jitter_ms",
    "attempts",
    "metadata",
)
READ_SQL = """
SELECT id, position, call_id, leg, COALESCE(caller, ''), called,
       (extract(epoch FROM start) * 1000000)::bigint,
       (extract(epoch FROM answer) * 1000000)::bigint,
       (extract(epoch FROM "end") * 1000000)::bigint,
       duration_ms, answered, COALESCE(trunk, ''), COALESCE(account, ''),
       COALESCE(supplier_trunk, ''), direction, COALESCE(jurisdiction, ''),
       COALESCE(lrn, '')
  FROM voip_cdr_row
 WHERE batch_id = %s AND start BETWEEN %s AND %s
 ORDER BY position
"""


def _stored(batch):
    """(records, ids) in chunks of what is stored under ``batch``."""
    if not batch.first_start:
        return
    cr = batch.env.cr
    cr.execute(READ_SQL, [batch.id, batch.first_start, batch.last_start])
    rows = cr.fetchall()
    for start in range(0, len(rows), CHUNK):
        yield records_of(rows[start : start + CHUNK])


def records_of(rows):
    """(Records, ids) of rows as ``READ_SQL`` reads them; texts not needed are empty."""
    columns = list(map(list, zip(*rows, strict=True)))
    blank = [""] * len(rows)

    def moments(values):
        return np.array([NO_TIME if v is None else v for v in values], np.int64)

    records = Records(
        position=np.array(columns[1], np.int64),
        call_id=columns[2],
        leg=columns[3],
        caller=columns[4],
        called=columns[5],
        start=moments(columns[6]),
        answer=moments(columns[7]),
        end=moments(columns[8]),
        duration_ms=np.array(columns[9], np.int64),
        answered=np.array(columns[10], bool),
        trunk=columns[11],
        account=columns[12],
        supplier_trunk=columns[13],
        direction=columns[14],
        jurisdiction=columns[15],
        lrn=columns[16],
        **dict.fromkeys(UNREAD, blank),
    )
    return records, np.array(columns[0], np.int64)
