"""Whoever clicks while the database goes away reads a sentence."""

import json
from functools import partial
from unittest.mock import Mock, patch

import psycopg2

from odoo.sql_db import Cursor
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from ..away import UNDONE, UNSURE

WORDS = (
    "server closed the connection unexpectedly",
    "terminating connection due to administrator command",
)


def broken_commit(connection):
    """The error of a real cursor whose connection breaks at its commit."""
    cursor = Mock(spec=Cursor, _cnx=connection, postcommit=Mock())
    try:
        Cursor.commit(cursor)
    except psycopg2.Error as error:
        return error


def broken_flush(lost):
    """The error of a statement that was sent to prepare the commit."""
    cursor = Mock(precommit=Mock(run=Mock(side_effect=lost)), transaction=None)
    cursor.flush = partial(Cursor.flush, cursor)
    try:
        Cursor.commit(cursor)
    except psycopg2.Error as error:
        return error


@tagged("post_install", "-at_install")
class TestPerson(HttpCase):
    def setUp(self):
        super().setUp()
        self.authenticate("admin", "admin")

    def _broken(self, error):
        def web_read(*_arguments, **_values):
            raise error

        return patch.object(type(self.env["res.users"]), "web_read", web_read)

    @mute_logger("odoo.http", "odoo.sql_db")
    def _click(self, error):
        with self._broken(error):
            return self.url_open(
                "/web/dataset/call_kw/res.users/web_read",
                json={
                    "params": {
                        "model": "res.users",
                        "method": "web_read",
                        "args": [self.env.uid],
                        "kwargs": {"specification": {}},
                    }
                },
            )

    def assertSaid(self, response, sentence):
        self.assertIn(str(sentence), response.text)
        for words in (*WORDS, "psycopg2", "Traceback"):
            self.assertNotIn(words, response.text)

    def test_a_click_that_loses_its_connection_is_answered_with_a_sentence(self):
        for words in WORDS:
            response = self._click(psycopg2.OperationalError(words))
            self.assertEqual(response.status_code, 200)
            self.assertSaid(response, UNDONE)
            error = response.json()["error"]
            self.assertEqual(error["data"]["name"], "odoo.exceptions.UserError")
            self.assertEqual(error["data"]["message"], str(UNDONE))

    def test_what_may_have_been_stored_is_not_called_undone(self):
        lost = psycopg2.OperationalError(WORDS[0])
        connection = Mock(commit=Mock(side_effect=lost))
        self.assertSaid(self._click(broken_commit(connection)), UNSURE)
        lost = psycopg2.OperationalError(WORDS[0])
        self.assertSaid(self._click(broken_flush(lost)), UNDONE)

    def test_an_error_of_the_program_keeps_its_words(self):
        response = self._click(ZeroDivisionError("division by zero"))
        self.assertIn("division by zero", response.text)

    def test_downloads_and_pages_say_it_too(self):
        lost = psycopg2.OperationalError(WORDS[0])
        export = {
            "model": "res.partner",
            "fields": [{"name": "name", "label": "Name"}],
            "ids": self.env.user.partner_id.ids,
            "domain": [],
            "import_compat": False,
        }
        partner = type(self.env["res.partner"])
        with (
            patch.object(partner, "export_data", side_effect=lost),
            mute_logger("odoo.http", "odoo.addons.web.controllers.export"),
        ):
            response = self.url_open("/web/export/csv?data=" + json.dumps(export))
        self.assertEqual(response.status_code, 500)
        self.assertSaid(response, UNDONE)
        self.assertIn("odoo.exceptions.UserError", response.text)
        pages, name = type(self.env["ir.http"]), "webclient_rendering_context"
        with patch.object(pages, name, side_effect=lost), mute_logger("odoo.http"):
            response = self.url_open("/odoo")
        self.assertEqual(response.status_code, 503)
        self.assertSaid(response, UNDONE)
