"""Times of mails, over both changes of the clocks; what Brevo posts."""

import itertools
import json
from datetime import datetime, timedelta
from uuid import uuid4

from odoo.tests import BaseCase, tagged

from ..delivery.states import EVENTS, RANKS, summed_up
from ..delivery.timing import MOST_TRIES, next_hour, wait_after
from ..delivery.webhook import BadPost, is_within, read

BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"


@tagged("post_install", "-at_install")
class TestEngineDelivery(BaseCase):
    def test_a_mail_goes_out_at_the_local_hour(self):
        for now, zone, hour, wanted in (
            ("2026-01-15T05:00", BERLIN, 8, "2026-01-15T07:00"),
            ("2026-07-15T05:00", BERLIN, 8, "2026-07-15T06:00"),
            # It is that hour: now.
            ("2026-01-15T07:20", BERLIN, 8, "2026-01-15T07:20"),
            ("2026-01-15T08:00", BERLIN, 8, "2026-01-16T07:00"),
            # The day lies elsewhere.
            ("2026-01-15T23:30", "Asia/Tokyo", 7, "2026-01-16T22:00"),
            ("2026-01-15T02:00", NEW_YORK, 20, "2026-01-16T01:00"),
            ("2026-01-15T00:00", "Asia/Kathmandu", 6, "2026-01-15T00:15"),
            # Over the changes: the same hour of the clock.
            ("2026-03-28T08:00", BERLIN, 8, "2026-03-29T06:00"),
            ("2026-10-24T08:00", BERLIN, 8, "2026-10-25T07:00"),
            # 02:00 is left out: when the clocks are put forward.
            ("2026-03-28T20:00", BERLIN, 2, "2026-03-29T01:00"),
            # 02:00 is there twice: the first one.
            ("2026-10-24T20:00", BERLIN, 2, "2026-10-25T00:00"),
        ):
            with self.subTest(now=now, zone=zone, hour=hour):
                found = next_hour(datetime.fromisoformat(now), zone, hour)
                self.assertEqual(found.isoformat()[:16], wanted)

    def test_the_hour_comes_once_a_day_through_a_year(self):
        for zone, hour in itertools.product((BERLIN, NEW_YORK, "UTC"), (0, 2, 8, 23)):
            with self.subTest(zone=zone, hour=hour):
                moment = next_hour(datetime(2026, 1, 1, 12), zone, hour)
                for _day in range(365):
                    later = next_hour(moment + timedelta(hours=2), zone, hour)
                    gap = (later - moment) / timedelta(hours=1)
                    self.assertIn(gap, (23.0, 24.0, 25.0))
                    moment = later

    def test_tries_come_ever_later_and_end_after_two_days(self):
        waits = [wait_after(tries) for tries in range(1, MOST_TRIES)]
        self.assertEqual(waits[0], timedelta(minutes=1))
        self.assertEqual(waits, sorted(waits))
        self.assertEqual(waits[-1], timedelta(hours=6))
        total = sum(waits, timedelta())
        self.assertTrue(timedelta(days=1) < total < timedelta(days=3))

    def test_a_mail_is_what_most_needs_a_person(self):
        for states, wanted in (
            (["sent"], "sent"),
            (["delivered", "sent"], "sent"),
            (["delivered", "delivered"], "delivered"),
            (["delivered", "opened"], "opened"),
            (["opened", "bounced"], "bounced"),
            (["bounced", "spam"], "spam"),
            (["delivered", "paused"], "delivered"),
        ):
            for order in itertools.permutations(states):
                self.assertEqual(summed_up(order), wanted)

    def test_every_event_leads_to_a_state_of_a_recipient(self):
        self.assertLessEqual(set(EVENTS.values()), set(RANKS))

    def test_events_are_read_as_brevo_posts_them(self):
        key = str(uuid4())
        event = {
            "event": "hard_bounce",
            "email": " Ada@Customer.example ",
            "id": 4711,
            "date": "2026-01-01 01:00:00",
            "ts": 1767225600,
            "ts_event": 1767225600,
            "message-id": "<1@smtp-relay.mailin.fr>",
            "subject": "x",
            "tag": json.dumps([key]),
            "tags": [key],
            "reason": "550\r\nunknown",
        }
        (found,) = read(json.dumps(event).encode())
        self.assertEqual(found.address, "ada@customer.example")
        self.assertEqual(set(found.keys), {key})
        self.assertEqual(found.at, datetime(2026, 1, 1))
        self.assertEqual(found.reason, "550 unknown")
        self.assertEqual(len(read(json.dumps([event, event]).encode())), 2)

    def test_what_says_nothing_is_left_out_and_what_cannot_be_read_refused(self):
        good = {"event": "delivered", "email": "a@b.example", "ts_event": 1767225600}
        for change in (
            {"event": "unknown"},
            {"event": ["delivered"]},
            {"email": None},
            {"ts_event": "soon"},
            {"ts_event": True},
            {"ts_event": 10**30},
            {"ts_event": -1},
        ):
            with self.subTest(change=change):
                self.assertEqual(read(json.dumps({**good, **change}).encode()), [])
        for body in (b"", b"x", b"[1]", b'"x"', b"\xff", b"[" * 100_000):
            with self.subTest(body=body[:9]), self.assertRaises(BadPost):
                read(body)
        with self.assertRaises(BadPost):
            read(json.dumps([good] * 1_001).encode())

    def test_addresses_are_held_against_networks(self):
        brevo = "1.179.112.0/20\n172.246.240.0/20"
        for address, wanted in (
            ("1.179.113.7", True),
            ("172.246.255.255", True),
            ("::ffff:1.179.113.7", True),
            ("1.179.128.1", False),
            ("::1", False),
            ("x", False),
            (None, False),
        ):
            with self.subTest(address=address):
                self.assertEqual(is_within(address, brevo), wanted)
        self.assertTrue(is_within("203.0.113.1", ""))
        with self.assertRaises(ValueError):
            is_within("1.179.113.7", "1.179.112.0/99")
