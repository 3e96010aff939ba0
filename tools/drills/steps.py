"""Each step of a piece of work: every statement, COPY and commit, and a blow at one.

``with Steps(7, cut)`` cuts the connection before the seventh step of what runs inside.
A step is a statement or a COPY (its SQL), or ``commit`` and ``committed`` around the
commit of a transaction that has done something.
"""

import contextlib
import os
import signal
import threading
from unittest.mock import patch

import common
import psycopg2
from common import Failed, expect, fork
from psycopg2 import extensions

from odoo.sql_db import PsycoConnection

COMMIT, COMMITTED = "commit", "committed"
HELD = 4_711
# What ends or bounds a transaction waits for nobody.
BOUNDS = ("SAVEPOINT", "RELEASE", "ROLLBACK", COMMIT, COMMITTED)


class Steps:
    """Counts the steps of this process and strikes at number ``at`` (from 1).

    :param blow: ``blow(steps, connection, cursor)``, where ``cursor`` is None at a
        commit; it may raise
    :param counted: whether a step counts, from its text
    """

    def __init__(self, at, blow, counted=None):
        self.at, self.blow, self.counted = at, blow, counted
        self.count, self.struck, self.armed = 0, None, bool(at)
        self._lock = threading.RLock()

    def __enter__(self):
        _Cursor.steps = self
        self._patches = contextlib.ExitStack()
        make = lambda connection: extensions.connection.cursor(  # noqa: E731
            connection, cursor_factory=_Cursor
        )
        for name, value in (("cursor", make), ("commit", _commit)):
            self._patches.enter_context(
                patch.object(PsycoConnection, name, value, create=True)
            )
        return self

    def __exit__(self, *_error):
        self.armed = False
        self._patches.close()

    def step(self, connection, cursor, text):
        with self._lock:
            if not self.armed or self.counted and not self.counted(text):
                return
            self.count += 1
            if self.count >= self.at:
                self.struck = self.struck or " ".join(text.split())[:70]
                self.blow(self, connection, cursor)


class _Cursor(extensions.cursor):
    steps = None

    def execute(self, query, *arguments):
        text = query.decode() if isinstance(query, bytes) else str(query)
        self.steps.step(self.connection, self, text)
        return super().execute(query, *arguments)

    def copy_expert(self, sql, *arguments, **options):
        self.steps.step(self.connection, self, sql)
        return super().copy_expert(sql, *arguments, **options)


def _commit(connection):
    idle = connection.status == extensions.STATUS_READY
    if not idle:
        _Cursor.steps.step(connection, None, COMMIT)
    extensions.connection.commit(connection)
    if not idle:
        _Cursor.steps.step(connection, None, COMMITTED)


# === Blows === #


def cut(steps, connection, _cursor):
    """The server ends the session, as pg_terminate_backend does.

    Work whose session ends right after a commit may go on with another one: that is
    cut, too.
    """
    steps.armed = steps.struck == COMMITTED
    pid = connection.get_backend_pid()
    other = psycopg2.connect(dbname=connection.info.dbname)
    with other, other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 60000)", [pid])
        # What was cut after a commit is asked for its next statement, too.
        cursor.execute("SELECT FROM pg_stat_activity WHERE pid = %s", [pid])
        is_there = cursor.rowcount
    other.close()
    if is_there:
        raise Failed("the session is not cut")


def time_out(steps, _connection, cursor):
    """PostgreSQL cancels the statement for its time."""
    steps.armed = False
    _refused(cursor, "SET LOCAL statement_timeout = 1", "SELECT pg_sleep(5)")


def lock_out(_steps, connection, cursor):
    """PostgreSQL gives the lock up, at this statement and at all after it.

    Where workers are told, in another database, nothing is locked.
    """
    if connection.info.dbname == "postgres":
        return
    _refused(
        cursor,
        "SET LOCAL lock_timeout = 1",
        f"SELECT pg_advisory_xact_lock({HELD})",
    )


def _refused(cursor, *statements):
    for statement in statements:
        extensions.cursor.execute(cursor, statement)
    raise Failed("PostgreSQL lets the statement pass")


@contextlib.contextmanager
def lock_held(database):
    """The lock that :func:`lock_out` waits for is another session's."""
    other = psycopg2.connect(dbname=database)
    # Sealing waits for transactions that are older than its mark.
    other.autocommit = True
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [HELD])
    yield
    other.close()


def waits(text):
    """Whether a statement may meet a time limit."""
    return not text.lstrip().startswith(BOUNDS)


# === Blows in a child === #


def killed_at(at, work, counted=None):
    """Run ``work()`` in a child that dies before step ``at``; the step, or None."""
    return _in_child(at, _die, work, signal.SIGKILL, counted)


def killed_writing(at, work):
    """The same, where steps are what writes our tables or the books, and commits.

    What only reads leaves what was before it.
    """
    return killed_at(at, work, writes)


def writes(text):
    if text in (COMMIT, COMMITTED):
        return True
    verb = text.split(None, 1)[0].upper()
    is_ours = "voip_" in text or "account_move" in text
    return verb in ("INSERT", "UPDATE", "DELETE", "COPY") and is_ours


def cut_at(at, work, counted=None):
    """The same, but the child's session is cut, and it does what it then does."""
    return _in_child(at, cut, work, 0, counted)


def _die(_steps, _connection, _cursor):
    os.kill(os.getpid(), signal.SIGKILL)


def _in_child(at, blow, work, end, counted=None):
    """A child has no caches but the parent's, so that steps are the same each time."""

    def child(send):
        def strike(steps, connection, cursor):
            send(steps.struck)
            blow(steps, connection, cursor)

        with Steps(at, strike, counted), contextlib.suppress(psycopg2.Error):
            work()

    pid, pipe = fork(child)
    status = os.waitpid(pid, 0)[1]
    lines = common.lines_of(pipe)
    expect(status, end if lines else 0, "end of the process")
    return lines[-1] if lines else None
