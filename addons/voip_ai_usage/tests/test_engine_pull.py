"""Providers are asked as they document it, and what is no answer is told apart."""

import json
from datetime import timedelta
from unittest.mock import patch

from odoo.tests import BaseCase, tagged

from ..providers.pull import http, sources
from ..providers.pull.http import LONGEST_WAIT, Away, Refused, is_safe
from . import provider_samples as samples
from .provider_server import ProviderServer

SINCE = samples.DAY - timedelta(hours=1)
UNTIL = samples.DAY + timedelta(days=1)


@tagged("post_install", "-at_install")
class TestPull(BaseCase):
    def setUp(self):
        super().setUp()
        self.server = ProviderServer()
        self.server.__enter__()
        self.addCleanup(self.server.__exit__)

    def _source(self, provider, key=None, **limits):
        kind, _module = sources.SOURCES[provider]
        source = kind(key or self.server.key, self.server.url, **limits)
        self.addCleanup(source.__exit__)
        return source

    def _all(self, source, name):
        """Names of all records, page by page."""
        pages, key = [], ""
        while True:
            page = source.page(SINCE, UNTIL, key)
            pages.append([record[name] for record in page.records])
            key = page.next
            if not key:
                return pages

    # === PAGES === #

    def test_calls_of_vapi_are_read_back_in_time_and_none_is_left_out(self):
        for number in range(7):
            # Three share the millisecond at which a page ends.
            at = samples.DAY + timedelta(minutes=(0, 1, 2, 3, 3, 3, 4)[number])
            self.server.calls.append(samples.vapi(f"c{number}", at))
        self.server.calls.append(samples.vapi("old", SINCE - timedelta(days=9)))
        source = self._source("vapi")
        source.size = 4
        pages = self._all(source, "id")
        self.assertEqual(len(pages), 3)
        self.assertEqual({ref for p in pages for ref in p}, {f"c{n}" for n in range(7)})

    def test_more_calls_at_a_millisecond_than_a_page_holds_are_told(self):
        self.server.calls = [samples.vapi(f"c{n}") for n in range(5)]
        source = self._source("vapi")
        source.size = 3
        page = source.page(SINCE, UNTIL)
        with self.assertRaisesRegex(Away, "3 calls and more were made at"):
            source.page(SINCE, UNTIL, page.next)

    def test_calls_in_another_order_are_not_trusted(self):
        calls = [samples.vapi("a"), samples.vapi("b", samples.DAY + timedelta(hours=1))]
        self.server.faults = [(200, calls, {})]
        with self.assertRaisesRegex(Away, "not in the order"):
            self._source("vapi").page(SINCE, UNTIL)

    def test_calls_of_retell_come_page_by_page(self):
        for number in range(5):
            at = samples.DAY + timedelta(minutes=number)
            self.server.retell.append(samples.retell(f"c{number}", at))
        source = self._source("retell")
        source.size = 2
        self.assertEqual(
            self._all(source, "call_id"), [["c0", "c1"], ["c2", "c3"], ["c4"]]
        )
        method, path, body = self.server.requests[0]
        self.assertEqual((method, path), ("POST", "/v3/list-calls"))
        low = int(SINCE.timestamp() * 1000)
        self.assertEqual(body["filter_criteria"]["start_timestamp"]["value"][0], low)

    def test_each_conversation_of_elevenlabs_is_asked_for(self):
        for number in range(3):
            at = samples.DAY + timedelta(minutes=number)
            self.server.conversations.append(samples.elevenlabs(f"c{number}", at))
        source = self._source("elevenlabs")
        source.size = 2
        pages = self._all(source, "conversation_id")
        self.assertEqual(pages, [["c2", "c1"], ["c0"]])
        self.assertEqual(len(self.server.requests), 5)

    def test_hours_of_openai_are_records_of_their_results(self):
        for number in range(3):
            at = samples.DAY + timedelta(hours=number)
            self.server.buckets.append(samples.bucket(at))
        self.server.buckets[1]["results"] = []
        source = self._source("openai")
        source.size = 2
        pages = self._all(source, "start_time")
        start = int(samples.DAY.timestamp())
        self.assertEqual(pages, [[start], [start + 7200]])
        _method, _path, params = self.server.requests[0]
        self.assertEqual(params["group_by"], list(source.groups))
        self.assertEqual(params["bucket_width"], "1h")

    def test_one_call_is_read_again_and_a_deleted_one_is_none(self):
        self.server.calls.append(samples.vapi("a/b?c"))
        self.server.retell.append(samples.retell("r1"))
        self.server.conversations.append(samples.elevenlabs("e1"))
        refs = {"vapi": "a/b?c", "retell": "r1", "elevenlabs": "e1"}
        for provider, ref in refs.items():
            source = self._source(provider)
            self.assertIsNotNone(source.one(ref), provider)
            self.assertIsNone(source.one("gone"), provider)
        self.assertIsNone(self._source("openai").one("x"))

    # === WHAT IS NO ANSWER === #

    def test_a_refused_key_is_a_persons_work_and_is_not_said(self):
        for provider in sources.SOURCES:
            source = self._source(provider, "sk-wrong-9876543210")
            with self.subTest(provider), self.assertRaises(Refused) as caught:
                source.page(SINCE, UNTIL)
            self.assertEqual(caught.exception.status, 401)
            self.assertNotIn("9876543210", caught.exception.reason)

    def test_what_passes_by_itself_is_away(self):
        for fault, words in (
            ((500, {"error": "oops"}, {}), "HTTP 500"),
            ((503, "", {}), "HTTP 503"),
            ((408, "", {}), "HTTP 408"),
            ("garbage", "no JSON: <html>busy</html>"),
            ("odd", "maintenance"),
            ("drop", "connection to the provider broke"),
        ):
            for provider in sources.SOURCES:
                with self.subTest(fault=fault, provider=provider):
                    self.server.faults = [fault]
                    with self.assertRaises(Away) as caught:
                        self._source(provider).page(SINCE, UNTIL)
                    self.assertIn(words, caught.exception.reason)

    def test_who_is_too_slow_is_away(self):
        self.server.faults = ["slow"]
        with self.assertRaisesRegex(Away, "did not answer in time"):
            self._source("vapi", read_seconds=0.3).page(SINCE, UNTIL)
        # Each byte comes in time, the answer does not.
        self.server.calls.append(samples.vapi())
        self.server.faults = ["drip"]
        source = self._source("vapi", read_seconds=1, answer_seconds=0.3)
        with self.assertRaisesRegex(Away, "did not answer in time"):
            source.page(SINCE, UNTIL)

    def test_who_is_not_there_is_away(self):
        kind, _module = sources.SOURCES["vapi"]
        with kind("k", "http://127.0.0.1:9") as source:
            with self.assertRaisesRegex(Away, "No connection"):
                source.page(SINCE, UNTIL)

    def test_who_is_asked_too_often_says_when_to_come_back(self):
        for headers, low, high in (
            ({"Retry-After": "7"}, 7, 7),
            ({"retry-after": "1.5"}, 2, 2),
            ({"x-ratelimit-reset-requests": "12s"}, 12, 12),
            ({"x-ratelimit-reset-requests": "6m0s"}, 360, 360),
            ({"x-ratelimit-reset-requests": "1h2m3.4s"}, 3724, 3724),
            ({"x-ratelimit-reset-requests": "120ms"}, 1, 1),
            ({"x-ratelimit-reset-requests": "6m0s!"}, 0, 0),
            (
                {"Retry-After": "Wed, 01 Jan 2200 00:00:00 GMT"},
                LONGEST_WAIT,
                LONGEST_WAIT,
            ),
            ({"Retry-After": "soon"}, 0, 0),
            ({"Retry-After": "-5"}, 0, 0),
            ({"Retry-After": "1e999"}, 0, LONGEST_WAIT),
            ({}, 0, 0),
        ):
            with self.subTest(headers):
                self.server.faults = [(429, {"error": "slow down"}, headers)]
                with self.assertRaises(Away) as caught:
                    self._source("openai").page(SINCE, UNTIL)
                self.assertTrue(low <= caught.exception.seconds <= high)

    def test_a_forgotten_page_begins_again_and_a_repeated_one_ends(self):
        for number in range(3):
            at = samples.DAY + timedelta(minutes=number)
            self.server.retell.append(samples.retell(f"c{number}", at))
        source = self._source("retell")
        source.size = 1
        page = source.page(SINCE, UNTIL)
        self.server.keys.clear()
        with self.assertRaises(sources.LostPage):
            source.page(SINCE, UNTIL, page.next)
        same = {"items": [], "has_more": True, "pagination_key": "page-1"}
        self.server.faults = [(200, same, {})]
        with self.assertRaisesRegex(Away, "again and again"):
            source.page(SINCE, UNTIL, "page-1")
        self.server.faults = [(200, {"items": [], "has_more": True}, {})]
        with self.assertRaisesRegex(Away, "no pagination_key"):
            source.page(SINCE, UNTIL)

    def test_a_key_that_is_said_back_is_in_no_answer(self):
        key = self.server.key
        for answer in ([key], {"items": key}, {"call_id": "c1", "agent_id": key}):
            self.server.faults = [(200, answer, {})] * 2
            source = self._source("retell")
            with self.subTest(answer):
                try:
                    told = source.page(SINCE, UNTIL)
                except Away as error:
                    told = error.reason
                self.assertNotIn(key, str(told))
                try:
                    told = source.one("c1")
                except Away as error:
                    told = error.reason
                self.assertNotIn(key, str(told))

    def test_a_redirect_is_not_followed(self):
        self.server.faults = [(302, "", {"Location": self.server.url + "/elsewhere"})]
        with self.assertRaises(Refused):
            self._source("vapi").page(SINCE, UNTIL)
        self.assertEqual(len(self.server.requests), 1)

    def test_an_answer_without_end_is_cut(self):
        self.server.faults = [(200, json.dumps(["x" * (2 << 20)]), {})]
        few = patch.object(http, "ANSWER_BYTES", 1 << 20)
        with few, self.assertRaisesRegex(Away, "more than 1 MB"):
            self._source("vapi").page(SINCE, UNTIL)

    def test_a_key_goes_only_where_nobody_reads_it_on_the_way(self):
        for url, safe in (
            ("https://api.vapi.ai", True),
            ("https://proxy.example/vapi/", True),
            ("http://127.0.0.1:8080", True),
            ("http://localhost", True),
            ("http://api.vapi.ai", False),
            ("https://", False),
            ("https://user:secret@api.vapi.ai", False),
            ("https://api.vapi.ai/?a=1", False),
            ("ftp://api.vapi.ai", False),
            ("https://[", False),
            ("", False),
            (None, False),
        ):
            with self.subTest(url):
                self.assertEqual(is_safe(url), safe)
        with self.assertRaises(Refused):
            sources.Vapi("k", "http://api.vapi.ai")
        for key in ("k\ney", "", "kéy", None):
            with self.assertRaisesRegex(Refused, "what no key holds"):
                sources.Vapi(key, self.server.url)
