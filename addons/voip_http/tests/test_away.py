"""Which errors are answered with 503: those that pass when the call is sent again."""

import psycopg2
from psycopg2.pool import PoolError

from odoo.exceptions import UserError
from odoo.tests import BaseCase

from ..away import is_away


def coded(kind, code):
    return type(kind.__name__, (kind,), {"pgcode": code})("message of the server")


def caused(error, cause):
    error.__cause__ = cause
    return error


class TestAway(BaseCase):
    def test_errors_that_pass_are_told_from_those_that_stay(self):
        lost = psycopg2.OperationalError("server closed the connection unexpectedly")
        for error, away in (
            (lost, True),
            (psycopg2.InterfaceError("connection already closed"), True),
            (psycopg2.DatabaseError("no message from the libpq"), True),
            (PoolError("The Connection Pool Is Full"), True),
            (coded(psycopg2.OperationalError, "57P01"), True),
            (coded(psycopg2.OperationalError, "57P03"), True),
            (coded(psycopg2.OperationalError, "53300"), True),
            (coded(psycopg2.OperationalError, "40001"), True),
            (caused(RuntimeError(), lost), True),
            (coded(psycopg2.OperationalError, "54001"), False),
            (coded(psycopg2.DataError, "22003"), False),
            (coded(psycopg2.IntegrityError, "23505"), False),
            (coded(psycopg2.ProgrammingError, "42P01"), False),
            (psycopg2.ProgrammingError("can't adapt type 'dict'"), False),
            (psycopg2.DataError("a NUL"), False),
            (UserError("records: must be a list"), False),
            (KeyError("x"), False),
        ):
            with self.subTest(error=repr(error), code=getattr(error, "pgcode", None)):
                self.assertEqual(is_away(error), away)
