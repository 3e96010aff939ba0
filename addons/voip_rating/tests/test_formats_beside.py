"""A record is read alike whatever records stand beside it."""

import json
from random import Random

from odoo.tests import tagged

from ..formats.convert import convert_all
from ..formats.source import JsonRows
from .common import VoipRatingCommon
from .test_format_ways import FILES, records_of
from .test_formats import LIMITS, SAMPLES
from .test_formats_mutated import VALUES

# Pairs are of several rows: those depend on each other.
ALONE = sorted(FILES.keys() - {"opensips_flat", "kamailio_acc"})
ODD = [*VALUES, "\n", "\t", " ", [1], {"a": 1}, "sip:44@x", "2026-10-25 01:30:00"]
ROUNDS = 25


def outcomes(layout, records):
    """What becomes of each record: texts; None: it is no call."""
    found = [None] * len(records)
    for part in convert_all(layout, JsonRows(records), LIMITS):
        for place, row in enumerate(part.rows.tolist()):
            read = part.errors.get(place) or part.records.payload(place)
            found[row] = json.dumps(read, sort_keys=True, default=str)
    return found


@tagged("post_install", "-at_install")
class TestFormatsBeside(VoipRatingCommon):
    def _layout(self, code):
        return self.env.ref(f"voip_rating.format_{code}")._compiled()

    def _records(self, code, layout):
        text = (SAMPLES / FILES[code][0]).read_text()
        return records_of(layout, text)

    def _damaged(self, record, random):
        record = json.loads(json.dumps(record))
        for _time in range(random.choice((0, 0, 1, 1, 2, 4))):
            inner = record.get("variables") if random.random() < 0.7 else None
            place = inner if isinstance(inner, dict) and inner else record
            name = random.choice(list(place))
            if random.random() < 0.75:
                place[name] = random.choice(ODD)
            elif len(place) > 1:
                del place[name]
        return record

    def test_each_record_is_read_as_it_is_alone(self):
        for code in ALONE:
            layout, random = self._layout(code), Random(code)
            good = self._records(code, layout)
            for number in range(ROUNDS):
                records = [
                    self._damaged(random.choice(good), random) for _record in range(8)
                ]
                alone = [outcomes(layout, [record])[0] for record in records]
                with self.subTest(code, number=number):
                    self.assertEqual(outcomes(layout, records), alone)

    def test_an_answer_that_is_not_sent_is_none_and_one_that_is_null_is_never(self):
        layout = self._layout("asterisk_csv")
        good = self._records("asterisk_csv", layout)[0]
        lacking = {name: value for name, value in good.items() if name != "answer"}
        for beside in ([], [good], [lacking], [{**good, "answer": None}]):
            with self.subTest(beside=beside):
                found = outcomes(layout, [lacking, *beside])[0]
                self.assertEqual(json.loads(found)["duration"], "60.0")
                for never in (None, ""):
                    record = {**good, "answer": never}
                    code, why = json.loads(outcomes(layout, [record, *beside])[0])
                    self.assertEqual(code, "bad_time")
                    self.assertIn("never", why)

    def test_an_alternative_that_is_not_needed_refuses_nothing(self):
        layout = self._layout("telnyx")
        good = self._records("telnyx", layout)[0]
        odd = {**good, "call_leg_id": "leg", "sip_call_id": [1]}
        without = {**odd, "call_leg_id": None}
        found = [json.loads(text) for text in outcomes(layout, [odd, without, good])]
        self.assertEqual(found[0]["call_id"], "leg")
        self.assertEqual(found[1][0], "missing_field")
        self.assertIn("sip_call_id", found[1][1])
