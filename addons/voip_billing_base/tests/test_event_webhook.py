"""Webhooks of Twilio and SendGrid: what is signed is taken once, else refused."""

import json
import time
from base64 import b64encode
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from odoo.exceptions import AccessError, UserError
from odoo.tests import BaseCase, HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from ..engine.event_webhook import (
    FUTURE_SECONDS,
    OLDEST_SECONDS,
    BadPost,
    is_from_sendgrid,
    is_from_twilio,
    public_key,
    sendgrid_events,
    twilio_events,
    twilio_signature,
)
from .test_event import EventCommon

TOKEN = "12345"
NOW = 1_800_000_000
# The example of Twilio's libraries.
URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
FIELDS = {
    "CallSid": "CA1234567890ABCDE",
    "Digits": "1234",
    "From": "+14158675309",
    "To": "+18005551212",
    "Caller": "+14158675309",
}
SIGNED = "RSOYDt4T1cUTdK1PDd93/VVr8B8="


def spelled(key):
    """A key as SendGrid shows it."""
    shown = key.public_key().public_bytes(
        Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    )
    return b64encode(shown).decode()


def signed(key, timestamp, body):
    told = timestamp.encode() + body
    return b64encode(key.sign(told, ec.ECDSA(SHA256()))).decode()


@tagged("post_install", "-at_install")
class TestSignatures(BaseCase):
    def test_twilios_own_example_is_theirs_and_nothing_near_it(self):
        fields = list(FIELDS.items())
        self.assertTrue(is_from_twilio(TOKEN, URL, fields, SIGNED))
        for token, url, some, told in (
            ("12346", URL, fields, SIGNED),
            ("", URL, fields, SIGNED),
            (None, URL, fields, SIGNED),
            (TOKEN, URL + "3", fields, SIGNED),
            (TOKEN, URL, fields[1:], SIGNED),
            (TOKEN, URL, [*fields, ("NumSegments", "9")], SIGNED),
            (TOKEN, URL, fields, ""),
            (TOKEN, URL, fields, SIGNED[:-2]),
            (TOKEN, URL, fields, "é"),
        ):
            with self.subTest(token=token, url=url, told=told):
                self.assertFalse(is_from_twilio(token, url, some, told))

    def test_sendgrids_signature_is_of_body_and_time_and_grows_old(self):
        key, body, at = ec.generate_private_key(ec.SECP256R1()), b"[]", str(NOW)
        shown, told = spelled(key), signed(key, at, body)
        for now in (NOW, NOW + OLDEST_SECONDS, NOW - FUTURE_SECONDS):
            self.assertTrue(is_from_sendgrid(shown, at, body, told, now))
        other = ec.generate_private_key(ec.SECP256R1())
        for wrong in (
            (shown, at, b"[ ]", told, NOW),
            (shown, str(NOW + 1), body, told, NOW),
            (spelled(other), at, body, told, NOW),
            (None, at, body, told, NOW),
            (shown, at, body, "", NOW),
            (shown, at, body, "no base64", NOW),
            (shown, "", body, told, NOW),
            (shown, "1e9", body, told, NOW),
            (shown, "٣", body, told, NOW),
            (shown, at, body, told, NOW + OLDEST_SECONDS + 1),
            (shown, at, body, told, NOW - FUTURE_SECONDS - 1),
        ):
            with self.subTest(wrong):
                self.assertFalse(is_from_sendgrid(*wrong))

    def test_only_an_elliptic_key_is_a_key(self):
        wrong = spelled(rsa.generate_private_key(65537, 2048))
        for text in ("", "x", "eA==", wrong):
            with self.subTest(text[:9]), self.assertRaises(BadPost):
                public_key(text)

    def test_a_message_is_one_event_when_it_left_or_came(self):
        now = datetime(2026, 3, 1, 12)
        for fields, wanted in (
            ({"MessageStatus": "sent", "To": "+49"}, ("sms_outbound", 1, "+49")),
            (
                {"MessageStatus": "delivered", "NumSegments": "3"},
                ("sms_outbound", 3, ""),
            ),
            ({"SmsStatus": "received", "From": "+1"}, ("sms_inbound", 1, "+1")),
            ({"SmsStatus": "received", "NumMedia": "2"}, ("mms_inbound", 1, "")),
            ({"MessageStatus": "sent", "NumSegments": "x"}, ("sms_outbound", 1, "")),
        ):
            with self.subTest(fields):
                (event,) = twilio_events({"MessageSid": "SM1", **fields}, "acme", now)
                told = event["event_type"], event["units"], event["metadata"]["to"]
                self.assertEqual(told, wanted)
                self.assertEqual(event["occurred_at"], "2026-03-01T12:00:00+00:00")
        endless = {"MessageStatus": "sent", "NumSegments": "9" * 5000}
        (event,) = twilio_events({"MessageSid": "SM1", **endless}, "acme", now)
        self.assertGreater(event["units"], 10**9, "which the door refuses")
        for status in ("queued", "sending", "failed", "undelivered", ""):
            told = {"MessageSid": "SM1", "MessageStatus": status}
            self.assertEqual(twilio_events(told, "acme", now), [])
        with self.assertRaises(BadPost):
            twilio_events({"CallSid": "CA1"}, "acme", now)

    def test_of_an_email_the_taking_counts(self):
        listed = [
            {"event": "processed", "sg_event_id": "a", "timestamp": 1772366400},
            {"event": "delivered", "sg_event_id": "b", "timestamp": 1772366400},
            {"event": "processed", "sg_event_id": "c", "account": "other"},
            "x",
        ]
        found = sendgrid_events(json.dumps(listed).encode(), "acme")
        self.assertEqual([e["event_id"] for e in found], ["a", "c"])
        self.assertEqual([e["account"] for e in found], ["acme", "other"])
        self.assertEqual(found[0]["occurred_at"], "2026-03-01T12:00:00+00:00")
        for body in (b"", b"{}", b"[" * 10**5, b"\xff"):
            with self.subTest(body[:5]), self.assertRaises(BadPost):
                sendgrid_events(body, "acme")


@tagged("post_install", "-at_install")
class TestWebhooks(EventCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.key = ec.generate_private_key(ec.SECP256R1())

    def setUp(self):
        super().setUp()
        base = self.base_url()
        self.env["ir.config_parameter"].set_param("web.base.url", base)

    def _webhook(self, provider, secret=None, **values):
        given = {"name": "x", "provider": provider, "account_id": self.account.id}
        given |= {"secret": secret} if secret else {}
        return self.env["voip.event.webhook"].create(given | values)

    def _twilio(self, webhook, fields, token=TOKEN, query="", told=None):
        url = webhook.url + query
        told = told or twilio_signature(token, url, list(fields.items()))
        headers = {"X-Twilio-Signature": told}
        return self.url_open(url, data=fields, headers=headers, timeout=60).status_code

    def _sendgrid(self, webhook, body, at=None, told=None):
        at = at or str(int(time.time()))
        name = "X-Twilio-Email-Event-Webhook-"
        headers = {
            f"{name}Timestamp": at,
            f"{name}Signature": told or signed(self.key, at, body),
            "Content-Type": "application/json",
        }
        answer = self.url_open(webhook.url, data=body, headers=headers, timeout=60)
        return answer.status_code

    def _taken(self):
        """[(event id, account code, type code)]."""
        return sorted(
            (e.event_ref, e.account_code, e.type_code)
            for e in self.Event.search([("company_id", "=", self.env.company.id)])
        )

    @mute_logger("odoo.http")
    def test_twilios_posts_are_taken_once(self):
        webhook = self._webhook("twilio", TOKEN)
        fields = {"MessageSid": "SM1", "MessageStatus": "sent", "To": "+49301"}
        self.assertEqual(self._twilio(webhook, fields), 204)
        self.assertEqual(self._twilio(webhook, fields), 204)
        self.assertEqual(
            self._twilio(webhook, fields | {"MessageStatus": "delivered"}), 204
        )
        other = self._create_account(code="events-2")
        self.env.flush_all()
        again = {"MessageSid": "SM2", "MessageStatus": "sent"}
        self.assertEqual(self._twilio(webhook, again, query="?account=events-2"), 204)
        self.assertEqual(
            self._taken(),
            [("SM1", "events-1", "sms_outbound"), ("SM2", other.code, "sms_outbound")],
        )
        self.assertFalse(self.env["voip.usage.event.refused"].search([]))

    @mute_logger("odoo.http")
    def test_what_is_signed_and_is_no_event_is_listed_as_refused(self):
        webhook = self._webhook("sendgrid", spelled(self.key))
        event = {"event": "processed", "timestamp": int(time.time())}
        body = json.dumps([event | {"sg_event_id": "a", "account": {"x": 1}}, event])
        for _turn in range(2):
            self.assertEqual(self._sendgrid(webhook, body.encode()), 204)
        self.env.invalidate_all()
        refused = self.env["voip.usage.event.refused"].search([], order="code")
        self.assertEqual(refused.mapped("code"), ["bad_value", "missing_field"])
        self.assertEqual(self._taken(), [])

    @mute_logger("odoo.http", "odoo.addons.voip_billing_base.controllers.event_webhook")
    def test_what_is_not_signed_keeps_nothing(self):
        webhook = self._webhook("twilio", TOKEN)
        fields = {"MessageSid": "SM1", "MessageStatus": "sent"}
        for values in ({"token": "12346"}, {"told": "x"}, {"told": SIGNED}):
            with self.subTest(values):
                self.assertEqual(self._twilio(webhook, fields, **values), 403)
        told = twilio_signature(TOKEN, webhook.url, list(fields.items()))
        query = "?account=events-2"
        self.assertEqual(self._twilio(webhook, fields, query=query, told=told), 403)
        bare = self._webhook("twilio")
        self.assertEqual(self._twilio(bare, fields, token=""), 403)
        self.assertEqual(self._twilio(webhook, {"CallSid": "CA1"}), 422)
        path = f"/voip/events/sendgrid/{webhook.ref}"
        self.assertEqual(self.url_open(path, data={"a": "b"}).status_code, 404)
        webhook.active = False
        self.env.flush_all()
        self.assertEqual(self._twilio(webhook, fields), 404)
        self.assertEqual(self._taken(), [])

    @mute_logger("odoo.http", "odoo.addons.voip_billing_base.controllers.event_webhook")
    def test_sendgrids_batches_are_taken_once_and_old_ones_not(self):
        webhook = self._webhook("sendgrid", spelled(self.key))
        now = int(time.time())
        event = {"event": "processed", "sg_event_id": "a", "timestamp": now}
        body = json.dumps([event, event | {"sg_event_id": "b"}]).encode()
        for _turn in range(2):
            self.assertEqual(self._sendgrid(webhook, body), 204)
        old = str(now - OLDEST_SECONDS - 60)
        self.assertEqual(self._sendgrid(webhook, body, at=old), 403)
        self.assertEqual(self._sendgrid(webhook, body, told="eA=="), 403)
        self.assertEqual(self._sendgrid(webhook, b"{}"), 422)
        self.assertEqual(
            self._taken(),
            [("a", "events-1", "email_sent"), ("b", "events-1", "email_sent")],
        )

    def test_a_secret_is_never_read(self):
        webhook = self._webhook("twilio", "a-secret-token")
        self.assertTrue(webhook.has_secret)
        self.assertFalse(webhook.secret)
        told = [
            str(webhook.read()),
            str(webhook.export_data(["secret", "name"])),
            str(webhook.copy_data()),
            str(self.env["voip.audit"].search([]).mapped("data")),
        ]
        self.assertNotIn("a-secret-token", "".join(told))
        webhook.secret = False
        self.assertTrue(webhook.has_secret)
        self.assertFalse(webhook.copy({"name": "y"}).has_secret)
        self.assertNotEqual(webhook.copy({"name": "z"}).ref, webhook.ref)
        with self.assertRefused(UserError, "another provider"):
            webhook.provider = "sendgrid"
        with self.assertRefused(UserError, "no verification key"):
            self._webhook("sendgrid", "x")
        clerk = new_test_user(
            self.env, "clerk", groups="voip_billing_base.group_voip_manager"
        )
        with self.assertRaises(AccessError):
            webhook.with_user(clerk).secret = "mine"
