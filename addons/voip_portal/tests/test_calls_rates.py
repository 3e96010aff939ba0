"""The customer sees his calls with their prices and his rates; no cost."""

import csv
import io
from datetime import timedelta
from unittest.mock import patch

from lxml import html

from odoo.tests import tagged

from odoo.addons.voip_rating.tests.common import VoipRatingCommon

from ..controllers import calls
from .portal_common import PortalCommon


class CallsCommon(PortalCommon, VoipRatingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        now = cls.env.cr.now().replace(microsecond=0)
        cls.start = now - timedelta(hours=1)
        begin = now - timedelta(days=60)
        cls.deck = cls._create_deck(
            [
                {"prefix": "49", "price_per_minute": 0.05, "effective_from": begin},
                {
                    "prefix": "44",
                    "price_per_minute": 0.021,
                    "connect_fee": 0.5,
                    "initial_increment": 30,
                    "next_increment": 6,
                    "effective_from": begin,
                },
                {"prefix": "33", "blocked": True, "effective_from": begin},
                {
                    "prefix": "45",
                    "price_per_minute": 0.75,
                    "effective_from": now + timedelta(days=7),
                },
            ],
            currency_id=cls.env.company.currency_id.id,
        )
        cls.canary = cls._create_deck(
            [{"prefix": "49", "price_per_minute": 0.777, "effective_from": begin}],
            currency_id=cls.env.company.currency_id.id,
            side="supplier",
            name="Canary deck",
        )
        cls.account.deck_id = cls.deck
        cls._create_trunk(cls.account, code="own-trunk")
        cls._create_switch(code="own-switch")

    def setUp(self):
        super().setUp()
        self._topup(self.account, 100)
        self._login()

    def _call(self, called, seconds, call_id):
        self.env["voip.cdr"].ingest(
            switch="own-switch",
            records=[
                {
                    "call_id": call_id,
                    "caller": "4930111",
                    "called": called,
                    "start": self.start.isoformat() + "Z",
                    "answered": True,
                    "duration": str(seconds),
                    "trunk": "own-trunk",
                }
            ],
            rate_now=True,
        )

    def _days(self):
        return f"date_from={self.start:%Y-%m-%d}&date_to={self.start:%Y-%m-%d}"


@tagged("post_install", "-at_install")
class TestCallsAndRates(CallsCommon):
    def test_a_call_tells_how_its_price_came_to_be(self):
        self._call("441632960123", 47, "one")
        page = self._get(f"/calls?account=auto-1&{self._days()}")
        self.assertEqual(page.status_code, 200)
        text = " ".join(html.fromstring(page.text).text_content().split())
        for told in (
            "441632960123 begins with 44",
            "lasted 47 s and is billed as 48 s: 30 s at least, then by 6 s",
            "Price per minute 0.021",
            "for 0.8000 minutes",
            "Plus 0.5",
            "0.5168",
        ):
            self.assertIn(told, text)
        file = self._get(f"/calls/file?account=auto-1&number=44&{self._days()}")
        rows = list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"))))
        self.assertEqual(rows[1][2], "441632960123")
        self.assertEqual(rows[1][7], "0.51680000")

    def test_more_calls_than_a_file_takes_are_told(self):
        self._call("441632960123", 47, "one")
        with patch.object(calls, "MOST", 0):
            page = self._get(f"/calls/file?account=auto-1&number=44&{self._days()}")
        self.assertIn("More than 0 calls: choose fewer days.", page.text)

    def test_calls_are_found_by_number(self):
        self._call("441632960123", 47, "one")
        self._call("4915112345", 60, "two")
        for number, here, absent in (
            ("44", "441632960123", "4915112345"),
            ("+49151", "4915112345", "441632960123"),
        ):
            page = self._get(f"/calls?account=auto-1&number={number}&{self._days()}")
            self.assertIn(here, page.text)
            self.assertNotIn(absent, page.text)
        for wrong in ("x", "4%25", "1_", "9" * 16):
            page = self._get(f"/calls?account=auto-1&number={wrong}")
            self.assertIn("digits only", page.text)
        page = self._get("/calls?date_from=2026-01-01&date_to=2026-03-01")
        self.assertIn("31 days at most", page.text)

    def test_of_many_calls_a_number_is_searched_in_the_last_days(self):
        self._call("442012345678", 65, "n-2")
        today = self.env["voip.usage"].search([], limit=1).local_day
        for back, count in ((5, 1), (3, 7), (1, 1)):
            day = today - timedelta(days=back)
            self._use(self.account, day, "UK", "1", calls=count)
        last = today.isoformat()
        query = f"account=auto-1&number=44&date_to={last}&date_from="
        query += (today - timedelta(days=9)).isoformat()
        with patch.object(calls, "MOST_SEARCHED", 8):
            page = self._get(f"/calls?{query}").text
            self.assertIn("442012345678", page)
            since = (today - timedelta(days=1)).isoformat()
            self.assertIn(f"the days from {since} on", page)
            page = self._get(f"/calls?{query.replace('number=44', 'number=')}").text
            self.assertNotIn("Searched were", page)
        self.assertNotIn("Searched were", self._get(f"/calls?{query}").text)

    def test_his_rates_are_searched(self):
        for search, here, absent in (
            ("44", "0.0210", "0.0500"),
            ("", "0.0500", "nothing of that kind"),
            ("+49", "0.0500", "0.0210"),
            ("%25", "No rate fits", "0.0500"),
        ):
            with self.subTest(search):
                page = self._get(f"/rates?account=auto-1&search={search}")
                self.assertEqual(page.status_code, 200)
                now = page.text.split("Now</h2>")[1]
                self.assertIn(here, now)
                self.assertNotIn(absent, now)
                self.assertNotIn("0.777", page.text)
        page = self._get("/rates?account=auto-1")
        self.assertIn("To come", page.text)
        self.assertIn("0.7500", page.text)

    def test_he_asks_what_a_call_costs(self):
        for number, seconds, told in (
            ("%2B49 171 1234567", "90", "0.0750"),
            ("441632960123", "47", "0.5168"),
            ("331234567", "60", "blocked"),
            ("8821234567", "60", "no price for this number"),
            ("abc", "60", "alert-warning"),
            ("4917112345", "-1", "alert-warning"),
            ("4917112345", "nan", "alert-warning"),
        ):
            with self.subTest(number=number, seconds=seconds):
                query = f"?account=auto-1&number={number}&seconds={seconds}"
                page = self._get(f"/rates{query}")
                self.assertEqual(page.status_code, 200)
                self.assertIn(told, page.text)
                self.assertNotIn("Canary", page.text)

    def test_the_file_has_the_deck_and_what_comes(self):
        answer = self._get("/rates/file/csv?account=auto-1")
        text = answer.content.decode("utf-8-sig")
        for price in ("0.05", "0.021", "0.75"):
            self.assertIn(price, text)
        self.assertNotIn("0.777", text)
        sheet = self._get("/rates/file/xlsx?account=auto-1").content
        self.assertEqual(sheet[:2], b"PK")

    def test_nobody_elses_calls_and_rates(self):
        self.account.deck_id = self.canary
        page = self._get("/rates?account=auto-1")
        self.assertIn("No rates are agreed", page.text)
        self.assertEqual(self._get("/rates/file/csv?account=auto-1").status_code, 404)
        for path in ("/calls", "/calls/file", "/rates", "/rates/file/csv"):
            self.assertEqual(self._get(f"{path}?account=CANARY").status_code, 404)
