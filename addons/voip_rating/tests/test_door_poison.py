"""Hostile values in every field of a record: accepted or in the queue, with a reason.

Nothing is lost, nothing spoils its neighbours, and no server error answers.
"""

import json
from datetime import date, datetime

from odoo.tests import tagged
from odoo.tools import mute_logger

from ..calls.check import KNOWN
from ..records.voip_cdr_error import CODES
from .test_door_http import QUIET, DoorCase
from .test_engine_values import POISON


def _nested(depth, kind):
    value = 1
    for _level in range(depth):
        value = [value] if kind is list else {"a": value}
    return value


def _sendable(value):
    """Whether JSON can carry the value."""
    try:
        text = json.dumps(value)
        json.loads(text)
    except Exception:  # noqa: BLE001 objects made to fail in any way
        return False
    return True


STRUCTURES = tuple(
    _nested(depth, kind) for depth in (2, 9, 60, 400) for kind in (list, dict)
) + ([None], [True, "x"], {"": ""}, {"a\x00": "\ud800"}, [{"number": "\x00"}])
VALUES = tuple(value for value in POISON if _sendable(value)) + STRUCTURES
# What XML-RPC can carry and JSON cannot.
XML_VALUES = (date(2024, 3, 1), datetime(2024, 3, 1, 10), b"", b"1", b"\xff\x00")
FIELDS = (*KNOWN, "x_carrier")
CHUNK = 5_000


@tagged("post_install", "-at_install")
class TestPoison(DoorCase):
    def _poisoned(self, count, field, value):
        """Record number ``count``: one poisoned field, the rest of its own."""
        minute, second = divmod(count % 3600, 60)
        start = f"{self.day}T00:{minute:02}:{second:02}.{count:06}Z"
        record = self._record(f"poison-{count}", start=start)
        if field is None:
            record[str(value)] = "x"
        else:
            record[field] = value
        return record

    def _all_records(self):
        pairs = [(f, v) for f in FIELDS for v in (*VALUES, *XML_VALUES)]
        pairs += [(None, v) for v in VALUES if isinstance(v, str)]
        return [self._poisoned(i, *pair) for i, pair in enumerate(pairs)]

    def assertEachInOnePlace(self, answer, count):
        """Every record of a batch is stored or queued, once, with a known reason."""
        batch = self.env["voip.cdr.batch"].browse(answer["batch"])
        self.assertEqual(answer["received"], count)
        self.assertEqual(answer["duplicates"], 0)
        self.env.cr.execute(
            "SELECT position FROM voip_cdr_row WHERE batch_id = %s", [batch.id]
        )
        stored = [row[0] for row in self.env.cr.fetchall()]
        errors = self.env["voip.cdr.error"].search([("batch_id", "=", batch.id)])
        refused = [e.position - 1 for e in errors if not e.cdr_id]
        self.assertEqual(sorted(stored + refused), list(range(count)))
        self.assertEqual(len(stored), answer["accepted"])
        self.assertLessEqual(set(errors.mapped("code")), set(dict(CODES)))
        self.assertTrue(all(error.message.isprintable() for error in errors))
        self.assertEqual(answer["rated"] + answer["in_error"], count)

    def test_every_value_in_every_field(self):
        self.assertGreaterEqual(len(VALUES), 300)
        records = self._all_records()
        self.assertGreater(len(records), 300 * len(FIELDS))
        door = self.env["voip.cdr"].with_user(self.user)
        rated = 0
        for start in range(0, len(records), CHUNK):
            chunk = records[start : start + CHUNK]
            answer = door.ingest(
                switch=self.switch.code, records=chunk, rate_now=True
            )
            self.assertEachInOnePlace(answer, len(chunk))
            rated += answer["rated"]
        # Neither all nor nothing: most values of a free text are harmless.
        self.assertGreater(rated, len(VALUES))
        self.assertLess(rated, len(records) // 2)
        self.assertWhole()

    def test_every_value_over_http(self):
        values = [value for value in VALUES if "NaN" not in json.dumps(value)]
        values = [value for value in values if "Infinity" not in json.dumps(value)]
        self.assertGreater(len(values), 290)
        pairs = [
            (FIELDS[i % len(FIELDS)], value) for i, value in enumerate(values)
        ]
        records = [self._poisoned(i, *pair) for i, pair in enumerate(pairs)]
        self.assertEachInOnePlace(self._ingest(*records), len(records))
        for index, (field, value) in enumerate(pairs[::10]):
            record = self._poisoned(500_000 + index, field, value)
            self.assertEachInOnePlace(self._ingest(record), 1)
        self.assertWhole()

    def test_records_as_deep_as_the_reader_of_json_allows(self):
        for depth in range(800, 1001, 10):
            deep = "[" * depth + "]" * depth
            record = json.dumps(self._record(f"deep {depth}", lrn=[], x=0))
            text = (
                f'{{"switch": "{self.switch.code}", "rate_now": true, "records": ['
                + record.replace("[]", deep).replace('"x": 0', f'"x": {deep}')
                + "]}"
            )
            with self.subTest(depth=depth), mute_logger(*QUIET):
                response = self._post("/json/2/voip.cdr/ingest", text.encode())
                self.assertIn(response.status_code, (200, 422), response.text[:300])
                if response.status_code == 200:
                    error = response.json()["errors"][0]
                    self.assertEqual(error["code"], "bad_metadata")

    def test_json_that_is_hard_to_keep(self):
        record = json.dumps(self._record("lax"))[:-1]
        bodies = {
            "huge integer": record + ', "sip_code": ' + "9" * 4000 + "}",
            "NUL": record + ', "caller": "44\\u00007900"}',
            "NUL in extra": record + ', "x": "44\\u00007900"}',
            "lone surrogate": record + ', "caller": "\\ud800"}',
            "lone surrogate in extra": record + ', "x": {"\\ud800": 1}}',
            "deep list": record + ', "attempts": ' + "[" * 500 + "]" * 500 + "}",
            "deep text": record + ', "attempts": "' + "[" * 200_000 + '"}',
            "deep extra": record + ', "x": ' + '{"a":' * 500 + "1" + "}" * 501,
        }
        for name, body in bodies.items():
            with self.subTest(name):
                text = (
                    f'{{"switch": "{self.switch.code}", "rate_now": true,'
                    f' "records": [{body.replace("lax", "lax " + name)}]}}'
                )
                response = self._post("/json/2/voip.cdr/ingest", text.encode())
                self.assertEqual(response.status_code, 200, response.text[:300])
                answer = response.json()
                self.assertEachInOnePlace(answer, 1)
                self.assertEqual(answer["accepted"], 0)
        self.assertWhole()
