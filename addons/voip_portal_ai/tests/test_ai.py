"""A customer sees his AI calls part by part and his months; no cost, nobody else's."""

import csv
import io
from datetime import timedelta
from unittest.mock import patch

from lxml import html

from odoo.tests import tagged

from odoo.addons.voip_ai_usage.tests.common import AiCommon
from odoo.addons.voip_portal.tests.portal_common import PortalCommon
from odoo.addons.voip_portal.tests.test_axe import AxeCommon

from ..controllers import sessions

PAGES = {"/my/voip/ai", "/my/voip/ai/file", "/my/voip/ai/months"}


@tagged("post_install", "-at_install")
class TestPortalAi(AxeCommon, PortalCommon, AiCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # The one of the portal's customer, whose sessions they are.
        cls.account = cls.account.search([("code", "=", "ai-1")])
        cls.account.write({"partner_id": cls.partner.id, "tz": "UTC"})
        for kind, price in (("input", 0.777), ("output", 0.777)):
            cls._price(kind, price, "cost")
        cls._price("output", 0.02)
        cls.env["voip.ai.price"].create(
            {
                "model_id": cls.model.id,
                "kind": "input",
                "pricing": "markup",
                "markup_percent": 33,
                "effective_from": cls.since,
            }
        )
        cls.deck = cls._create_deck([{"prefix": "44", "price_per_minute": "0.60"}])
        cls.account.deck_id = cls.deck
        cls._create_switch(code="ai-switch")
        cls._create_trunk(cls.account, code="ai-trunk")

    def setUp(self):
        super().setUp()
        self._login()
        day = self.at.date()
        self.days = f"account=ai-1&date_from={day}&date_to={day}"

    def _talk(self):
        """A session of a call of two minutes."""
        self.env["voip.cdr"].ingest(
            switch="ai-switch",
            records=[
                {
                    "call_id": "c-1",
                    "called": "442071234567",
                    "start": self.at.isoformat(),
                    "answer": self.at.isoformat(),
                    "duration": "120",
                    "trunk": "ai-trunk",
                }
            ],
            rate_now=True,
        )
        session = self._session(1, call_id="c-1", cached_tokens=0, tools=["a", "b"])
        self._send(session, switch="ai-switch")

    def _text(self, path):
        answer = self._get(path)
        self.assertEqual(answer.status_code, 200)
        for canary in ("0.777", "33 %", "mark-up", "Canary", "OpenAI Inc"):
            self.assertNotIn(canary, answer.text)
        return " ".join(html.fromstring(answer.content).text_content().split())

    def test_a_call_is_one_with_its_parts(self):
        self._talk()
        text = self._text(f"/ai?{self.days}")
        # 1,000 at 0.777 and a third on it; 200 at 0.02 a thousand; 2 minutes at 0.60.
        for words in (
            "s-1", "442071234567", "1,200",
            "1,000 × 1.03341 / 1,000 = 1.03341", "200 × 0.02 / 1,000 = 0.004",
            "Tools used: 2", "120 s billed, 1.20", "2.23741",
        ):
            self.assertIn(words, text)

    def test_the_file_has_a_row_for_each_part(self):
        self._talk()
        data = self._get(f"/ai/file?{self.days}").content.decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(data)))
        amounts = [row["Amount"] for row in rows]
        self.assertEqual(amounts, ["1.03341000", "0.00400000", "1.20000000"])
        self.assertEqual({row["Session"] for row in rows}, {"s-1"})
        self.assertNotIn("0.777", data)
        with patch.object(sessions, "MOST", 0):
            self.assertIn("More than 0 calls", self._text(f"/ai/file?{self.days}"))

    def test_what_was_taken_back_is_not_told_as_charged(self):
        self._talk()
        again = self._session(
            1, call_id="c-1", cached_tokens=0, completion_tokens=100, revision=1
        )
        self._send(again, switch="ai-switch")
        text = self._text(f"/ai?{self.days}")
        self.assertIn("100 × 0.02 / 1,000 = 0.002", text)
        self.assertNotIn("200 × 0.02", text)
        self.assertIn("2.23541", text)

    def test_months_and_the_plan_tell_their_terms(self):
        self.assertIn("No plan", self._text("/ai/months?account=ai-1"))
        plan = self._plan(included_tokens=500, monthly_fee=9.5, minimum=0.03)
        self._subscribe(plan)
        self._talk()
        text = self._text("/ai/months?account=ai-1")
        for words in ("Plan", "9.50", "0.03", f"{self.at:%Y-%m}", "of 500 used"):
            self.assertIn(words, text)
        months = self.env["voip.ai.month"].search([("account_id.code", "=", "ai-1")])
        self.assertTrue(months)
        month = months.filtered("sessions")
        self.assertIn(f"{month.amount:.8f}".rstrip("0"), text)

    def test_days_are_few(self):
        since = self.at.date() - timedelta(days=40)
        self.assertIn(
            "31 days at most", self._text(f"/ai?account=ai-1&date_from={since}")
        )

    def test_what_is_not_his_is_not_there(self):
        self._talk()
        for page in PAGES:
            path = page.removeprefix("/my/voip")
            for code in ("CANARY", "nobody", "%00"):
                answer = self._get(f"{path}?account={code}")
                self.assertEqual(answer.status_code, 404, page)
        second = self.days.replace("ai-1", "SECOND")
        self.assertNotIn("s-1", self._text(f"/ai?{second}"))
        self._login("stranger")
        self.assertEqual(self._get(f"/ai?{self.days}").status_code, 404)
        text = self._get(f"/ai?{self.days.replace('ai-1', 'CANARY')}").text
        self.assertIn("No AI calls in these days", text)
        self._customer(self.env["res.partner"].create({"name": "New"}), "new")
        self._login("new")
        for path in ("/ai", "/ai/months"):
            self.assertIn("no phone account yet", self._text(path))

    def test_the_pages_are_accessible(self):
        self._subscribe(self._plan(included_tokens=500, monthly_fee=9.5))
        self._talk()
        self.assertAccessible([f"/ai?{self.days}", "/ai/months"], code="ai-1")

    def test_every_route_is_tried(self):
        self.assertEqual(self._routes("voip_portal_ai")[0], PAGES)
        self.authenticate(None, None)
        for page in PAGES:
            answer = self.url_open(page, allow_redirects=False)
            self.assertEqual(answer.status_code, 303)
