"""A provider's call becomes a session, with its tokens, charge and call id."""

from datetime import timedelta

from odoo.tests import tagged

from . import provider_samples as samples
from .common import AiCommon
from .provider_common import ProviderCommon


@tagged("post_install", "-at_install")
class TestProviderSession(ProviderCommon, AiCommon):
    def _kept(self, one):
        return self.env["voip.ai.session"].search(
            [("company_id", "=", one.company_id.id)], order="session_ref"
        )

    def test_a_call_of_vapi_is_a_session_once(self):
        self.server.calls = [samples.vapi("c1", self.day)]
        one = self._import()
        one._work()
        one._work()
        session = self._kept(one)
        self.assertRecordValues(
            session,
            [
                {
                    "session_ref": "c1",
                    "account_code": self.account.code,
                    "call_ref": "CA-c1",
                    "seconds": 90,
                    "tools": 1,
                    "cost_text": "0.20460000",
                    "cost_parts_text": "0.20460000",
                    "cost_currency": "USD",
                    "revision": 0,
                }
            ],
        )
        leaves = {
            (part["model"], part["kind"]): part["units"] for part in session.parts
        }
        self.assertEqual(leaves["gpt-4o", "input"], 8000)
        self.assertEqual(leaves["gpt-4o", "input.cached"], 4000)
        self.assertEqual(leaves["eleven_turbo_v2_5", "text_to_speech"], 1445)
        record = self._records(one)
        self.assertEqual(record.state, "taken")
        self.assertEqual(record.action_view_session()["res_id"], session.id)

    def test_a_call_that_is_told_otherwise_takes_its_sessions_place(self):
        self.server.retell = [samples.retell("r", self.day)]
        one = self._import("retell", overlap_hours=72)
        one._work()
        self.server.retell[0]["llm_token_usage"]["values"] = [9000, 10010, 10]
        one._work()
        session = self._kept(one)
        self.assertEqual((session.revision, len(session)), (1, 1))
        (tokens,) = (p for p in session.parts if p["kind"] == "input")
        self.assertEqual(tokens["units"], 19020)

    def test_speech_is_a_part_only_where_it_has_prices(self):
        self.server.calls = [samples.vapi("c1", self.day)]
        one = self._import(has_speech=False)
        one._work()
        session = self._kept(one)
        kinds = {part["kind"] for part in session.parts}
        self.assertNotIn("text_to_speech", kinds)
        self.assertIn("output", kinds)
        self.assertEqual(session.cost_text, "0.20460000")

    def test_a_credit_is_taken_as_what_it_is(self):
        call = samples.retell("r", self.day)
        call["call_cost"]["product_costs"] = [{"product": "goodwill", "cost": -150}]
        call["call_cost"]["combined_cost"] = -150
        self.server.retell = [call]
        one = self._import("retell")
        one._work()
        self.assertEqual(self._records(one).state, "taken")
        session = self._kept(one)
        self.assertEqual(session.cost_text, "-1.50000000")
        self.assertEqual(session.cost_parts_text, "-1.50000000")

    def test_what_the_door_refuses_is_said(self):
        ahead = samples.iso(self.day + timedelta(days=3))
        self.server.calls = [samples.vapi("c1", self.day, startedAt=ahead)]
        one = self._import()
        one._work()
        record = self._records(one)
        self.assertEqual((record.state, record.error), ("error", "refused"))
        self.assertIn("is in the future", record.message)
        self.assertFalse(self._kept(one))
