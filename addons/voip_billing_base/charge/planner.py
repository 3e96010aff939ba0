"""Plans of statements about rows that were made just now, which nobody has counted."""

from contextlib import contextmanager

from odoo.tools import SQL

# Sorts and joins of a whole sheet, or of a batch's groups, go on in memory.
MEMORY = "SET LOCAL work_mem = '256MB'"
USUAL_MEMORY = "SET LOCAL work_mem TO DEFAULT"


@contextmanager
def no_nested_loops(cr):
    """Tables are joined as large ones are, however small they are taken to be."""
    cr.execute("SET LOCAL enable_nestloop = off")
    yield
    cr.execute("SET LOCAL enable_nestloop TO DEFAULT")


@contextmanager
def in_memory(cr):
    """Nothing is sorted or joined on the disk that memory holds."""
    cr.execute(MEMORY)
    yield
    cr.execute(USUAL_MEMORY)


@contextmanager
def few_groups(cr):
    """Sums are few, though as many are expected as rows: they are not sorted for."""
    with in_memory(cr):
        cr.execute(
            "SET LOCAL parallel_setup_cost = 0; SET LOCAL parallel_tuple_cost = 0"
        )
        yield
        cr.execute(
            "SET LOCAL parallel_setup_cost TO DEFAULT;"
            " SET LOCAL parallel_tuple_cost TO DEFAULT"
        )


def run_steps(cr, steps, params):
    """Run statements one after the other, and count what each has made.

    :param steps: [(statement, name of the table that it fills)]
    """
    for statement, table in steps:
        cr.execute(statement, params)
        cr.execute(SQL("ANALYZE %s", SQL.identifier(table)))
