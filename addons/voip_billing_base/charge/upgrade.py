"""What upgrades of the volume tables share."""

from odoo.tools import SQL


def set_aside(cr, table, indexes=()):
    """Rename a table, its partitions too, to ``<table>_v1``; True when it was there.

    :param indexes: names of its indexes that the new table wants; dropped
    """
    cr.execute(
        "SELECT inhrelid::regclass::text FROM pg_inherits"
        " WHERE inhparent = to_regclass(%s)",
        [table],
    )
    names = [table, *(row[0] for row in cr.fetchall())]
    cr.execute("SELECT to_regclass(%s) IS NOT NULL", [table])
    if not cr.fetchone()[0]:
        return False
    for name in indexes:
        cr.execute(SQL("DROP INDEX IF EXISTS %s", SQL.identifier(name)))
    for name in names:
        aside = f"{table}_v1{name[len(table) :]}"
        cr.execute(
            SQL(
                "ALTER TABLE %s RENAME TO %s",
                SQL.identifier(name),
                SQL.identifier(aside),
            )
        )
    return True


def months_of(cr, table, column):
    """First days of the months that a partitioned table has rows of."""
    cr.execute(
        SQL(
            "SELECT DISTINCT date_trunc('month', %s)::date FROM %s ORDER BY 1",
            SQL.identifier(column),
            SQL.identifier(table),
        )
    )
    return [row[0] for row in cr.fetchall()]


def expect_none(cr, query, what):
    """Stop the upgrade when ``query`` counts anything.

    :raises RuntimeError: naming what differs and how often
    """
    cr.execute(query)
    count = cr.fetchone()[0]
    if count:
        raise RuntimeError(f"{what}: {count} differ after the upgrade; nothing changed")
