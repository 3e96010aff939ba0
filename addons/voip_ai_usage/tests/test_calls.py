"""A session and its call, whichever comes first, are one call with one margin."""

from datetime import timedelta

from odoo.tests import tagged

from .common import AiCommon


@tagged("post_install", "-at_install")
class TestCalls(AiCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._usual_prices()
        deck = cls._create_deck(
            [{"prefix": "44", "destination": "UK", "price_per_minute": "0.60"}]
        )
        cls.account.deck_id = deck
        cls.switch = cls._create_switch(code="ai-switch")
        cls._create_trunk(cls.account, code="ai-trunk")

    def _call(self, call_id, **values):
        """A call of two minutes that was answered."""
        record = {
            "call_id": call_id,
            "caller": "+442071234560",
            "called": "442071234567",
            "start": self.at.isoformat(),
            "answer": self.at.isoformat(),
            "duration": "120",
            "trunk": "ai-trunk",
            **values,
        }
        cdrs = self.env["voip.cdr"]
        answer = cdrs.ingest(switch="ai-switch", records=[record], rate_now=True)
        self.assertEqual((answer["rated"], answer["in_error"]), (1, 0), answer)

    def _with_call(self, number, call_id, **values):
        session = self._session(number, call_id=call_id, **values)
        self._send(session, switch="ai-switch")
        return self._sent(number)

    def _pass(self, hours):
        """Let time pass for sessions that wait."""
        self.env.cr.execute(
            "UPDATE voip_ai_session SET received_at = received_at - %s * interval"
            " '1 hour', look_at = look_at - %s * interval '1 hour'",
            [hours, hours],
        )
        self.env.invalidate_all()

    def _assert_together(self, session):
        self.assertRecordValues(
            session,
            [
                {
                    "state": "charged",
                    "amount": 0.008,
                    "call_amount": 1.2,
                    "total": 1.208,
                    "cost": 0.004,
                    "margin": 1.204,
                    "is_connected": True,
                }
            ],
        )
        self.assertTrue(session.cdr_id)
        action = session.action_view_call()
        self.assertEqual(action["res_id"], session.cdr_id)
        call = self.env["voip.cdr"].browse(session.cdr_id)
        self.assertTrue(call.has_ai_session)
        back = call.action_view_ai_sessions()
        self.assertEqual(self.Session.search(back["domain"]), session)
        self.assertEqual(self._unbilled(), 1.208)
        self.assertWhole()

    def test_the_call_comes_first(self):
        self._call("c-1")
        self._assert_together(self._with_call(1, "c-1"))

    def test_the_session_comes_first_and_waits(self):
        session = self._with_call(1, "c-1")
        self.assertEqual(session.state, "call")
        # Who looks at what waits sees whose it is.
        self.assertEqual(session.account_id, self.account)
        self.assertEqual(self._unbilled(), 0)
        self._call("c-1")
        self._pass(1)
        self._work()
        self._assert_together(session)

    def test_a_session_without_its_call_is_charged_alone_after_the_accounts_delay(self):
        session = self._with_call(1, "c-1")
        self._pass(23)
        self._work()
        self.assertEqual(session.state, "call")
        self._pass(1)
        self._work()
        self.assertRecordValues(session, [{"state": "charged", "amount": 0.008}])
        lone = [("state", "=", "charged"), ("call_ref", "!=", False)]
        lone += [("cdr_id", "=", False)]
        self.assertEqual(self.Session.search(lone), session)
        # The call comes at last: both are one, and nothing is charged twice.
        self._call("c-1")
        self._pass(7)
        self.Session._link_lone(self.env.company.id)
        self.env.invalidate_all()
        self._assert_together(session)

    def test_an_account_may_wait_for_nothing(self):
        self.account.ai_wait_hours = 0
        self.assertEqual(self._with_call(1, "c-1").state, "charged")

    def test_whether_it_connected_says_the_call(self):
        self._subscribe(self._plan(charges_unconnected=False))
        session = self._with_call(1, "c-1", connected=True)
        self._pass(24)
        self._work()
        self.assertEqual(session.amount, 0.008)
        self._call("c-1", answer=None, duration="0", answered=False)
        self._pass(7)
        self.Session._link_lone(self.env.company.id)
        self.env.invalidate_all()
        self.assertRecordValues(
            session,
            [{"state": "charged", "is_connected": False, "amount": 0.0, "cost": 0.004}],
        )
        self.assertEqual(self._unbilled(), 0)
        self.assertWhole()

    def test_a_call_of_another_switch_or_day_is_another_call(self):
        self._call("c-1")
        session = self._session(1, call_id="c-1")
        other = self._create_switch(code="other")
        self._send(session, switch=other.code)
        self.assertEqual(self._sent(1).state, "call")
        early = (self.at - timedelta(days=5)).isoformat()
        self.assertEqual(self._with_call(2, "c-1", started_at=early).state, "call")

    def test_the_calls_minutes_are_the_sessions_where_it_says_none(self):
        self._subscribe(self._plan(minute_price=0.5))
        self._call("c-1")
        session = self._with_call(1, "c-1")
        self.assertEqual(session.amount, 1.008)
        self.assertEqual(session.seconds, 120)

    def test_calls_that_lack_their_session_are_listed(self):
        self.account.write({"has_ai_calls": True, "ai_wait_hours": 1})
        self._call("c-1")
        self._call("c-2")
        self._with_call(1, "c-1")
        domain = self.Session.action_view_lone_calls()["domain"]
        self.assertEqual(self.env["voip.cdr"].search(domain).mapped("call_id"), ["c-2"])
        self.account.has_ai_calls = False
        action = self.Session.action_view_lone_calls()
        self.assertFalse(self.env["voip.cdr"].search(action["domain"]))
        self.assertIn("with the tick Calls Have AI Sessions", action["help"])
