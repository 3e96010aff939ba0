"""The doors of the switches while the database is away in the middle of a call."""

from unittest.mock import patch

import psycopg2

from odoo.tests import tagged
from odoo.tools import mute_logger

from .test_door_http import QUIET, DoorCase

LOST = psycopg2.OperationalError("server closed the connection unexpectedly")


@tagged("post_install", "-at_install")
class TestDoorAway(DoorCase):
    def _broken(self, error):
        return patch.object(
            type(self.env["voip.cdr.batch"]), "_take_in", side_effect=error
        )

    def _call(self):
        return self._json2(
            "voip.cdr",
            "ingest",
            {"switch": self.switch.code, "records": [self._record("away")]},
        )

    @mute_logger(*QUIET)
    def test_a_call_that_loses_its_connection_is_to_be_sent_again(self):
        for error in (LOST, psycopg2.InterfaceError("connection already closed")):
            with self.subTest(error=repr(error)), self._broken(error):
                response = self._call()
            self.assertEqual(response.status_code, 503, response.text[:400])
            self.assertGreater(int(response.headers["Retry-After"]), 0)
            answer = response.json()
            self.assertIn("Send the same call again", answer["message"])
            self.assertNotIn("server closed", response.text)
        self.assertEqual(self._call().json()["accepted"], 1)

    @mute_logger(*QUIET)
    def test_an_error_of_the_program_is_none_of_the_database(self):
        with self._broken(ZeroDivisionError()):
            self.assertEqual(self._call().status_code, 500)

    @mute_logger(*QUIET)
    def test_a_path_that_does_not_exist_is_not_found_while_the_database_is_here(self):
        for path in ("/json/2", "/json/2/voip.cdr", "/json/2/voip.cdr/ingest/again"):
            with self.subTest(path):
                response = self._post(path, {})
                self.assertEqual(response.status_code, 404)
                self.assertIn("Did you mean", response.json()["message"])
