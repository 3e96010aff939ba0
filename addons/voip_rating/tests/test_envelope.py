"""Whole answers of APIs: every call in them is taken, or the answer is refused."""

import base64
import json
from datetime import timedelta
from urllib.parse import quote

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .test_door_http import QUIET
from .test_door_records import BASE64, FORM
from .test_format_ways import FILES, FormatsCase, moved, records_of
from .test_formats import SAMPLES

# More than the error queue keeps of one record.
MANY = 60


class EnvelopeCase(FormatsCase):
    def _calls(self, code, count=MANY):
        """Records of a format, each of a call of its own."""
        name = FILES[code][0]
        text = moved((SAMPLES / name).read_text(), self.yesterday)
        layout = self._format(code)._compiled()
        record = records_of(layout, text)[0]
        [names] = next(
            line.sources[0] for line in layout.lines if line.target == "call_id"
        )
        found = []
        for number in range(count):
            copy = json.loads(json.dumps(record))
            *above, last = names.split(".")
            inner = copy
            for step in above:
                inner = inner[step]
            inner[last] = f"{code}-{number}"
            found.append(copy)
        return found

    def _post_body(self, body, kind, code):
        return self.url_open(
            f"/voip/cdr/{self.switch.code}/{code}",
            data=body,
            headers={"Authorization": f"Bearer {self.key}", "Content-Type": kind},
            timeout=60,
        )

    def _stored(self, code, count=MANY):
        names = [f"{code}-{number}" for number in range(count)]
        return self.env["voip.cdr"].search_count(
            [
                ("call_id", "in", names),
                ("switch_id", "=", self.switch.id),
                ("start", ">=", self.yesterday - timedelta(days=1)),
            ]
        )


NOT_FOUND = {
    "code": 20404,
    "message": "The requested resource /Calls.json was not found",
    "more_info": "https://www.twilio.com/docs/errors/20404",
    "status": 404,
}
DENIED = {"code": "10009", "title": "Authentication failed", "detail": "No key"}


@tagged("post_install", "-at_install")
class TestEnvelopes(EnvelopeCase):
    SHAPES = {
        "page": lambda calls: {"page": 0, "start": 0, "end": 49, "calls": calls},
        "nested": lambda calls: {"meta": {}, "result": {"records": calls, "more": []}},
        "unnamed": lambda calls: {"any": calls, "tags": ["a"], "links": [{"a": 1}]},
        "pages": lambda calls: [{"calls": calls[:9]}, {"calls": calls[9:], "page": 1}],
    }

    def test_every_call_of_an_answer_is_taken_however_it_is_posted(self):
        for code in ("twilio", "telnyx", "freeswitch_json", "asterisk_odbc"):
            calls = self._calls(code)
            for shape, wrap in self.SHAPES.items():
                text = json.dumps(wrap(calls))
                for body, kind in (
                    (text, "application/json"),
                    (f"cdr={quote(text)}", FORM),
                    (f"cdr={base64.b64encode(text.encode()).decode()}", BASE64),
                ):
                    with self.subTest(code, shape=shape, kind=kind):
                        answer = self._post_body(body, kind, code)
                        self.assertEqual(answer.status_code, 200, answer.text[:300])
                        self.assertEqual(answer.json()["received"], MANY)
        posts = self.env["voip.cdr.post"].search([])
        self.assertEqual(len(posts), 4 * 4 * 3 * MANY)
        self.assertFalse([p for p in posts if "page" in json.loads(p.record)])

    def test_every_call_of_an_answer_is_taken_by_the_api_and_in_files(self):
        for code in ("twilio", "telnyx", "generic"):
            if code == "generic":
                calls = [self._record(f"generic-{n}") for n in range(MANY)]
            else:
                calls = self._calls(code)
            for shape, wrap in self.SHAPES.items():
                with self.subTest(code, shape=shape):
                    self.switch = self._create_switch()
                    sent = wrap(calls)
                    answer = self.env["voip.cdr"].ingest(
                        self.switch.code,
                        sent if isinstance(sent, list) else [sent],
                        format=code,
                    )
                    self.assertEqual(answer["received"], MANY)
                    self.assertEqual(self._stored(code), MANY)
                    if code == "generic":
                        continue
                    for data in (
                        json.dumps(sent),
                        "\n".join(map(json.dumps, self.SHAPES["pages"](calls))),
                    ):
                        batch = self.env["voip.cdr.batch"]._take_file(
                            self.switch, data.encode(), "a.json", self._format(code)
                        )
                        batch._rate_here()
                        self.assertRecordValues(
                            batch,
                            [{"received": MANY, "duplicates": MANY, "lines": MANY}],
                        )
        self.assertWhole()

    @mute_logger(*QUIET)
    def test_an_answer_of_another_kind_is_refused_with_its_lists(self):
        calls = self._calls("twilio")
        two = {"calls": calls[:2], "failed": calls[2:]}
        for code, body, said in (
            ("telnyx", {"calls": calls, "page": 0}, "calls (60)"),
            ("generic", {"calls": calls, "page": 0}, "calls (60)"),
            ("twilio", two, "calls (2), failed (58)"),
            ("twilio", [calls[0], two], "number 1"),
            ("twilio", {"text": "x" * 9_000}, "the names text"),
            ("twilio", NOT_FOUND, "the error '20404': 'The requested resource"),
            ("generic", [NOT_FOUND], "the error '20404'"),
            ("telnyx", {"errors": [{"code": "10009"}]}, "errors (1)"),
            ("telnyx", {"errors": [DENIED]}, "the error '10009': 'Authentication"),
            ("telnyx", DENIED, "the error '10009': 'Authentication failed'"),
            ("twilio", {"code": 20003, "detail": "Wrong token"}, "'Wrong token'"),
            ("generic", {"error": {"status": 403, "message": "No"}}, "the error 'No'"),
            ("generic", {"error": "Not found"}, "the error 'Not found'"),
        ):
            with self.subTest(code, said=said):
                answer = self._post_body(json.dumps(body), "application/json", code)
                self.assertEqual(answer.status_code, 422, answer.text[:300])
                self.assertIn(said, answer.json()["message"])
                if isinstance(body, dict):
                    with self.assertRaisesRegex(UserError, "no record of the format"):
                        self.env["voip.cdr"].ingest(
                            self.switch.code, [body], format=code
                        )
        self.assertFalse(self.env["voip.cdr.post"].search_count([]))

    def test_an_answer_without_calls_brings_none(self):
        for body in ({"calls": [], "page": 0, "start": 0}, [], [{"calls": []}]):
            answer = self._post_body(json.dumps(body), "application/json", "twilio")
            self.assertEqual(answer.json(), {"received": 0, "queued": 0})

    def test_a_record_that_holds_lists_stays_one_record(self):
        [call] = self._calls("twilio", 1)
        other = self._record("x", legs=[self._record("y")], calls=[])
        lacking = {"call_id": "z", "called": "33123456789", "tags": [{"k": "v"}]}
        for code, record in (
            ("twilio", {**call, "subresource_uris": [{"sid": "1", "to": "2"}]}),
            ("generic", other),
            ("generic", lacking),
            ("generic", {"call_id": "e", "error": "none", "code": 1, "message": ""}),
            ("generic", {"code": "486", "reason": "busy"}),
            ("generic", {"error": None, "duration": 5}),
        ):
            with self.subTest(code):
                answer = self.env["voip.cdr"].ingest(
                    self.switch.code, [record], format=code
                )
                self.assertEqual(answer["received"], 1)
