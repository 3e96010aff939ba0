"""One session as it is sent."""

import json
from datetime import datetime
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..engine.session import BadSession, read_session

NOW = datetime(2026, 6, 2, 12)
GOOD = {
    "session_id": "s-1",
    "account": "acme",
    "model": "gpt-4o",
    "started_at": "2026-06-01T10:00:00Z",
    "prompt_tokens": 100,
    "completion_tokens": 20,
}

EXAMPLES = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def read(**values):
    return read_session({**GOOD, **values}, NOW)


@tagged("post_install", "-at_install")
class TestReadSession(BaseCase):
    def _refused(self, code, **values):
        with self.assertRaises(BadSession) as caught:
            read(**values)
        self.assertEqual(caught.exception.code, code, str(caught.exception))
        return str(caught.exception)

    def _parts(self, **values):
        parts = read(**values).parts
        return [(p.provider, p.model, p.kind, p.units) for p in parts]

    def test_short_names_are_kinds(self):
        found = self._parts(cached_tokens=40, reasoning_tokens=5)
        self.assertEqual(
            [(kind, units) for *_own, kind, units in found],
            [
                ("input", 60),
                ("input.cached", 40),
                ("output", 15),
                ("output.reasoning", 5),
            ],
        )
        same = {"tokens": {"input": 100}}
        self.assertEqual(self._parts(**same), self._parts())
        self.assertIn(
            "prompt_tokens: 100, but tokens.input: 99",
            self._refused("bad_value", tokens={"input": 99}),
        )

    def test_parts_name_their_own_model_or_the_sessions(self):
        found = self._parts(
            provider="openai",
            tools=["look_up", "transfer"],
            parts=[
                {"kind": "speech_to_text", "units": 61, "provider": "deepgram"},
                {"kind": "text_to_speech", "units": 9, "model": "sonic"},
                {"kind": "input", "units": 7, "model": "gpt-4o-mini"},
                {"kind": "platform", "cost": "0.05"},
            ],
            cost_currency="usd",
        )
        self.assertEqual(
            found,
            [
                ("deepgram", "", "speech_to_text", 61),
                ("openai", "", "platform", 0),
                ("openai", "", "tool", 2),
                ("openai", "gpt-4o", "input", 100),
                ("openai", "gpt-4o", "output", 20),
                ("openai", "gpt-4o-mini", "input", 7),
                ("openai", "sonic", "text_to_speech", 9),
            ],
        )

    def test_what_is_wrong_is_named(self):
        for code, values in (
            ("missing_field", {"session_id": ""}),
            ("missing_field", {"account": None}),
            ("missing_field", {"model": ""}),
            ("bad_time", {"started_at": "yesterday"}),
            ("future", {"started_at": "2026-06-02T13:00:00Z"}),
            ("too_old", {"started_at": "2024-06-02T13:00:00Z"}),
            ("bad_tokens", {"cached_tokens": 101}),
            ("bad_value", {"prompt_tokens": -1}),
            ("bad_value", {"prompt_tokens": 1.5}),
            ("bad_value", {"prompt_tokens": True}),
            ("bad_value", {"prompt_tokens": 10**30}),
            ("bad_value", {"tools": 10**29}),
            ("bad_value", {"revision": 10**30}),
            ("bad_value", {"tokens": {"video": 1}}),
            ("bad_value", {"tokens": [1]}),
            ("bad_value", {"parts": [{"kind": "smell", "units": 1}]}),
            ("bad_value", {"parts": [{"kind": "input", "units": 1}]}),
            ("bad_value", {"parts": [{"kind": "minute", "units": 60}]}),
            ("bad_value", {"prompt_tokens": "1_000"}),
            ("bad_value", {"prompt_tokens": "١٢"}),
            ("bad_value", {"prompt_tokens": "12 "}),
            ("bad_value", {"parts": [{"kind": "tool", "units": 1, "size": 2}]}),
            ("missing_field", {"parts": [{"kind": "tool"}]}),
            ("missing_field", {"cost": "1"}),
            ("bad_value", {"cost": "-1000001", "cost_currency": "USD"}),
            ("bad_value", {"cost": "NaN", "cost_currency": "USD"}),
            ("bad_duration", {"seconds": -1}),
            ("bad_duration", {"ended_at": "2026-06-01T09:59:59Z"}),
            ("bad_metadata", {"metadata": [1]}),
            ("bad_metadata", {"metadata": {"a": 1}, "a": 2}),
            ("bad_metadata", {"metadata": {"a": json.loads("[" * 20 + "]" * 20)}}),
            ("bad_metadata", {"room": json.loads("[" * 20 + "]" * 20)}),
            ("bad_metadata", {"a": "\0"}),
            ("bad_value", {"connected": "yes"}),
            ("bad_value", {"account": " acme"}),
        ):
            with self.subTest(code=code, values=values):
                self._refused(code, **values)

    def test_seconds_are_said_or_lie_between_start_and_end(self):
        self.assertIsNone(read().seconds)
        self.assertEqual(read(seconds="61.2").seconds, 62)
        self.assertEqual(read(ended_at="2026-06-01T12:01:00+02:00").seconds, 60)
        self.assertEqual(read(ended_at="2026-06-01T10:00:00.5Z").seconds, 1)
        both = read(seconds=5, ended_at="2026-06-01T10:01:00Z")
        self.assertEqual(both.seconds, 5)

    def test_a_time_without_zone_is_read_in_the_switchs(self):
        given_ = {**GOOD, "started_at": "2026-06-01T10:00:00"}
        found = read_session(given_, NOW, ZoneInfo("Europe/Bucharest"))
        self.assertEqual(found.started_at, datetime(2026, 6, 1, 7))

    def test_what_nobody_knows_is_kept(self):
        found = read(metadata={"room": 1}, agent="x", tools=["a"])
        self.assertEqual(
            json.loads(found.metadata), {"room": 1, "agent": "x", "tools": ["a"]}
        )
        self.assertEqual(found.tools, 1)

    def test_the_digest_is_that_of_the_content_and_not_of_the_revision(self):
        self.assertEqual(read().digest, read(revision=3).digest)
        self.assertEqual(read(tokens={"input": 100}).digest, read().digest)
        for values in (
            {"prompt_tokens": 99},
            {"account": "other"},
            {"call_id": "x"},
            {"seconds": 1},
            {"connected": False},
            {"agent": "x"},
            {"cost": "1", "cost_currency": "EUR"},
        ):
            with self.subTest(values):
                self.assertNotEqual(read(**values).digest, read().digest)

    def test_costs_are_summed_and_rounded_once(self):
        found = read(
            cost="0.1234567891",
            cost_breakdown={"llm": "0.1", "tts": "0.02"},
            cost_currency="usd",
        )
        self.assertEqual(
            (found.cost, found.cost_parts, found.cost_currency),
            ("0.12345679", "0.12000000", "USD"),
        )

    @EXAMPLES
    @given(
        st.dictionaries(
            st.sampled_from([*GOOD, "tokens", "parts", "cost", "seconds", "tools"]),
            st.recursive(
                st.none() | st.booleans() | st.floats() | st.text() | st.integers(),
                lambda inner: st.lists(inner, max_size=2)
                | st.dictionaries(st.text(), inner, max_size=2),
                max_leaves=4,
            ),
        )
    )
    def test_whatever_is_sent_is_read_or_refused(self, values):
        try:
            read(**values)
        except BadSession as error:
            self.assertTrue(str(error))
