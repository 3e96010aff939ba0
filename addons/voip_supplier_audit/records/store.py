"""Many call records of a supplier into their table, each once."""

import io

import pyarrow as pa

from odoo.addons.voip_billing_base.charge.transaction import (
    copy_stream,
    ensure_partitions,
)
from odoo.addons.voip_billing_base.engine.copy_lines import content

from .values import COLUMNS

STAGE = """
DROP TABLE IF EXISTS pg_temp.voip_supplier_stage;
CREATE TEMP TABLE voip_supplier_stage (
    LIKE voip_supplier_record_row, position integer NOT NULL
) ON COMMIT DROP
"""
# What is there with other content is a conflict; it is looked for in all months,
# because another start may be what differs.
CONFLICT = """
SELECT s.position FROM voip_supplier_stage s
  JOIN voip_supplier_record_row r ON r.invoice_id = s.invoice_id AND r.key = s.key
 WHERE r.mark <> s.mark
"""
INSIDE = """
SELECT position FROM (
    SELECT position, mark, first_value(mark) OVER (PARTITION BY key ORDER BY position)
           AS first FROM voip_supplier_stage) x
 WHERE mark <> first
"""
DROP = "DELETE FROM voip_supplier_stage WHERE position = ANY(%s)"
_NAMES = ", ".join(COLUMNS)
# What masks a digit is a 0; whatever else is no digit falls out. Most are digits alone,
# which is told at half the cost.
NUMBER = (
    "CASE WHEN ltrim({0}, '0123456789') = '' AND length({0}) BETWEEN 1 AND 18"
    " THEN {0}::bigint ELSE COALESCE(NULLIF(left(regexp_replace(translate({0}, 'xX*',"
    " '000'), '[^0-9]', '', 'g'), 18), '')::bigint, 0) END"
)
TAKE = f"""
INSERT INTO voip_supplier_record_row ({_NAMES}, caller_number, called_number)
SELECT {_NAMES}, {NUMBER.format("caller")}, {NUMBER.format("called")}
  FROM voip_supplier_stage ORDER BY position
    ON CONFLICT DO NOTHING
"""
UNIQUE = ["invoice_id", "key"]
_KEY = COLUMNS.index("key")


def store(env, rows):
    """Bring records in.

    :param rows: list of tuples in the order of
        :data:`~.values.COLUMNS`, all of one invoice that the caller has locked
    :return: ``(stored, duplicates, positions in conflict with what is there)``
    """
    lines = "".join(
        "\t".join((*map(_copied, row), str(position))) + "\n"
        for position, row in enumerate(rows)
    )
    stream = io.BytesIO(lines.encode())
    keys = {row[_KEY] for row in rows}
    return _stored(env, stream, _months(rows), len(rows), len(keys) == len(rows))


def store_block(env, block, digest, invoice):
    """Bring records of a file in.

    :param block: :class:`~.block.Block` of an invoice that the caller has locked
    :param digest: SHA-256 of the file, hexadecimal
    :return: as :func:`store`
    """
    lines = block.lines_of(digest, invoice.company_id.id, invoice.id)
    # Lines of a file are told apart by their numbers.
    with pa.BufferReader(content(lines)) as stream:
        return _stored(env, stream, block.months(), len(block), True)


def _stored(env, stream, months, count, is_distinct):
    """See :func:`store`.

    :param stream: lines of COPY in the order of the columns, the position at last
    :param is_distinct: no key is there twice
    """
    ensure_partitions(env, "voip_supplier_record_row", months, UNIQUE)
    cr = env.cr
    cr.execute(STAGE)
    cr.execute("ALTER TABLE voip_supplier_stage ALTER COLUMN id DROP NOT NULL")
    copy_stream(cr, "voip_supplier_stage", (*COLUMNS, "position"), stream)
    conflicts = set()
    for question in (CONFLICT,) if is_distinct else (CONFLICT, INSIDE):
        cr.execute(question)
        conflicts |= {position for (position,) in cr.fetchall()}
    if conflicts:
        cr.execute(DROP, [list(conflicts)])
    cr.execute(TAKE)
    stored = cr.rowcount
    return stored, count - len(conflicts) - stored, sorted(conflicts)


def _months(rows):
    return {row[0].date().replace(day=1) for row in rows}


def _copied(value):
    if value is None:
        return "\\N"
    return str(value).replace("\\", "\\\\")
