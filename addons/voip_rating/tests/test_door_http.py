"""The doors of the switches over HTTP: who gets in, what may be said there."""

import json
from datetime import datetime, time, timedelta
from xmlrpc.client import DateTime

from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common import VoipRatingCommon

QUIET = (
    "odoo.http",
    "odoo.addons.base.models.ir_model",
    "odoo.addons.base.models.ir_rule",
    "odoo.addons.rpc.controllers.jsonrpc",
    "odoo.addons.rpc.controllers.xmlrpc",
    "odoo.sql_db",
)


class DoorCase(VoipRatingCommon, HttpCase):
    """A switch with its key, an account with a trunk and a deck."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deck = cls._create_deck(
            rates=[{"prefix": "44", "price_per_minute": "0.0085"}]
        )
        cls.account = cls._create_account(deck_id=cls.deck.id)
        cls.trunk = cls._create_trunk(cls.account)
        cls.switch = cls._create_switch()
        cls.key = cls.switch.action_create_key()["context"]["default_key"]
        cls.user = cls.switch.user_id
        cls.day = cls.env.cr.now().date()

    def setUp(self):
        super().setUp()
        # The first request of a test makes its server thread: not the key's matter.
        self.env.flush_all()

    def _record(self, call_id, **values):
        return {
            "call_id": call_id,
            "called": "442071234567",
            "start": f"{self.day}T00:00:00Z",
            "duration": "47",
            "answered": True,
            "trunk": self.trunk.code,
            **values,
        }

    def _post(self, path, body):
        """POST a body (bytes or what JSON can say) with the key of the switch."""
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        return self.url_open(
            path,
            data=body,
            headers={
                "Authorization": f"bearer {self.key}",
                "Content-Type": "application/json",
            },
            timeout=120,
        )

    def _json2(self, model, method, arguments):
        return self._post(f"/json/2/{model}/{method}", arguments)

    def _ingest(self, *records, rate_now=True):
        response = self._json2(
            "voip.cdr",
            "ingest",
            {
                "switch": self.switch.code,
                "records": list(records),
                "rate_now": rate_now,
            },
        )
        self.assertEqual(response.status_code, 200, response.text[:400])
        return response.json()

    @property
    def _call(self):
        return [self.env.cr.dbname, self.user.id, self.key, "voip.cdr", "ingest", []]

    def _by_jsonrpc(self, records):
        arguments = {"switch": self.switch.code, "records": records, "rate_now": True}
        body = {
            "jsonrpc": "2.0",
            "method": "call",
            "params": {
                "service": "object",
                "method": "execute_kw",
                "args": [*self._call, arguments],
            },
        }
        with mute_logger(*QUIET):
            answer = self._post("/jsonrpc", body).json()
        self.assertNotIn("error", answer)
        return answer["result"]


@tagged("post_install", "-at_install")
class TestDoor(DoorCase):
    @mute_logger(*QUIET)
    def _answers(self, calls):
        """{call: answer} of those that were not refused with 4xx."""
        answered = {}
        for model, method, arguments in calls:
            response = self._json2(model, method, arguments)
            if not 400 <= response.status_code < 500:
                answer = response.json()
                if isinstance(answer, dict):
                    answer.pop("debug", None)
                answered[f"{model}.{method}"] = answer
        return answered

    def test_key_of_a_switch_opens_no_operation_of_any_model(self):
        """Reading by search is in ``test_switch_key``; here every other operation."""
        operations = {
            "search_count": {"domain": []},
            "read": {"ids": [1], "fields": ["id"]},
            "create": {"vals_list": [{}]},
            "write": {"ids": [1], "vals": {"display_name": "x"}},
            "unlink": {"ids": [1]},
        }
        names = sorted(name for name, model in self.env.items() if not model._abstract)
        self.assertGreater(len(names), 150)
        answered = self._answers(
            (name, method, arguments)
            for name in names
            for method, arguments in operations.items()
        )
        # Attachments are counted among the readable ones.
        self.assertEqual(answered.pop("ir.attachment.search_count"), 0)
        # Some of Odoo's own ``create`` read a value before they ask for the right.
        leaks = {
            call: answer
            for call, answer in answered.items()
            if call.startswith("voip.")
            or not call.endswith(".create")
            or answer.get("name") != "builtins.KeyError"
        }
        self.assertEqual(leaks, {})

    def test_key_of_a_switch_calls_no_other_method_of_this_project(self):
        doors = {"voip.cdr.ingest", "voip.cdr.batch_status"}
        methods = {
            f"{name}.{method}": (name, method)
            for name, model in self.env.items()
            if name.startswith("voip.")
            for method in dir(type(model))
            if not method.startswith("_") and self._is_ours(type(model), method)
        }
        self.assertGreater(len(methods), 30)
        self.assertLessEqual(doors, methods.keys())
        # What fields are called is told to anybody, by every model of Odoo.
        told = {key for key, method in methods.items() if method[1] == "fields_get"}
        calls = []
        for name, method in (methods[key] for key in methods.keys() - doors - told):
            function = getattr(type(self.env[name]), method)
            of_model = getattr(function, "_api_model", False)
            calls.append((name, method, {} if of_model else {"ids": [1]}))
        self.assertEqual(self._answers(calls), {})

    def _is_ours(self, model, method):
        """Whether a module of this project defines the method of this name."""
        for base in model.mro():
            if method in vars(base):
                origin = base.__module__
                return callable(vars(base)[method]) and "odoo.addons.voip_" in origin
        return False

    def test_a_switch_of_another_company_is_closed(self):
        other = self.env["res.company"].create({"name": "Other"})
        foreign = self._create_switch(company_id=other.id)
        for code in (foreign.code, "none-such", "", "\x00", "\ud800", "x" * 70_000):
            with self.subTest(code=code[:20]), mute_logger(*QUIET):
                response = self._json2(
                    "voip.cdr", "ingest", {"switch": code, "records": []}
                )
                self.assertIn(response.status_code, (403, 422))
                self.assertIn("switch", response.json()["message"])

    def test_all_protocols_give_the_same_answer(self):
        answers = {
            "json2": self._ingest(*self._mixed("json2")),
            "jsonrpc": self._by_jsonrpc(self._mixed("jsonrpc")),
            "xmlrpc": self._by_xmlrpc(self._mixed("xmlrpc")),
        }
        batches = {answer.pop("batch") for answer in answers.values()}
        self.assertEqual(len(batches), 3)
        plain = {
            door: json.loads(json.dumps(answer).replace(door, "door"))
            for door, answer in answers.items()
        }
        self.assertEqual(plain["json2"]["rated"], 1)
        self.assertEqual(plain["json2"]["duplicates"], 1)
        codes = [error["code"] for error in plain["json2"]["errors"]]
        self.assertEqual(codes, ["bad_duration", "unknown_trunk", "no_rate"])
        self.assertEqual(plain["jsonrpc"], plain["json2"])
        self.assertEqual(plain["xmlrpc"], plain["json2"])
        self.assertWhole()

    def test_times_of_xml_rpc_s_own_type_are_times_of_the_switch_s_zone(self):
        self.switch.tz = "Asia/Tokyo"
        start = datetime.combine(self.day - timedelta(days=1), time(12))
        own, stamp = (
            self._record(name, start=start, answer=start)
            for name in ("own", "stamp")
        )
        stamp["start"] = DateTime(start)
        telnyx = {
            "call_leg_id": "leg",
            "terminating_number": "+442071234567",
            "start_timestamp": start,
            "answer_timestamp": start,
            "end_timestamp": start + timedelta(seconds=47),
            "connection_id": self.trunk.code,
        }
        self.env.flush_all()
        for records, fmt in (([own, stamp], "generic"), ([telnyx], "telnyx")):
            answer = self._by_xmlrpc(records, format=fmt)
            self.assertEqual((answer["errors"], answer["rated"]), ([], len(records)))
            calls = self.env["voip.cdr"].search([("batch_id", "=", answer["batch"])])
            self.assertEqual(
                calls.mapped("start"), [start - timedelta(hours=9)] * len(records)
            )

    def _mixed(self, door):
        good = self._record(f"{door}-a")
        return [
            good,
            good,
            self._record(f"{door}-b", duration="-1"),
            self._record(f"{door}-c", trunk="nobody"),
            self._record(f"{door}-d", called="9990000000"),
        ]

    def _by_xmlrpc(self, records, **values):
        arguments = {"switch": self.switch.code, "records": records, "rate_now": True}
        arguments |= values
        with mute_logger(*QUIET):
            uid = self.xmlrpc_common.authenticate(
                self.env.cr.dbname, self.user.login, self.key, {}
            )
            self.assertEqual(uid, self.user.id)
            return self.xmlrpc_object.execute_kw(*self._call, arguments)

    def test_a_malformed_call_is_refused_by_the_name_of_its_argument(self):
        code = self.switch.code
        records = [self._record("never")]
        cases = [
            ({"records": records}, "switch", 422),
            ({"switch": code}, "records", 422),
            ({"switch": code, "records": records, "speed": 1}, "speed", 422),
            ({"switch": code, "records": {}}, "records", 422),
            ({"switch": code, "records": "x"}, "records", 422),
            ({"switch": code, "records": None}, "records", 422),
            ({"switch": code, "records": [[]]}, "records", 422),
            ({"switch": code, "records": [{}] * 10_001}, "10000", 422),
            ({"switch": ["x"], "records": records}, "switch", 422),
            ({"switch": None, "records": records}, "switch", 422),
            ({"switch": True, "records": records}, "switch", 422),
            ({"switch": code, "records": records, "format": "x\x00"}, "format", 422),
            ({"switch": code, "records": records, "format": []}, "format", 422),
            ({"switch": code, "records": records, "rate_now": 1}, "rate_now", 422),
            ({"switch": code, "records": records, "ids": [1]}, "ids", 422),
        ]
        for arguments, word, status in cases:
            with self.subTest(word=word), mute_logger(*QUIET):
                response = self._json2("voip.cdr", "ingest", arguments)
                self.assertEqual(response.status_code, status, response.text[:300])
                self.assertIn(word, response.json()["message"])
        for batch in (None, "1", True, 0, -1, 2**31, 2**63, 2**80, 1.5, [], {}):
            with self.subTest(batch=batch), mute_logger(*QUIET):
                response = self._json2("voip.cdr", "batch_status", {"batch": batch})
                self.assertEqual(response.status_code, 422, response.text[:300])
                self.assertIn("batch", response.json()["message"])
        self.assertFalse(
            self.env["voip.cdr"].search_count([("call_id", "=", "never")])
        )
