"""Which errors pass by themselves, and when work is tried again."""

import errno

import psycopg2
from psycopg2 import errors
from psycopg2.pool import PoolError

from odoo.exceptions import UserError, ValidationError
from odoo.tests import BaseCase, tagged

from ..charge.retry import temporary_kind, wait_seconds
from ..charge.transaction import RetryTransaction


class Coded(psycopg2.OperationalError):
    """An error of the server with a SQLSTATE."""

    pgcode = None

    def __init__(self, code):
        super().__init__(code)
        self.pgcode = code


def caused(error, cause):
    error.__cause__ = cause
    return error


TEMPORARY = [
    (Coded("57014"), "busy"),  # statement timeout
    (Coded("55P03"), "busy"),  # lock timeout
    (Coded("40001"), "busy"),  # serialization failure
    (Coded("40P01"), "busy"),  # deadlock
    (RetryTransaction(), "busy"),
    (Coded("57P01"), "away"),  # admin shutdown
    (Coded("57P02"), "away"),
    (Coded("57P03"), "away"),  # starting
    (Coded("08006"), "away"),
    (psycopg2.OperationalError("server closed the connection unexpectedly"), "away"),
    (psycopg2.InterfaceError("connection already closed"), "away"),
    (psycopg2.DatabaseError("no message from the libpq"), "away"),
    (ConnectionResetError(), "away"),
    (Coded("53100"), "full"),
    (OSError(errno.ENOSPC, "No space left on device"), "full"),
    (Coded("53200"), "memory"),
    (MemoryError(), "memory"),
    (Coded("53300"), "crowded"),
    (PoolError("The Connection Pool Is Full"), "crowded"),
    (OSError(errno.EMFILE, "Too many open files"), "crowded"),
    (RuntimeError("can't start new thread"), "crowded"),
    (caused(UserError("busy"), Coded("55P03")), "busy"),
]
PERMANENT = [
    UserError("no deck"),
    ValidationError("no"),
    ValueError("line 5 cannot be read"),
    KeyError("x"),
    ZeroDivisionError(),
    FileNotFoundError(errno.ENOENT, "gone"),
    RuntimeError("other"),
    Coded("22003"),
    Coded("42703"),
    Coded("23505"),
    Coded("54001"),
]


@tagged("post_install", "-at_install")
class TestRetry(BaseCase):
    def test_what_passes_by_itself_is_told_from_what_can_never_work(self):
        for error, kind in TEMPORARY:
            with self.subTest(error=repr(error)):
                self.assertEqual(temporary_kind(error), kind)
        for error in PERMANENT:
            with self.subTest(error=repr(error)):
                self.assertIsNone(temporary_kind(error))

    def test_codes_are_those_that_the_driver_raises(self):
        for code, name in (
            ("57P01", "AdminShutdown"),
            ("57P03", "CannotConnectNow"),
            ("40P01", "DeadlockDetected"),
            ("53100", "DiskFull"),
            ("55P03", "LockNotAvailable"),
            ("53200", "OutOfMemory"),
            ("57014", "QueryCanceled"),
            ("40001", "SerializationFailure"),
            ("53300", "TooManyConnections"),
        ):
            with self.subTest(name):
                self.assertEqual(errors.lookup(code).__name__, name)

    def test_tries_come_at_growing_distances_and_never_end(self):
        waits = [wait_seconds(tries) for tries in (1, 2, 3, 4, 5, 6, 1_000)]
        self.assertEqual(waits, [5, 15, 60, 300, 900, 900, 900])
