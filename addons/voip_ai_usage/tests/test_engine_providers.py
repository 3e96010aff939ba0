"""What providers tell of a call: tokens, seconds, and whether their figures agree."""

import copy
import json
from datetime import timedelta
from decimal import Decimal

from odoo.tests import BaseCase, tagged

from ..providers.engine import elevenlabs, openai, retell, vapi
from ..providers.engine.told import BadRecord, charge_of, dump, load
from . import provider_samples as samples


def read(module, record, *more):
    """What a record says after it went through the network and the database."""
    pruned = module.prune(load(json.dumps(record)))
    return module.parse(load(dump(pruned)), *more)


def units(told):
    return {
        (part.get("model", ""), part["kind"]): part["units"]
        for part in told.session["parts"]
    }


class EngineCase(BaseCase):
    def assertRefused(self, words, module, record, *more):
        with self.assertRaises(BadRecord) as caught:
            read(module, record, *more)
        self.assertIn(words, str(caught.exception))


@tagged("post_install", "-at_install")
class TestVapi(EngineCase):
    def test_a_call_is_one_session_with_the_tokens_of_each_model(self):
        told = read(vapi, samples.vapi())
        self.assertEqual(
            units(told),
            {
                ("gpt-4o", "input"): 12000,
                ("gpt-4o", "input.cached"): 4000,
                ("gpt-4o", "output"): 500,
                ("claude-haiku", "input"): 900,
                ("claude-haiku", "output"): 60,
                ("nova-3", "speech_to_text"): 90,
                ("eleven_turbo_v2_5", "text_to_speech"): 1445,
                ("", "platform"): 90,
            },
        )
        session = told.session
        self.assertEqual(session["session_id"], "0c1a")
        self.assertEqual(session["call_id"], "CA-0c1a")
        self.assertEqual(session["started_at"], "2026-03-02T10:00:00+00:00")
        self.assertEqual(session["ended_at"], "2026-03-02T10:01:30+00:00")
        self.assertEqual((session["connected"], session["tools"]), (True, ["book"]))
        self.assertFalse(told.provisional)

    def test_what_was_charged_is_compared_with_both_of_its_own_sums(self):
        told = read(vapi, samples.vapi())
        self.assertEqual(told.charged, Decimal("0.2046"))
        self.assertEqual(dict(told.sums)["costs"], Decimal("0.2046"))
        self.assertEqual(dict(told.sums)["costBreakdown"], Decimal("0.2046"))
        self.assertEqual(told.difference, 0)
        self.assertEqual(charge_of(told)["cost_breakdown"]["model gpt-4o"], "0.03")
        off = read(vapi, samples.vapi(cost=0.3))
        self.assertEqual(off.difference, Decimal("0.0954"))
        hidden = samples.vapi()
        hidden["costBreakdown"]["total"] = 0.2146
        self.assertEqual(read(vapi, hidden).difference, Decimal("-0.0100"))

    def test_minutes_have_decimals_and_are_compared_with_the_calls_time(self):
        call = samples.vapi()
        for part in call["costs"]:
            if "minutes" in part:
                part["minutes"] = 1.3333
        told = read(vapi, call)
        self.assertEqual(told.seconds, Decimal("79.998"))
        self.assertEqual(told.measured, 90)
        self.assertEqual(
            told.notes, ("79.9980 seconds are billed, the call took 90.000000.",)
        )
        # A part of a second is one more.
        self.assertEqual(units(told)["", "platform"], 80)

    def test_a_call_is_provisional_until_its_usage_is_complete(self):
        for change in (
            {"status": "in-progress"},
            {"cost": None},
            {"usageComplete": False},
            {"costBreakdown": {"usageComplete": False}},
        ):
            with self.subTest(change):
                self.assertTrue(read(vapi, samples.vapi(**change)).provisional)
        call = samples.vapi()
        call["costs"][2]["usageComplete"] = False
        self.assertTrue(read(vapi, call).provisional)
        call["costs"][2]["usageComplete"] = True
        self.assertFalse(read(vapi, call).provisional)

    def test_an_old_call_without_parts_has_its_breakdown(self):
        call = samples.vapi(costs=None)
        call["assistant"] = {"model": {"model": "gpt-4o", "messages": ["secret"]}}
        told = read(vapi, call)
        self.assertEqual(
            units(told), {("gpt-4o", "input"): 12000, ("gpt-4o", "output"): 500}
        )
        self.assertEqual(told.difference, 0)

    def test_a_call_that_nobody_answered_costs_but_is_not_connected(self):
        never = {"startedAt": None, "endedAt": None, "costs": [], "costBreakdown": None}
        told = read(vapi, samples.vapi(**never, cost=0))
        self.assertFalse(told.session["connected"])
        self.assertEqual(told.session["parts"], [])
        self.assertFalse(told.provisional)

    def test_nothing_of_what_was_said_is_kept(self):
        for module, record in (
            (vapi, samples.vapi()),
            (retell, samples.retell()),
            (elevenlabs, samples.elevenlabs()),
        ):
            kept = dump(module.prune(load(json.dumps(record))))
            for word in ("secret", "4915112345678", "Eve"):
                self.assertNotIn(word, kept, module.__name__)

    def test_a_bad_field_is_named(self):
        call = samples.vapi()
        call["costs"][2]["cachedPromptTokens"] = 12001
        self.assertRefused("cachedPromptTokens: 12001 of 12000", vapi, call)
        for change, words in (
            ({"id": ""}, "id is missing"),
            ({"cost": "1e9"}, "cost: '1e9' is not from"),
            ({"cost": "x"}, "cost: 'x' is no number"),
            ({"cost": "١"}, "is no number"),
            ({"startedAt": "2026-03-02"}, "startedAt: '2026-03-02' is no time"),
            ({"costs": {}}, "costs: {} is no list"),
            ({"costBreakdown": []}, "costBreakdown: [] is no object"),
        ):
            with self.subTest(change):
                self.assertRefused(words, vapi, samples.vapi(**change))
        for text in ("", "[", "NaN", "[Infinity]", "[" * 10**5):
            with self.subTest(text[:5]), self.assertRaises(BadRecord):
                load(text)


@tagged("post_install", "-at_install")
class TestRetell(EngineCase):
    def test_cents_become_dollars_and_a_long_prompt_is_priced(self):
        told = read(retell, samples.retell())
        self.assertEqual(told.charged, Decimal("0.6938"))
        self.assertEqual(dict(told.sums)["product_costs"], Decimal("0.6938"))
        # 229 s × (0.09 + 0.025 + 0.06 + 0.025) + 393 s × 0.06 cents
        self.assertEqual(dict(told.sums)["unit_price"], Decimal("0.6938"))
        self.assertEqual(told.difference, 0)
        self.assertEqual(
            told.notes, ("Long prompts: the model's price counts 2.7157 times.",)
        )
        self.assertEqual(
            units(told), {("gpt_5_1", "input"): 19010, ("", "platform"): 229}
        )
        self.assertEqual(told.session["call_id"], "CA-call_1")

    def test_a_long_prompt_may_be_in_the_models_price(self):
        call = samples.retell()
        costs = call["call_cost"]["product_costs"]
        costs[2]["cost"] = 37.32
        del costs[4]
        self.assertEqual(read(retell, call).difference, 0)

    def test_a_surcharge_that_its_tokens_do_not_explain_is_a_difference(self):
        call = samples.retell()
        call["call_cost"]["product_costs"][4]["cost"] = 33.58
        call["call_cost"]["combined_cost"] = 79.38
        self.assertEqual(read(retell, call).difference, Decimal("0.1"))
        call["call_cost"]["combined_cost"] = 69.38
        self.assertEqual(read(retell, call).difference, Decimal("-0.1"))

    def test_the_least_that_is_billed_is_told(self):
        call = samples.retell(duration_ms=6000, llm_token_usage=None)
        call["call_cost"] = {
            "total_duration_seconds": 10,
            "product_costs": [{"product": "gpt_4o", "unit_price": 0.1, "cost": 1}],
            "combined_cost": 1,
        }
        told = read(retell, call)
        self.assertEqual(told.difference, 0)
        self.assertEqual(
            told.notes, ("10 seconds are the least that is billed, the call took 6.",)
        )

    def test_a_call_without_cost_or_still_going_on_is_provisional(self):
        for change in ({"call_cost": None}, {"call_status": "ongoing"}):
            with self.subTest(change):
                self.assertTrue(read(retell, samples.retell(**change)).provisional)

    def test_a_call_that_was_not_dialled_is_not_connected(self):
        for change in (
            {"call_status": "not_connected"},
            {"disconnection_reason": "dial_busy"},
        ):
            told = read(retell, samples.retell(**change))
            self.assertFalse(told.session["connected"])

    def test_a_bad_field_is_named(self):
        for change, words in (
            ({"llm_token_usage": {"values": [1.5]}}, "values: "),
            ({"llm_token_usage": {"values": "9"}}, "values: '9' is no list"),
            ({"call_cost": {"product_costs": [{"cost": 1}]}}, "product is missing"),
            ({"start_timestamp": "soon"}, "start_timestamp: 'soon' is no number"),
        ):
            with self.subTest(change):
                self.assertRefused(words, retell, samples.retell(**change))


@tagged("post_install", "-at_install")
class TestElevenLabs(EngineCase):
    def test_cached_tokens_are_part_of_the_input(self):
        told = read(elevenlabs, samples.elevenlabs())
        self.assertEqual(
            units(told),
            {
                ("claude-haiku-4-5", "input"): 12877 + 1000 + 6362,
                ("claude-haiku-4-5", "input.cached"): 1000,
                ("claude-haiku-4-5", "input.cache_write"): 6362,
                ("claude-haiku-4-5", "output"): 241,
                ("", "platform"): 65,
            },
        )
        costs = {part["kind"]: part.get("cost") for part in told.session["parts"]}
        self.assertEqual(costs["input"], "0.012877")
        self.assertEqual(costs["input.cache_write"], "0.0079525")
        self.assertEqual(costs["output"], "0.001205")
        self.assertEqual(told.session["call_id"], "conv_1@sbc")
        self.assertEqual(told.names, ("agent_1", "phnum_1"))

    def test_the_price_of_its_models_is_added_up(self):
        told = read(elevenlabs, samples.elevenlabs())
        self.assertEqual((told.unit, told.charged), ("USD", Decimal("0.0250345")))
        self.assertEqual(told.difference, 0)
        off = samples.elevenlabs(cost_fiat=0.03)
        self.assertEqual(read(elevenlabs, off).difference, Decimal("0.0049655"))
        off = samples.elevenlabs()
        off["metadata"]["charging"]["llm_usage"]["irreversible_generation"][
            "model_usage"
        ]["claude-haiku-4-5"]["output_total"]["price"] = 0.101205
        self.assertEqual(read(elevenlabs, off).difference, Decimal("-0.1"))

    def test_credits_are_compared_but_are_no_money(self):
        told = read(elevenlabs, samples.elevenlabs(cost_fiat=None))
        self.assertEqual((told.unit, told.charged), ("credits", Decimal(320)))
        self.assertEqual(told.difference, 0)
        self.assertEqual(charge_of(told), {})
        self.assertFalse([p for p in told.session["parts"] if "cost" in p])

    def test_it_is_provisional_until_it_is_done_and_charged(self):
        for status in ("initiated", "in-progress", "processing"):
            told = read(elevenlabs, {**samples.elevenlabs(), "status": status})
            self.assertTrue(told.provisional, status)
        told = read(elevenlabs, samples.elevenlabs(cost_fiat=None, cost=None))
        self.assertTrue(told.provisional)

    def test_free_minutes_are_told(self):
        record = samples.elevenlabs()
        record["metadata"]["charging"]["free_minutes_consumed"] = 1.08
        self.assertEqual(
            read(elevenlabs, record).notes, ("1.08 free minutes were used up.",)
        )


@tagged("post_install", "-at_install")
class TestOpenAI(EngineCase):
    late = samples.DAY + timedelta(days=1)

    def _told(self, bucket, at=late):
        (record,) = openai.records(load(json.dumps(bucket)))
        return read(openai, record, at)

    def test_a_bucket_of_a_model_is_one_session(self):
        told = self._told(samples.bucket())
        self.assertEqual(
            units(told),
            {
                ("gpt-realtime-2025-08-28", "input"): 5000,
                ("gpt-realtime-2025-08-28", "input.cached"): 4000,
                ("gpt-realtime-2025-08-28", "input.audio"): 500,
                ("gpt-realtime-2025-08-28", "input.cached.audio"): 200,
                ("gpt-realtime-2025-08-28", "output"): 1000,
                ("gpt-realtime-2025-08-28", "output.audio"): 100,
            },
        )
        start = int(samples.DAY.timestamp())
        self.assertEqual(
            told.session["session_id"],
            f"{start}:key_1:proj_1:gpt-realtime-2025-08-28",
        )
        self.assertNotIn("call_id", told.session)
        self.assertEqual(told.names, ("key_1", "proj_1"))

    def test_audio_of_older_answers_includes_the_cached(self):
        bucket = samples.bucket()
        del bucket["results"][0]["input_cached_audio_tokens"]
        found = units(self._told(bucket))
        self.assertEqual(found["gpt-realtime-2025-08-28", "input.audio"], 300)
        self.assertNotIn(("gpt-realtime-2025-08-28", "input.cached.audio"), found)

    def test_a_bucket_grows_until_some_hours_after_its_end(self):
        end = samples.DAY + timedelta(hours=1)
        for hours, provisional in ((0, True), (5.9, True), (6, False)):
            told = self._told(samples.bucket(), end + timedelta(hours=hours))
            self.assertEqual(told.provisional, provisional, hours)

    def test_what_includes_less_than_it_should_is_refused(self):
        bucket = samples.bucket()
        bucket["results"][0]["input_cached_tokens"] = 5001
        with self.assertRaisesRegex(BadRecord, "input.cached: 5001 of 5000"):
            self._told(bucket)
        bucket = samples.bucket()
        bucket["results"][0]["input_cache_write_tokens"] = 5001
        with self.assertRaisesRegex(BadRecord, "input.cache_write: 5001 of 5000"):
            self._told(bucket)
        with self.assertRaisesRegex(BadRecord, "results: a bucket"):
            openai.records({"results": None})

    def test_long_names_stay_apart_in_the_sessions_id(self):
        ids = set()
        for last in "ab":
            bucket = copy.deepcopy(samples.bucket())
            bucket["results"][0]["model"] = "m" * 100 + last
            bucket["results"][0]["project_id"] = "p" * 60
            ids.add(self._told(bucket).session["session_id"])
        self.assertEqual(len(ids), 2)
        self.assertTrue(all(len(one) <= 128 for one in ids))
