"""How much one call may say: at the limit it is taken, one past it is refused."""

import json

from odoo.tests import BaseCase, tagged
from odoo.tools import mute_logger

from ..calls.limits import payload_text
from ..controllers.strict_json import BadBody, read_object
from .test_door_http import QUIET, DoorCase

BYTES = 8_192
LEVELS = 5


def size(record):
    text = json.dumps(record, separators=(",", ":"), ensure_ascii=False)
    return len(text.encode())


def nested(levels, kind):
    value = 1
    for _level in range(levels):
        value = [value] if kind is list else {"a": value}
    return value


@tagged("post_install", "-at_install")
class TestDoorLimits(DoorCase):
    def _padded(self, call_id, count, letter="x", **values):
        """A record whose JSON has ``count`` bytes, filled up in an extra field."""
        record = self._record(call_id, x_note="", **values)
        left = count - size(record)
        width = len(letter.encode())
        record["x_note"] = letter * (left // width) + "x" * (left % width)
        self.assertEqual(size(record), count)
        return record

    def _cases(self, door):
        """[(record, what its refusal says; None: taken)]"""
        attempts = [{"supplier_trunk": "a", "number": "44"}]
        attempt = self._record(f"{door}-fill", attempts=[""])
        room = BYTES - size(attempt)
        cases = [
            (self._padded(f"{door}-1", BYTES), None),
            (self._padded(f"{door}-2", BYTES + 1), "8,193 bytes"),
            (self._padded(f"{door}-3", BYTES, "é"), None),
            (self._padded(f"{door}-4", BYTES + 1, "é"), "8,193 bytes"),
            (self._padded(f"{door}-5", BYTES, attempts=attempts), None),
            (self._padded(f"{door}-6", BYTES + 1, attempts=attempts), "8,193 bytes"),
            ({**attempt, "attempts": ["x" * room]}, None),
            (
                {**attempt, "call_id": f"{door}-full", "attempts": ["x" * (room + 1)]},
                "8,193 bytes",
            ),
            (self._record(f"{door}-7", caller="4" * 9_000), "bytes"),
            (self._record(f"{door}-8", attempts="x" * 70_000), "bytes"),
        ]
        for kind in (list, dict):
            name, wrong = f"{door}-{kind.__name__}", "is nested 6 levels"
            deepest, deeper = nested(LEVELS, kind), nested(LEVELS + 1, kind)
            cases += [
                (self._record(f"{name}-1", x_deep=deepest), None),
                (self._record(f"{name}-2", x_deep=deeper), f"x_deep: {wrong}"),
                (self._record(f"{name}-3", attempts=[nested(LEVELS - 1, kind)]), None),
                (
                    self._record(f"{name}-4", attempts=[nested(LEVELS, kind)]),
                    f"attempts: {wrong}",
                ),
            ]
        return cases

    def assertTakenUpToTheLimit(self, answer, cases):
        self.assertEqual(answer["received"], len(cases))
        errors = {error["index"]: error for error in answer["errors"]}
        for index, (_record, said) in enumerate(cases):
            with self.subTest(index=index):
                if said is None:
                    self.assertNotIn(index, errors)
                    continue
                self.assertEqual(errors[index]["code"], "bad_metadata")
                self.assertIn(said, errors[index]["message"])
                self.assertRegex(errors[index]["message"], "at most (8,192|5)")
        taken = sum(1 for _record, said in cases if said is None)
        self.assertEqual((answer["accepted"], answer["rated"]), (taken, taken))
        queued = self.env["voip.cdr.error"].search([("batch_id", "=", answer["batch"])])
        self.assertEqual(len(queued), len(cases) - taken)
        self.assertLess(max(map(len, queued.mapped("payload"))), 4 * BYTES)
        self.assertWhole()

    def test_size_and_depth_of_a_record_by_json2(self):
        cases = self._cases("json2")
        answer = self._ingest(*(record for record, _said in cases))
        self.assertTakenUpToTheLimit(answer, cases)

    def test_size_and_depth_of_a_record_by_jsonrpc(self):
        cases = self._cases("jsonrpc")
        answer = self._by_jsonrpc([record for record, _said in cases])
        self.assertTakenUpToTheLimit(answer, cases)

    def test_what_is_taken_is_kept_as_sent(self):
        extra = {"x": [{"a": None, "é": "€\\u0000 \U0001f600"}], "": [1.5, True, -7]}
        answer = self._ingest(self._record("kept", **extra))
        self.assertEqual(answer["accepted"], 1)
        self.env.cr.execute(
            "SELECT metadata FROM voip_cdr_row WHERE batch_id = %s", [answer["batch"]]
        )
        self.assertEqual(self.env.cr.fetchone()[0], extra)

    def test_what_cannot_be_kept_as_sent_is_refused_by_name(self):
        values = {
            "x": ("a\x00", "x: has a NUL character"),
            "x_y": ({"a": ["\ud800"]}, "x_y: has half a surrogate pair"),
            "x z": ([float("nan")], "'x z': has a number that is not finite"),
        }
        records = [
            self._record(f"odd-{name}", **{name: value}, fine=1)
            for name, (value, _message) in values.items()
        ]
        answer = self.env["voip.cdr"].ingest(self.switch.code, records)
        self.assertEqual(answer["accepted"], 0)
        found = [error["message"] for error in answer["errors"]]
        for message, (_value, said) in zip(found, values.values(), strict=True):
            self.assertIn(said, message)
        self.assertWhole()

    def test_an_oversized_record_is_rated_once_its_rest_is_dropped(self):
        answer = self._ingest(self._padded("big", 300_000))
        error = self.env["voip.cdr.error"].search([("batch_id", "=", answer["batch"])])
        self.assertIn("300,000 bytes", error.message)
        self.assertEqual(error.call_id, "big")
        self.assertIn("300,000 bytes of JSON", json.loads(error.payload)["_note"])
        error.action_rate_again()
        self.assertEqual((error.state, error.code), ("open", "bad_metadata"))
        self.assertIn('correct {"_sent": null}', error.message)
        error.fix = '{"_sent": null}'
        error.action_rate_again()
        self.assertEqual(error.state, "fixed")
        self.assertWhole()


@tagged("post_install", "-at_install")
class TestBodies(DoorCase):
    def _bodies(self):
        deep = 200_000
        good = json.dumps(self._record("body"))[:-1]
        head = b'{"switch": "%s", "records": [' % self.switch.code.encode()

        def with_record(tail):
            return head + (good + tail).encode() + b"]}"

        def with_context(context):
            return head + b'], "context": ' + context.encode() + b"}"

        return (
            (b"{", "line 1, column 2"),
            (b"\x00", "line 1, column 1"),
            (b"null", "the body is null"),
            (b"5", "the body is a single value"),
            (b"[]", "the body is a list"),
            (b'"x"', "the body is a text"),
            (b"[" * deep + b"]" * deep, "100 levels deep at character 101"),
            (head + b"[" * deep + b"]" * deep + b"]}", "100 levels deep at character"),
            (b'{"a":' * deep + b"1" + b"}" * deep, "100 levels deep at character 501"),
            (b"\xff\xfe{}", "not UTF-8: byte 1"),
            (head + b'{"call_id": "\xe9"}]}', "not UTF-8: byte"),
            (with_record(', "mos": NaN}'), "records[0].mos: NaN"),
            (with_record(', "x": [1, Infinity]}'), "records[0].x[1]: Infinity"),
            (with_record(', "pdd_ms": -Infinity}'), "records[0].pdd_ms: -Infinity"),
            (with_record(', "pdd_ms": 1e400}'), "records[0].pdd_ms: 1e400"),
            (with_record(', "sip_code": ' + "9" * 5_000 + "}"), "5,000 digits"),
            (with_record(', "called": "1"}'), "records[0]: names called twice"),
            (head + b'], "switch": "x"}', "the body: names switch twice"),
            (with_context("[1]"), "context: must be an object"),
            (with_context("null"), "context: must be an object"),
            (with_context('{"lang": 5}'), "context.lang"),
            (with_context('{"tz": ["UTC"]}'), "context.tz"),
            (with_context('{"allowed_company_ids": [[1]]}'), "context.allowed_company"),
            (with_context('{"allowed_company_ids": "1"}'), "context.allowed_company"),
            (head + b'], "self": 1}', "self: is no argument"),
            (head + b'], "ids": 5}', "ids: must be"),
            (head + b'], "ids": {"a": 1}}', "ids: must be"),
        )

    def test_a_body_that_cannot_mean_what_it_says_is_refused_by_its_place(self):
        for body, place in self._bodies():
            with self.subTest(body=body[:60]), mute_logger(*QUIET):
                response = self._post("/json/2/voip.cdr/ingest", body)
                self.assertEqual(response.status_code, 422, response.text[:300])
                self.assertIn(place, response.json()["message"])
                self.assertEqual(response.json()["debug"], "")
        self.assertFalse(self.env["voip.cdr"].search_count([("call_id", "=", "body")]))

    def _jsonrpc_body(self, record):
        call = json.dumps([*self._call, {"switch": self.switch.code}])[:-2]
        return (
            '{"jsonrpc": "2.0", "id": 7, "method": "call", "params": {"service":'
            f' "object", "method": "execute_kw", "args": {call},'
            f' "records": [{record}]}}]}}}}'
        ).encode()

    def test_jsonrpc_refuses_such_a_body_with_a_sentence_too(self):
        deep, with_record = 50_000, self._jsonrpc_body
        record = json.dumps(self._record("body"))
        place = "params.args[6].records[0]"
        for body, said in (
            (with_record(record[:-1] + ', "called": "1"}'), f"{place}: names called"),
            (with_record(record) + b" x", "the body is no JSON"),
            (with_record("[" * deep + "]" * deep), "100 levels deep"),
            (with_record('{"a":' * deep + "1" + "}" * deep), "100 levels deep"),
            (b"[" * deep + b"]" * deep, "100 levels deep"),
            (with_record(record[:-1] + ', "mos": NaN}'), f"{place}.mos: NaN"),
            (b'{"id": 7, "id": 8}', "the body: names id twice"),
            (b'{"id": 7, "params": [1]}', "params: must be an object"),
            (b"[]", "the body is a list"),
            (b"\xff\xfe{}", "not UTF-8: byte 1"),
        ):
            with self.subTest(said=said, body=body[:60]), mute_logger(*QUIET):
                response = self._post("/jsonrpc", body)
                self.assertEqual(response.status_code, 422, response.text[:300])
                error = response.json()["error"]
                self.assertIn(said, error["message"])
                self.assertEqual(error["data"]["message"], error["message"])
                self.assertNotIn("Traceback", response.text)
                self.assertNotIn("Recursion", response.text)
        self.assertFalse(self.env["voip.cdr"].search_count([("call_id", "=", "body")]))
        with mute_logger(*QUIET):
            answer = self._post("/jsonrpc", with_record(record)).json()
        self.assertEqual((answer["id"], answer["result"]["accepted"]), (7, 1))

    def test_jsonrpc_tells_of_a_record_as_deep_as_the_reader_allows(self):
        for depth in (500, *range(800, 1001, 20)):
            record = json.dumps(self._record(f"deep {depth}", x=0))
            body = self._jsonrpc_body(
                record.replace('"x": 0', '"x": ' + "[" * depth + "]" * depth)
            )
            with self.subTest(depth=depth), mute_logger(*QUIET):
                response = self._post("/jsonrpc", body)
                self.assertNotIn("Recursion", response.text)
                answer = response.json()
                if response.status_code == 200:
                    (error,) = answer["result"]["errors"]
                    self.assertEqual(error["code"], "bad_metadata")
                    continue
                self.assertGreater(depth, 500)
                self.assertEqual(response.status_code, 422)
                self.assertIn("levels deep", answer["error"]["message"])

    def test_an_empty_body_lacks_its_arguments(self):
        with mute_logger(*QUIET):
            response = self.opener.post(
                f"{self.base_url()}/json/2/voip.cdr/ingest",
                headers={"Authorization": f"bearer {self.key}"},
                timeout=30,
            )
        self.assertEqual(response.status_code, 422)
        self.assertIn("switch", response.json()["message"])

    def test_another_content_type_is_told_in_json(self):
        url = f"{self.base_url()}/json/2/voip.cdr/ingest"
        records = [self._record("typed")]
        body = json.dumps({"switch": self.switch.code, "records": records})
        for kind in ("text/plain", "application/x-www-form-urlencoded", "", "x"):
            for key, status in ((self.key, 415), ("wrong", 401)):
                headers = {"Authorization": f"bearer {key}", "Content-Type": kind}
                with self.subTest(kind=kind, status=status), mute_logger(*QUIET):
                    answer = self.opener.post(url, body, headers=headers, timeout=30)
                    self.assertEqual(answer.status_code, status, answer.text[:300])
                    said = answer.json()["message"]
                    if status == 415:
                        self.assertIn("application/json", said)
        headers = {
            "Authorization": f"bearer {self.key}",
            "Content-Type": "application/json; charset=utf-8",
        }
        answer = self.opener.post(url, body, headers=headers, timeout=30)
        self.assertEqual(answer.json()["accepted"], 1)

    def test_odd_values_of_a_context_are_no_server_error(self):
        for context in (
            {},
            {"lang": "xx_YY", "tz": "Nowhere/At-all"},
            {"lang": None, "tz": "", "allowed_company_ids": None},
            {"allowed_company_ids": [2**70]},
            {"allowed_company_ids": [-1]},
            {"x": [{"y": []}], "active_test": "maybe", "default_state": {}},
            {"prefetch_fields": [], "bin_size": {}},
        ):
            arguments = {"switch": self.switch.code, "records": [], "context": context}
            with self.subTest(context=context), mute_logger(*QUIET):
                response = self._json2("voip.cdr", "ingest", arguments)
                self.assertIn(response.status_code, (200, 403, 422), response.text)

    def test_no_error_answer_shows_a_traceback(self):
        calls = (
            ("voip.cdr", "ingest", {"switch": "none-such", "records": []}, 403),
            ("voip.cdr", "ingest", {}, 422),
            ("voip.cdr", "none_such", {}, 404),
            ("none.such", "ingest", {}, 404),
            ("res.partner", "read", {"ids": [1], "fields": ["name"]}, 403),
        )
        for model, method, arguments, status in calls:
            with self.subTest(model=model, method=method), mute_logger(*QUIET):
                response = self._json2(model, method, arguments)
                self.assertEqual(response.status_code, status, response.text[:300])
                self.assertNotIn("Traceback", response.text)
                self.assertTrue(response.json()["message"])

    def test_an_error_of_the_server_shows_no_traceback(self):
        def fail(_self, switch, records):
            raise RuntimeError("unforeseen")

        self.patch(type(self.env["voip.cdr"]), "ingest", fail)
        with mute_logger(*QUIET):
            response = self._json2("voip.cdr", "ingest", {"switch": 1, "records": 2})
        self.assertEqual(response.status_code, 500)
        self.assertNotIn("Traceback", response.text)


@tagged("post_install", "-at_install")
class TestStrictJson(BaseCase):
    def test_what_is_json_is_read_as_python_reads_it(self):
        for text in ('{"a": 1.5, "b": [1e300, -0.0, "\\ud800"]}', '{"a": {"a": null}}'):
            self.assertEqual(read_object(text.encode()), json.loads(text))

    def test_a_bad_value_deep_down_is_found(self):
        body = b'{"a": ' + b"[" * 700 + b"NaN" + b"]" * 700 + b"}"
        with self.assertRaisesRegex(BadBody, r"^a\[0\]\[0\].*NaN is no number"):
            read_object(body)

    def test_different_records_with_the_same_beginning_stay_different(self):
        first, second = ({"x": "y" * 20_000 + end} for end in "ab")
        self.assertNotEqual(payload_text(first), payload_text(second))
        self.assertLess(len(payload_text(first)), 2 * BYTES + 400)

    def test_a_record_within_the_limit_is_kept_whole(self):
        for record in ({"a": "é" * 4_000, "mos": float("inf")}, {"x": "\ud800\x00"}):
            self.assertEqual(json.loads(payload_text(record)), record)
