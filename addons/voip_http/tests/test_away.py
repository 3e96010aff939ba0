"""What is answered with 503: what passes when the call is sent again."""

from unittest.mock import patch

import psycopg2
from psycopg2.pool import PoolError

from odoo.exceptions import UserError
from odoo.http import RegistryError, Request
from odoo.tests import BaseCase, HttpCase, tagged
from odoo.tools import mute_logger

from ..away import is_away
from ..controllers import away as controller


def coded(kind, code):
    return type(kind.__name__, (kind,), {"pgcode": code})("message of the server")


def caused(error, cause):
    error.__cause__ = cause
    return error


@tagged("post_install", "-at_install")
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


@tagged("post_install", "-at_install")
class TestAwayPages(HttpCase):
    def _status(self, is_there, path="/voip/netting/unknown"):
        """(status, Retry-After) of a page whose database cannot be opened."""
        with (
            patch.object(Request, "_serve_db", side_effect=RegistryError("away")),
            patch.object(controller, "should_have_database", return_value=is_there),
            mute_logger("odoo.http"),
        ):
            response = self.url_open(path, allow_redirects=False)
        return response.status_code, response.headers.get("Retry-After")

    def test_a_page_is_to_be_asked_for_again_while_the_database_is_away(self):
        """The link of a partner is not unknown then, as Odoo alone says."""
        for path in ("/voip/netting/unknown", "/my/home", "/voip/brevo/unknown"):
            with self.subTest(path=path):
                self.assertEqual(self._status(True, path), (503, "5"))

    def test_a_database_that_does_not_exist_is_no_matter_of_waiting(self):
        self.assertEqual(self._status(False), (404, None))
