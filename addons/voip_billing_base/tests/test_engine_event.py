"""One usage event as it is sent."""

import json
from datetime import datetime
from hashlib import blake2b

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..engine.event import BadEvent, read_event

NOW = datetime(2026, 3, 1, 12)
GOOD = {
    "event_id": "e-1",
    "account": "acme",
    "source": "smsc",
    "event_type": "sms_outbound",
    "units": 2,
    "occurred_at": "2026-03-01T11:00:00Z",
}

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
    ),
    max_leaves=6,
)


def levels(count):
    """An object with lists within each other, so many levels in all."""
    return {"a": json.loads("[" * (count - 1) + "]" * (count - 1))}


@tagged("post_install", "-at_install")
class TestReadEvent(BaseCase):
    def _read(self, **changes):
        return read_event({**GOOD, **changes}, NOW)

    def test_what_is_right_is_read_exactly(self):
        event = self._read(metadata={"to": "4930"}, campaign="c7")
        self.assertEqual(event.key, ("smsc", "e-1"))
        self.assertEqual(
            (event.units, event.occurred_at), (2, datetime(2026, 3, 1, 11))
        )
        self.assertEqual(event.metadata, '{"campaign": "c7", "to": "4930"}')

    def test_units_are_whole_however_they_are_written(self):
        for value, units in (
            (0, 0),
            ("3", 3),
            ("3.00", 3),
            (4.0, 4),
            (10**9, 10**9),
        ):
            self.assertEqual(self._read(units=value).units, units)

    def test_times_are_utc_and_within_bounds(self):
        for value, at in (
            ("2026-03-01T13:00:00+02:00", datetime(2026, 3, 1, 11)),
            ("2026-03-01T12:10:00Z", datetime(2026, 3, 1, 12, 10)),
            ("2025-01-25T12:00:00Z", datetime(2025, 1, 25, 12)),
        ):
            self.assertEqual(self._read(occurred_at=value).occurred_at, at)

    def test_metadata_are_as_deep_as_every_page_can_show(self):
        self.assertEqual(
            json.loads(self._read(metadata=levels(20)).metadata), levels(20)
        )

    def test_what_is_wrong_is_refused_by_its_code_and_its_field(self):
        deep = {}
        for _level in range(5000):
            deep = {"a": deep}
        for code, field, changes in (
            ("missing_field", "event_id", {"event_id": None}),
            ("missing_field", "units", {"units": ""}),
            ("bad_value", "account", {"account": 7}),
            ("bad_value", "source", {"source": "a\nb"}),
            ("bad_value", "source", {"source": " a"}),
            ("bad_value", "event_id", {"event_id": "x" * 129}),
            ("bad_value", "event_id", {"event_id": "a\ud800"}),
            ("bad_units", "units", {"units": True}),
            ("bad_units", "units", {"units": -1}),
            ("bad_units", "units", {"units": "1.5"}),
            ("bad_units", "units", {"units": 1.5}),
            ("bad_units", "units", {"units": "1e3"}),
            ("bad_units", "units", {"units": float("nan")}),
            ("bad_units", "units", {"units": 10**9 + 1}),
            ("bad_units", "units", {"units": [1]}),
            ("bad_time", "occurred_at", {"occurred_at": "2026-03-01T11:00:00"}),
            ("bad_time", "occurred_at", {"occurred_at": "2026-02-30T11:00:00Z"}),
            ("bad_time", "occurred_at", {"occurred_at": 1772362800}),
            ("bad_time", "occurred_at", {"occurred_at": "0001-01-01T00:00:00+14:00"}),
            ("future", "occurred_at", {"occurred_at": "2026-03-01T12:10:01Z"}),
            ("too_old", "occurred_at", {"occurred_at": "2025-01-25T11:59:59Z"}),
            ("bad_metadata", "metadata", {"metadata": []}),
            ("bad_metadata", "metadata", {"metadata": {"a": float("inf")}}),
            ("bad_metadata", "metadata", {"metadata": {"a": "\0"}}),
            ("bad_metadata", "metadata", {"metadata": {"a": "\ud800"}}),
            ("bad_metadata", "metadata", {"metadata": {"a": "x" * 4096}}),
            ("bad_metadata", "metadata", {"metadata": deep}),
            ("bad_metadata", "20 levels", {"metadata": levels(21)}),
            ("bad_metadata", "'to'", {"metadata": {"to": 1}, "to": 2}),
        ):
            with self.subTest(code=code, field=field):
                with self.assertRaises(BadEvent) as refused:
                    self._read(**changes)
                self.assertEqual(refused.exception.code, code)
                self.assertIn(field, str(refused.exception))

    def test_a_backslash_before_u0000_is_a_text(self):
        self.assertEqual(
            self._read(metadata={"a": "\\u0000"}).metadata, '{"a": "\\\\u0000"}'
        )

    def test_the_digest_is_that_of_the_content_as_json(self):
        """What was kept before is compared with it."""
        event = self._read(account='a"\\é', metadata={"note": "\x7f\u20ac"}, units=3)
        told = [event.account, event.event_type, 3, event.occurred_at.isoformat()]
        text = json.dumps([*told, event.metadata])
        wanted = blake2b(text.encode(), digest_size=16).hexdigest()
        self.assertEqual(event.digest, wanted)

    def test_the_digest_tells_contents_apart_and_not_their_spelling(self):
        first = self._read(metadata={"a": 1, "b": 2}).digest
        same = self._read(
            metadata={"b": 2, "a": 1},
            units="2.0",
            occurred_at="2026-03-01T12:00:00+01:00",
        )
        self.assertEqual(same.digest, first)
        for changes in (
            {"units": 3},
            {"account": "b"},
            {"event_type": "sms_inbound"},
            {"occurred_at": "2026-03-01T11:00:01Z"},
            {"metadata": {"a": 2}},
        ):
            self.assertNotEqual(self._read(**changes).digest, first)

    @settings(max_examples=400, deadline=None)
    @given(JSON | st.dictionaries(st.sampled_from([*GOOD, "metadata", "x"]), JSON))
    def test_whatever_json_says_is_read_or_refused_with_a_sentence(self, changes):
        sent = {**GOOD, **changes} if isinstance(changes, dict) else changes
        try:
            event = read_event(sent, NOW)
        except BadEvent as error:
            self.assertTrue(error.code and str(error).isprintable())
            return
        self.assertIs(type(event.units), int)
        again = {
            **{name: getattr(event, name) for name in GOOD},
            "occurred_at": f"{event.occurred_at.isoformat()}Z",
            "metadata": json.loads(event.metadata),
        }
        self.assertEqual(read_event(again, NOW), event)
