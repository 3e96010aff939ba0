"""A text that no database keeps is its sender's error, whatever argument it is."""

import json
from inspect import Parameter, signature

from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.voip_rating.tests.test_door_http import QUIET
from odoo.addons.voip_rating.tests.test_switch_methods import (
    ARGUMENTS,
    DOORS,
    TestSwitchMethods,
)

TEXTS = ("\x00", "a\x00b", "\ud800", "\udc00")
STARS = (Parameter.VAR_KEYWORD, Parameter.VAR_POSITIONAL)
# What brings a call as far as the argument in question.
KNOWN = {**ARGUMENTS, "kind": "statement", "format": "csv", "view": "ledger"}


@tagged("post_install", "-at_install")
class TestMethodTexts(TestSwitchMethods, HttpCase):
    def setUp(self):
        super().setUp()
        keys = self.env["res.users.apikeys"].with_user(self.users["admin"]).sudo()
        self.key = keys._generate("rpc", "texts", None)
        self.env.flush_all()

    def _has_example(self, model):
        return True  # what is called needs no record

    def _send(self, name, method, arguments):
        return self.url_open(
            f"/json/2/{name}/{method}",
            data=json.dumps(arguments).encode(),
            headers={
                "Authorization": f"bearer {self.key}",
                "Content-Type": "application/json",
            },
        )

    def _arguments(self, function):
        """(names that a call may give, values of those that it must give or gives)."""
        parameters = list(signature(function).parameters.items())[1:]
        names = [key for key, value in parameters if value.kind not in STARS]
        needed = {
            key: KNOWN.get(key, "x")
            for key, value in parameters
            if key in names and (value.default is Parameter.empty or key in KNOWN)
        }
        return names, needed

    @mute_logger(*QUIET)
    def test_a_text_that_cannot_be_stored_is_no_error_of_the_server(self):
        tried = set()
        for name, method in sorted(self._methods() - DOORS):
            function = getattr(type(self.env[name]), method)
            if not getattr(function, "_api_model", False):
                continue
            names, needed = self._arguments(function)
            for key in names:
                for text in TEXTS:
                    with self.subTest(model=name, method=method, of=key, text=text):
                        answer = self._send(name, method, {**needed, key: text})
                        self.assertLess(answer.status_code, 500, answer.text[:200])
                        tried.add((name, method, key))
        self.assertIn(("voip.document", "render", "record"), tried)
        self.assertIn(("voip.account", "statement", "customer"), tried)

    @mute_logger(*QUIET)
    def test_its_place_is_told(self):
        for text, why in (("a\x00", "NUL"), ("\ud800", "surrogate")):
            answer = self._send("voip.account", "statement", {"account": text})
            self.assertEqual(answer.status_code, 422)
            self.assertIn("account: holds", answer.json()["message"])
            self.assertIn(why, answer.json()["message"])
