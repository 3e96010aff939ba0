"""Imports from providers: every call once, none lost."""

from datetime import timedelta

from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..providers.pull import sources
from . import provider_samples as samples
from .provider_common import ProviderCommon

FETCHING = "odoo.addons.voip_billing_base.models.voip_job"


@tagged("post_install", "-at_install")
class TestProviderImport(ProviderCommon):
    # === WHAT IS FETCHED === #

    def test_every_call_is_there_once_however_often_it_is_fetched(self):
        self._sessions_are_taken()
        self.server.calls = [
            samples.vapi(f"c{n}", self.day + timedelta(minutes=n)) for n in range(5)
        ]
        one = self._import()
        self.patch(sources.Vapi, "size", 2)
        for _again in range(3):
            one._work()
        records = self._records(one)
        self.assertEqual(records.mapped("ref"), [f"c{n}" for n in range(5)])
        self.assertEqual(set(records.mapped("state")), {"taken"})
        taken = sorted(session["session_id"] for session in self.taken)
        self.assertEqual(taken, records.mapped("ref"))
        self.assertEqual((one.state, one.message), ("on", False))
        self.assertEqual(one.read_until, self.env.cr.now().replace(microsecond=0))
        self.assertEqual(
            one.retry_at - one.fetched_at, timedelta(minutes=one.interval_minutes)
        )

    def test_a_session_says_account_charge_and_tokens(self):
        self._sessions_are_taken()
        self.server.calls = [samples.vapi("c1", self.day)]
        self._import()._work()
        (session,) = self.taken
        self.assertEqual(session["account"], "acme")
        self.assertEqual((session["cost"], session["cost_currency"]), ("0.2046", "USD"))
        self.assertIn(
            {"kind": "input", "units": 12000, "model": "gpt-4o", "provider": "openai"},
            session["parts"],
        )
        self.assertNotIn("revision", session)

    def test_each_provider_is_fetched(self):
        self._sessions_are_taken()
        self.server.calls = [samples.vapi("v", self.day)]
        self.server.retell = [samples.retell("r", self.day)]
        self.server.conversations = [samples.elevenlabs("e", self.day)]
        self.server.buckets = [samples.bucket(self.day)]
        for provider in sources.SOURCES:
            one = self._import(provider)
            one._work()
            with self.subTest(provider):
                self.assertFalse(one.message)
                record = self._records(one)
                self.assertEqual(record.state, "taken")
                self.assertFalse(record.is_off)
                self.assertEqual(record.account_id, self.account)
        self.assertEqual(len(self.taken), 4)

    def test_a_call_that_is_not_final_waits_and_is_asked_for_again(self):
        self._sessions_are_taken()
        self.server.calls = [samples.vapi("c1", self.day, usageComplete=False)]
        one = self._import()
        one._work()
        record = self._records(one)
        self.assertEqual((record.state, self.taken), ("provisional", []))
        self.assertEqual(one.open_count, 1)
        # Vapi tells no change by its time: the call itself is asked for.
        self.server.calls = [samples.vapi("c1", self.day, cost=0.3)]
        one.write({"overlap_hours": 8})
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE voip_ai_provider_record SET read_at = read_at - interval '1 day'"
        )
        self.env.invalidate_all()
        one._work()
        self.assertEqual(record.state, "taken")
        self.assertEqual(self.taken[0]["cost"], "0.3")
        self.assertIn(("GET", "/call/c1"), self.server.paths())

    def test_a_call_that_is_told_otherwise_later_is_a_revision(self):
        self._sessions_are_taken()
        self.server.retell = [samples.retell("r", self.day)]
        one = self._import("retell", overlap_hours=72)
        one._work()
        self.server.retell[0]["llm_token_usage"]["values"] = [9000, 10010, 10]
        one._work()
        one._work()
        self.assertEqual([s.get("revision") for s in self.taken], [None, 1])
        self.assertEqual(self._records(one).revision, 1)

    def test_an_hour_of_openai_grows_and_is_handed_over_when_it_is_final(self):
        self._sessions_are_taken()
        hour = self.now.replace(minute=0, second=0, tzinfo=self.day.tzinfo)
        self.server.buckets = [samples.bucket(hour - timedelta(hours=2))]
        one = self._import("openai")
        one._work()
        self.assertEqual(self._records(one).state, "provisional")
        self.server.buckets[0]["results"][0]["output_tokens"] = 1500
        one._work()
        record = self._records(one)
        self.assertEqual(record.raw["result"]["output_tokens"], 1500)
        self.assertEqual((record.state, self.taken), ("provisional", []))
        # The same content is final some hours later.
        old = samples.bucket(hour - timedelta(hours=10))
        self.server.buckets = [old]
        one._work()
        self.assertEqual(len(self.taken), 1)

    def test_what_is_never_final_is_an_error_and_not_forgotten(self):
        at = self.day - timedelta(days=20)
        self.server.calls = [samples.vapi("c1", at, usageComplete=False)]
        self.server.calls.append(samples.vapi("c2", self.day, usageComplete=False))
        one = self._import(start_at=self.now - timedelta(days=30))
        one._work()
        self.server.calls.pop()
        self.env.cr.execute(
            "UPDATE voip_ai_provider_record SET read_at = read_at - interval '1 day'"
        )
        self.env.invalidate_all()
        one._work()
        records = self._records(one)
        self.assertEqual(records.mapped("error"), ["never_final", "gone"])
        self.assertIn("Two weeks", records[0].message)

    # === WHAT ENDS A FETCH === #

    def test_a_fetch_goes_on_where_it_was_killed(self):
        self.server.retell = [
            samples.retell(f"r{n}", self.day + timedelta(minutes=n)) for n in range(4)
        ]
        self.patch(sources.Retell, "size", 1)
        one = self._import("retell")

        def killed(server):
            server.faults = ["drop"]

        self.server.faults = [None, killed, None]
        with mute_logger(FETCHING):
            one._work()
        self.assertEqual(one.page_count, 2)
        self.assertEqual(self._records(one).mapped("ref"), ["r0", "r1"])
        self.assertEqual(one.state, "on")
        self.assertTrue(one.span_until)
        asked = len(self.server.requests)
        one._work()
        self.assertEqual(len(self._records(one)), 4)
        # Two pages were left, and no page was read twice.
        self.assertEqual(len(self.server.requests) - asked, 2)
        self.assertFalse(one.span_until)

    def test_a_page_that_changes_while_it_is_read_loses_nothing(self):
        self._sessions_are_taken()
        self.patch(sources.Vapi, "size", 2)
        self.server.calls = [
            samples.vapi(f"c{n}", self.day + timedelta(minutes=n)) for n in range(4)
        ]

        def more(server):
            # One is deleted, one is told otherwise, one is new.
            del server.calls[3]
            late = self.day + timedelta(minutes=9)
            server.calls.append(samples.vapi("c9", late))

        self.server.faults = [None, more]
        one = self._import()
        one._work()
        one._work()
        self.assertEqual(
            self._records(one).mapped("ref"), ["c0", "c1", "c2", "c3", "c9"]
        )
        self.assertEqual(len(self.taken), 5)

    def test_a_lost_page_begins_the_span_again(self):
        self.server.retell = [
            samples.retell(f"r{n}", self.day + timedelta(minutes=n)) for n in range(3)
        ]
        self.patch(sources.Retell, "size", 1)

        def forget(server):
            server.keys.clear()

        self.server.faults = [None, forget]
        one = self._import("retell")
        one._work()
        self.assertIn("A page was lost", one.message)
        self.assertFalse(one.page_key)
        one._work()
        self.assertEqual(len(self._records(one)), 3)
        self.assertFalse(one.message)

    def test_a_wrong_key_stops_and_tells_the_managers(self):
        manager = new_test_user(
            self.env,
            login="ai_manager",
            groups="voip_billing_base.group_voip_manager",
            company_id=self.env.company.id,
        )
        one = self._import(key="sk-wrong-9876543210")
        one._work()
        self.assertEqual(one.state, "stopped")
        self.assertIn("HTTP 401", one.message)
        self.assertNotIn("9876543210", one.message)
        self.assertIn(manager, one.activity_ids.user_id)
        self.assertNotIn(one, one.search(one._due_domain()))
        # Another key, and it goes on; the activity is done.
        one.key = self.server.key
        self.assertIn(one, one.search(one._due_domain()))
        one._work()
        self.assertEqual((one.state, one.message), ("on", False))
        self.assertFalse(one.activity_ids)

    def test_who_asks_to_wait_is_not_asked_before(self):
        self.server.faults = [(429, {"error": "slow down"}, {"Retry-After": "1800"})]
        one = self._import()
        before = self.env.cr.now()
        one._work()
        self.assertEqual(one.state, "on")
        self.assertIn("HTTP 429", one.message)
        self.assertGreaterEqual(one.retry_at, before + timedelta(seconds=1799))
        self.assertNotIn(one, one.search(one._due_domain()))

    def test_what_passes_by_itself_is_tried_again_ever_later(self):
        one = self._import()
        waits = []
        for _again in range(6):
            self.server.faults = ["garbage"]
            one._work()
            waits.append((one.retry_at - self.env.cr.now()).total_seconds())
        self.assertEqual(one.state, "on")
        self.assertEqual([round(wait, -1) for wait in waits[2:]], [60, 300, 900, 900])
        self.assertIn("no JSON", one.message)

    # === WHAT CANNOT BE TAKEN === #

    def test_a_bad_call_spoils_no_other(self):
        self._sessions_are_taken()
        bad = samples.vapi("bad", self.day)
        bad["cost"] = "a lot"
        nul = samples.vapi("nul", self.day, endedReason="a\x00b")
        half = samples.vapi("half", self.day, phoneCallProvider="\ud800")
        nameless = samples.vapi("", self.day)
        good = samples.vapi("good", self.day)
        self.server.calls = [bad, nul, half, nameless, good]
        one = self._import()
        one._work()
        self.assertEqual([s["session_id"] for s in self.taken], ["good"])
        errors = self._records(one).filtered("error")
        self.assertEqual(errors[:3].mapped("ref"), ["bad", "half", "nul"])
        self.assertTrue(errors[3].ref.startswith("unnamed "))
        self.assertIn("id is missing", errors[3].message)
        self.assertEqual(set(errors.mapped("error")), {"unreadable"})
        self.assertIn("cost: 'a lot' is no number", errors[0].message)
        self.assertEqual(one.error_count, 4)

    def test_a_bad_hour_of_openai_is_one_error_however_often_it_is_told(self):
        self.server.buckets = [samples.bucket(self.day)]
        result = self.server.buckets[0]["results"][0]
        one = self._import("openai")
        for cached in (6000, 7000):
            result["input_cached_tokens"] = cached
            one._work()
        record = self._records(one)
        self.assertEqual(record.mapped("error"), ["unreadable"])
        self.assertIn("7000 of 5000", record.message)
        self._sessions_are_taken()
        result["input_cached_tokens"] = 4000
        one._work()
        # Read at last, it is the same record, and no error is left.
        self.assertEqual(self._records(one), record)
        self.assertEqual((record.state, record.error), ("taken", False))
        self.assertEqual((one.error_count, len(self.taken)), (0, 1))

    def test_a_call_without_account_waits_for_one(self):
        self._sessions_are_taken()
        self.server.calls = [samples.vapi("c1", self.day)]
        one = self._import(account_id=False)
        one._work()
        record = self._records(one)
        self.assertEqual((record.error, self.taken), ("no_account", []))
        self.assertIn("assistant-1", record.message)
        one.account_ids = [
            (0, 0, {"name": "assistant-1", "account_id": self.account.id})
        ]
        record.action_again()
        self.assertEqual((record.state, record.account_id), ("taken", self.account))

    def test_the_most_particular_name_says_whose_a_call_is(self):
        self._sessions_are_taken()
        agent, number, own = (
            self._create_account(code=code) for code in ("agent", "number", "own")
        )
        # An account's code is no provider's id.
        self._create_account(code="assistant-1")
        call = samples.vapi("c1", self.day)
        said = samples.vapi("c2", self.day, metadata={"account": "own"})
        other = samples.vapi("c3", self.day, assistantId="assistant-2")
        else_ = samples.vapi("c4", self.day, assistantId="x", phoneNumberId="y")
        self.server.calls = [call, said, other, else_]
        one = self._import(
            account_ids=[
                (0, 0, {"name": "number-1", "account_id": number.id}),
                (0, 0, {"name": "assistant-1", "account_id": agent.id}),
            ]
        )
        one._work()
        self.assertEqual(
            self._records(one).mapped("account_id.code"),
            ["agent", "own", "number", "acme"],
        )
        self.assertEqual(own.code, "own")

    def test_a_refused_session_says_why(self):
        self._sessions_are_taken({0: "model: has no price."})
        self.server.calls = [samples.vapi("c1", self.day)]
        one = self._import()
        one._work()
        record = self._records(one)
        self.assertEqual(record.error, "refused")
        self.assertIn("model: has no price", record.message)

    # === WHAT WAS CHARGED === #

    def test_a_charge_that_is_not_its_sum_is_listed(self):
        self._sessions_are_taken()
        self.server.calls = [
            samples.vapi("c1", self.day, cost=0.2047),
            samples.vapi("c2", self.day, cost=0.2048),
        ]
        one = self._import()
        one._work()
        near, far = self._records(one)
        self.assertEqual((near.is_off, far.is_off), (False, True))
        self.assertEqual((far.charged, far.added), (0.2048, 0.2046))
        self.assertEqual(far.difference, 0.0002)
        self.assertEqual(one.off_count, 1)
        self.assertIn("model gpt-4o: 0.03", far.breakdown_text)
        self.assertIn("Σ costs: 0.2046", far.breakdown_text)

    def test_a_record_that_was_meddled_with_fails_the_check(self):
        self._sessions_are_taken()
        self.server.calls = [samples.vapi("c1", self.day)]
        one = self._import()
        one._work()
        self.assertEqual(self._broken(), 0)
        self.env.cr.execute(
            "UPDATE voip_ai_provider_record SET added = 0 WHERE import_id = %s",
            [one.id],
        )
        self.assertEqual(self._broken(), 1)

    def _broken(self):
        checks = {
            name: sql for name, _what, sql in self.env["voip.check"]._checks(None, True)
        }
        self.env.flush_all()
        self.env.cr.execute(checks["ai_provider"])
        return self.env.cr.fetchone()[0]
