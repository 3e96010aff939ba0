"""Plans of statements about rows that were made just now, which nobody has counted."""

import logging
from contextlib import contextmanager

from psycopg2.errors import InsufficientPrivilege

from odoo.tools import SQL

_logger = logging.getLogger(__name__)

# Sorts and joins of a whole sheet, or of a batch's groups, go on in memory.  Their
# plans are not compiled: that takes longer than it saves, up to a second for each.
MEMORY = "SET LOCAL work_mem = '256MB'; SET LOCAL jit = off"
USUAL_MEMORY = "SET LOCAL work_mem TO DEFAULT; SET LOCAL jit TO DEFAULT"
# A loop that no other join can stand for is then taken to be endlessly dear, and would
# be compiled with all that PostgreSQL has.
NO_LOOPS = "SET LOCAL enable_nestloop = off; SET LOCAL jit = off"
USUAL_LOOPS = "SET LOCAL enable_nestloop TO DEFAULT; SET LOCAL jit TO DEFAULT"


def never_compile(cr):
    """Let no statement of this database be compiled (PostgreSQL's ``jit``).

    Statements over many joins are taken to be dear, and compiling them was a third
    of a statement of account and a quarter of a rate sheet.  Who does not own the
    database is told what its owner can do.
    """
    try:
        with cr.savepoint(flush=False):
            cr.execute(
                SQL("ALTER DATABASE %s SET jit = off", SQL.identifier(cr.dbname))
            )
    except InsufficientPrivilege:
        _logger.info(
            "%s is not ours: let its owner run ALTER DATABASE ... SET jit = off",
            cr.dbname,
        )


@contextmanager
def no_nested_loops(cr):
    """Tables are joined as large ones are, however small they are taken to be."""
    cr.execute(NO_LOOPS)
    yield
    cr.execute(USUAL_LOOPS)


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
