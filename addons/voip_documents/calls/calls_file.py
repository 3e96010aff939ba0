"""Rated usage as CSV, zipped CSV or Parquet in a file, whatever its number of rows.

Rows go from PostgreSQL into the file in pieces: memory does not grow with them.
"""

import os
from hashlib import sha256
from tempfile import TemporaryFile
from threading import Thread
from zipfile import ZIP_DEFLATED, ZipFile

import pyarrow as pa
from pyarrow import csv, parquet

from ..const import MIMETYPES

TYPES = {
    "csv": MIMETYPES["csv"],
    "zip": "application/zip",
    "parquet": "application/vnd.apache.parquet",
}
PIECE = 1 << 20


# As RISKY and SPLIT of engine/cells.py: where a cell begins, here or elsewhere.
_BLANK = r"\s\u0001-\u001f\u007f-\u00a0\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
_FORMULA = rf'["{_BLANK}]*[=+@\uff1d\uff0b\uff0d\uff20-]'
_FIRST = rf"^({_FORMULA}|[\t\r\n])"
_LATER = rf"([;,\t\r\n])(?={_FORMULA})"


def harmless(column):
    """SQL of a text that no spreadsheet takes for a formula; numbers with + stay."""
    first = f"CASE WHEN {column} ~ '{_FIRST}' THEN '''' ELSE '' END"
    later = rf"regexp_replace({column}, '{_LATER}', '\1''', 'g')"
    risky = f"{column} ~ '{_FIRST}|{_LATER}' AND {column} !~ '^[+-][0-9]+$'"
    return f"CASE WHEN {risky} THEN {first} || {later} ELSE {column} END"


# Heading, SQL, type in Parquet.
COLUMNS = (
    ("Call ID", harmless("u.source_ref"), pa.string()),
    ("Account", harmless("a.code"), pa.string()),
    ("Service", harmless("s.code"), pa.string()),
    ("Type", "u.kind", pa.string()),
    ("Start", "to_char({start}, 'YYYY-MM-DD HH24:MI:SS')", pa.string()),
    ("Direction", "u.direction", pa.string()),
    ("Caller", harmless("u.caller"), pa.string()),
    ("Called", harmless("u.called"), pa.string()),
    ("Destination", harmless("u.label"), pa.string()),
    ("Prefix", "u.prefix", pa.string()),
    ("Answered", "u.answered", pa.bool_()),
    ("Duration (s)", "u.duration_seconds::numeric(12, 3)", pa.decimal128(12, 3)),
    ("Billed (s)", "u.billed_seconds", pa.int64()),
    ("Units", "u.units", pa.int64()),
    ("Rate", "u.unit_price::numeric(18, 8)", pa.decimal128(18, 8)),
    ("Connection Fee", "u.connect_fee::numeric(18, 8)", pa.decimal128(18, 8)),
    ("Rate Currency", "d.name", pa.string()),
    ("Amount", "u.amount::numeric(24, 8)", pa.decimal128(24, 8)),
    ("Currency", "c.name", pa.string()),
)
FROM = """
  FROM voip_usage u
  JOIN voip_account a ON a.id = u.account_id
  JOIN voip_service s ON s.id = u.service_id
  JOIN res_currency c ON c.id = u.currency_id
  LEFT JOIN res_currency d ON d.id = u.deck_currency_id
 WHERE u.summary_id = ANY({summaries}) AND u.started_at >= {first}
   AND u.started_at < {last}
 ORDER BY u.started_at, u.id
"""


def query(cr, summaries, first, last, tz):
    """The SQL that reads the rows of summaries.

    :param first, last: days that hold all of their days, a day more on either side for
        time zones; they tell PostgreSQL which months to read
    :param tz: the time zone of starts
    """
    start = "u.started_at AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s"
    cells = ", ".join(f'{sql} AS "{name}"' for name, sql, _type in COLUMNS)
    text = f"SELECT {cells}{FROM}".format(
        start=start,
        summaries="%(summaries)s",
        first="%(first)s::date - 1",
        last="%(last)s::date + 2",
    )
    # What is a percent sign of LIKE or of a pattern has no place in it.
    values = {"summaries": summaries, "first": first, "last": last, "tz": tz}
    return cr._obj.mogrify(text, values).decode()


def write(cr, sql, format_, name):
    """A temporary file of the rows.

    :param format_: one of :data:`TYPES`
    :param name: of the CSV within a ZIP, without ending
    :return: (open file at its beginning, its size, its SHA-256 in hexadecimal)
    """
    file = TemporaryFile()  # noqa: SIM115  whoever sends it closes it
    try:
        _WRITERS[format_](cr, sql, file, name)
        return file, file.tell() or file.seek(0, os.SEEK_END), _digest(file)
    except BaseException:
        file.close()
        raise


def _copy(cr, sql, file):
    cr._obj.copy_expert(f"COPY ({sql}) TO STDOUT (FORMAT csv, HEADER)", file, PIECE)


def _csv(cr, sql, file, _name):
    file.write(b"\xef\xbb\xbf")
    _copy(cr, sql, file)


def _zip(cr, sql, file, name):
    with (
        ZipFile(file, "w", ZIP_DEFLATED, compresslevel=1) as book,
        book.open(f"{name}.csv", "w", force_zip64=True) as part,
    ):
        _csv(cr, sql, part, name)


def _parquet(cr, sql, file, _name):
    reading, writing = os.pipe()
    types = {name: type_ for name, _sql, type_ in COLUMNS}
    failed = []

    def feed():
        try:
            with os.fdopen(writing, "wb") as end:
                _copy(cr, sql, end)
        except Exception as error:  # told by the thread that waits for it
            failed.append(error)

    feeder = Thread(target=feed, daemon=True)
    feeder.start()
    try:
        with os.fdopen(reading, "rb") as source:
            _to_parquet(source, file, types)
    finally:
        feeder.join()
    if failed:
        raise failed[0]


def _to_parquet(source, file, types):
    converted = csv.ConvertOptions(
        column_types=types, true_values=["t"], false_values=["f"]
    )
    read = csv.ReadOptions(block_size=PIECE, use_threads=False)
    with csv.open_csv(source, read_options=read, convert_options=converted) as batches:
        # Whoever closes the file is not the writer.
        with parquet.ParquetWriter(pa.PythonFile(file, "w"), batches.schema) as writer:
            for batch in batches:
                writer.write_batch(batch)


_WRITERS = {"csv": _csv, "zip": _zip, "parquet": _parquet}


def _digest(file):
    file.seek(0)
    digest = sha256()
    while piece := file.read(PIECE):
        digest.update(piece)
    file.seek(0)
    return digest.hexdigest()
