"""Transactions that move money: READ COMMITTED, short retries, one lock order.

Odoo's own cursors are REPEATABLE READ and its retry sleeps whole seconds; a hot wallet
row then serialises at some thirty changes a second. Here a fresh cursor re-reads rows
after waiting for their lock, and a conflict is retried within milliseconds.
"""

import logging
import random
import time

import numpy as np
import pyarrow as pa
from psycopg2 import errors

from odoo.modules import module as odoo_module

from ..engine.copy_lines import content

_logger = logging.getLogger(__name__)
RETRIES = 20
JITTER_SECONDS = 0.05
USAGE_BLOCK = 100  # ids of rated usage that its sequence hands out at once


class RetryTransaction(Exception):
    """Raised inside a money transaction when its reads turned out to be stale."""


RETRIED = (
    RetryTransaction,
    errors.SerializationFailure,
    errors.DeadlockDetected,
    errors.LockNotAvailable,
)


def run_money(env, func):
    """Run ``func(env)`` in its own READ COMMITTED transaction and commit it.

    Locks are taken by ``func`` in this order: company, summaries, wallets by id.
    Conflicts are retried up to 20 times with at most 50 ms of jitter; every other error
    rolls back and propagates. Inside Odoo's test runner the test's own transaction is
    used, because nothing outside could see its records.

    :param func: callable of one environment; may run more than once
    :return: whatever ``func`` returns
    :raises psycopg2.Error: when the conflict persists or the connection is lost; a
        caller that lost its connection looks its key up before it sends again
    """
    if odoo_module.current_test:
        with env.cr.savepoint():
            return func(env)
    for attempt in range(1, RETRIES + 1):
        try:
            with env.registry.cursor() as cr:
                cr.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
                money_env = env(cr=cr)
                result = func(money_env)
                money_env.flush_all()
                return result
        except RETRIED as error:
            if attempt == RETRIES:
                raise
            _logger.info("Money transaction retried (%s): %s", attempt, error)
            time.sleep(random.uniform(0, JITTER_SECONDS))
    raise AssertionError("unreachable")


def in_money(record, work):
    """Call ``work`` with ``record`` in a money transaction.

    Where the caller's own transaction has changed anything it is done there: another
    would neither see that nor get past its locks.
    """
    env = record.env
    env.flush_all()
    env.cr.execute("SELECT pg_current_xact_id_if_assigned() IS NULL")
    if env.cr.fetchone()[0]:
        return run_money(env, lambda money: work(record.with_env(money)))
    return work(record)


def lock_company(cr, company_id):
    """Serialise rating and billing of one company for the rest of the transaction.

    The lock lives on the transaction's own connection: when that connection is cut the
    work is rolled back together with the lock.
    """
    cr.execute(
        "SELECT pg_advisory_xact_lock(hashtext('voip_company'), %s)", [company_id]
    )


def ensure_partitions(env, table, months, unique=None):
    """Create the missing monthly partitions of ``table``.

    :param months: iterable of ``date``, any day of each month
    :param unique: list of columns that are unique within each month
    Runs in its own short transaction, so that others see them at once: who needs the
    same month waits for that commit, and nobody else waits. No statement of it takes
    longer than one of the caller's may.
    """
    wanted = sorted({month.replace(day=1) for month in months})
    env.cr.execute(
        "SELECT m, current_setting('statement_timeout') FROM unnest(%s::date[]) m"
        " WHERE to_regclass(%s || '_' || to_char(m, 'YYYYMM')) IS NULL",
        [wanted, table],
    )
    found = env.cr.fetchall()
    if not found:
        return
    missing = [row[0] for row in found]

    def make(own):
        own.cr.execute(
            "SELECT set_config('statement_timeout', %s, true)", [found[0][1]]
        )
        own.cr.execute(
            "SELECT voip_ensure_partition(%s, m, %s) FROM unnest(%s::date[]) m",
            [table, unique, missing],
        )

    run_money(env, make)


def usage_ids(cr, count):
    """Fresh ids (int64 array) of rated usage."""
    cr.execute(
        "SELECT nextval('voip_usage_row_block_seq') FROM generate_series(1, %s)",
        [-(-count // USAGE_BLOCK)],
    )
    blocks = np.array([row[0] for row in cr.fetchall()], np.int64)
    return (blocks[:, None] + np.arange(USAGE_BLOCK)).reshape(-1)[:count]


def copy_lines(cr, table, columns, lines):
    """COPY lines of :mod:`~..engine.copy_lines` into ``table``.

    One read hands a megabyte to libpq, so that a thread which copies seldom waits for
    the interpreter lock.
    """
    with pa.BufferReader(content(lines)) as stream:
        copy_stream(cr, table, columns, stream)


def copy_stream(cr, table, columns, stream):
    """COPY what ``stream.read(size)`` gives into ``table``."""
    names = ", ".join(columns)
    cr._obj.copy_expert(f"COPY {table} ({names}) FROM STDIN", stream, size=1 << 20)
