"""The door of usage events as machines reach it: JSON-2 over HTTP."""

import json
from datetime import timedelta

from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .test_event_price import EventPriceCommon

PATH = "/json/2/voip.usage.event/record"
QUIET = ("odoo.http", "odoo.addons.base.models.ir_model")


@tagged("post_install", "-at_install")
class TestEventDoor(EventPriceCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sender = new_test_user(
            cls.env,
            "event-sender",
            groups="voip_billing_base.group_voip_events",
            company_id=cls.env.company.id,
            company_ids=[(6, 0, cls.env.company.ids)],
        )
        cls.key = cls._key(cls.sender)

    @classmethod
    def _key(cls, user):
        keys = cls.env(user=user)["res.users.apikeys"].sudo()
        until = cls.env.cr.now() + timedelta(days=1)
        return keys._generate("rpc", "events", until)

    def _post(self, body, key=None, path=PATH):
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        headers = {
            "Authorization": f"bearer {key or self.key}",
            "Content-Type": "application/json",
        }
        return self.url_open(path, data=body, headers=headers, timeout=120)

    def test_events_are_kept_once_counted_and_charged(self):
        self._price(0.05)
        events = [self._event(1, units="3"), self._event(2), self._event(3, units=-1)]
        for accepted, duplicates in ((2, 0), (0, 2)):
            response = self._post({"events": events})
            self.assertEqual(response.status_code, 200, response.text[:300])
            answer = response.json()
            self.assertEqual(answer["received"], 3)
            self.assertEqual(answer["accepted"], accepted)
            self.assertEqual(answer["duplicates"], duplicates)
            (error,) = answer["errors"]
            self.assertEqual((error["index"], error["code"]), (2, "bad_units"))
            self._count()
            self.assertEqual(self._unbilled(), 0.2)
        answer = self._post({"events": [self._event(1, units=4)]}).json()
        self.assertEqual(answer["errors"][0]["code"], "conflict")
        self._count()
        self.assertEqual(self._unbilled(), 0.2)
        self.assertWhole()

    @mute_logger(*QUIET)
    def test_a_body_that_makes_no_sense_is_refused_and_nothing_kept(self):
        for body, status in (
            ({"events": "x"}, 422),
            ({"events": [self._event(1)], "other": 1}, 422),
            ({"events": [{}] * 10_001}, 422),
        ):
            with self.subTest(str(body)[:40]):
                response = self._post(body)
                self.assertEqual(response.status_code, status, response.text[:300])
                self.assertTrue(response.json()["message"])
        self.assertFalse(self.Event.search_count([("source", "=", "smsc")]))

    @mute_logger(*QUIET)
    def test_a_key_for_events_does_nothing_else(self):
        for path, body in (
            ("/json/2/voip.usage.event/search_read", {"domain": []}),
            ("/json/2/voip.usage.event/action_price_again", {"ids": [1]}),
            ("/json/2/voip.event.price/search_read", {"domain": []}),
            ("/json/2/voip.usage.event.charge/search_read", {"domain": []}),
        ):
            with self.subTest(path):
                self.assertEqual(self._post(body, path=path).status_code, 403)
        self.assertEqual(self._post({"events": []}, key="wrong").status_code, 401)
        nobody = new_test_user(self.env, "event-nobody", groups="base.group_user")
        response = self._post({"events": [self._event(1)]}, key=self._key(nobody))
        self.assertEqual(response.status_code, 403)
