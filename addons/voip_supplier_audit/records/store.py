"""Many call records of a supplier into their table, each once."""

import io

from odoo.addons.voip_billing_base.charge.transaction import ensure_partitions

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
TAKE = f"""
INSERT INTO voip_supplier_record_row ({_NAMES})
SELECT {_NAMES} FROM voip_supplier_stage ORDER BY position
    ON CONFLICT DO NOTHING
"""
UNIQUE = ["invoice_id", "key"]


def store(env, rows):
    """Bring records in.

    :param rows: list of tuples in the order of
        :data:`~.values.COLUMNS`, all of one invoice that the caller has locked
    :return: ``(stored, duplicates, positions in conflict with what is there)``
    """
    ensure_partitions(env, "voip_supplier_record_row", _months(rows), UNIQUE)
    cr = env.cr
    cr.execute(STAGE)
    cr.execute("ALTER TABLE voip_supplier_stage ALTER COLUMN id DROP NOT NULL")
    lines = io.StringIO(
        "".join(
            "\t".join((*map(_copied, row), str(position))) + "\n"
            for position, row in enumerate(rows)
        )
    )
    names = ", ".join((*COLUMNS, "position"))
    cr._obj.copy_expert(f"COPY voip_supplier_stage ({names}) FROM STDIN", lines)
    conflicts = set()
    for question in (CONFLICT, INSIDE):
        cr.execute(question)
        conflicts |= {position for (position,) in cr.fetchall()}
    cr.execute(DROP, [list(conflicts)])
    cr.execute(TAKE)
    stored = cr.rowcount
    return stored, len(rows) - len(conflicts) - stored, sorted(conflicts)


def _months(rows):
    return {row[0].date().replace(day=1) for row in rows}


def _copied(value):
    if value is None:
        return "\\N"
    return str(value).replace("\\", "\\\\")
