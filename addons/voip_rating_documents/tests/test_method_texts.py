"""A text that no database keeps is its sender's error, whatever argument it is."""

import json
from inspect import Parameter, signature
from itertools import product
from xmlrpc.client import Fault, dumps, loads

from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.voip_billing_base.tests.turns import in_turn
from odoo.addons.voip_rating.tests.test_door_http import QUIET
from odoo.addons.voip_rating.tests.test_switch_methods import (
    ARGUMENTS,
    DOORS,
    TestSwitchMethods,
)

TEXTS = ("\x00", "a\x00b", "\ud800", "\udc00")
VALUES = ("<img src=x onerror=alert(1)>", "", -1, 1.5, False, [], [[]], {}, {"a": []})
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
                for text in in_turn(TEXTS, len(TEXTS)):
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


@tagged("post_install", "-at_install")
class TestOldDoors(TestMethodTexts):
    """Our own methods by JSON-RPC and XML-RPC, which Odoo 19 still has."""

    def _own_methods(self):
        """(model, method, function) of what Odoo gives no model."""
        bases = self.env["base"], self.env["mail.thread"]
        for name, method in sorted(self._methods() - DOORS):
            function = getattr(type(self.env[name]), method)
            if not getattr(function, "_api_model", False):
                continue
            if not any(hasattr(base, method) for base in bases):
                yield name, method, function

    def _by_json(self, name, method, arguments):
        """Name of the exception, "" where there was an answer."""
        params = {"service": "object", "method": "execute_kw"}
        params["args"] = self._call(name, method, arguments)
        body = {"jsonrpc": "2.0", "method": "call", "params": params}
        answer = self.url_open(
            "/jsonrpc",
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        error = answer.json().get("error")
        if answer.status_code == 422:
            self.assertIn("holds", error["message"])
            return ""
        return error["data"]["name"] if error else ""

    def _by_xml(self, name, method, arguments):
        call = tuple(self._call(name, method, arguments))
        body = dumps(call, "execute_kw", allow_none=True)
        answer = self.url_open(
            "/xmlrpc/2/object",
            data=body.encode(),
            headers={"Content-Type": "text/xml"},
        )
        try:
            loads(answer.content)
        except Fault as fault:
            # What is no error of the caller comes with a traceback; an answer that has
            # an empty value cannot be told in XML-RPC.
            last = fault.faultString.strip().splitlines()[-1]
            if "cannot marshal None" in last:
                return ""
            return last if "Traceback" in fault.faultString else "odoo.exceptions"
        return ""

    def _call(self, name, method, arguments):
        uid = self.users["admin"].id
        return [self.env.cr.dbname, uid, self.key, name, method, [], arguments]

    @mute_logger(*QUIET, "odoo.http", "odoo.addons.rpc.controllers.xmlrpc")
    def test_what_is_no_text_is_its_senders_error(self):
        tried = set()
        doors = ((self._by_json, (*TEXTS, *VALUES)), (self._by_xml, VALUES))
        for name, method, function in self._own_methods():
            names, needed = self._arguments(function)
            for key, (send, values) in product(names, doors):
                tried.add((send.__name__, name, method, key))
                for value in values:
                    case = {"of": (name, method, key), "value": value}
                    with self.subTest(send.__name__, **case):
                        found = send(name, method, {**needed, key: value})
                        self.assertIn("odoo.exceptions", found or "odoo.exceptions")
        for door in ("_by_json", "_by_xml"):
            self.assertIn((door, "voip.document", "render", "record"), tried)
            self.assertIn((door, "voip.account", "statement", "customer"), tried)
            self.assertIn((door, "voip.rate.deck", "quote", "called"), tried)
