"""Brevo: what each of its answers means, and that no mail goes out twice."""

import base64
import time
from email.utils import formatdate
from uuid import uuid4

from odoo.tests import BaseCase, tagged

from ..delivery.brevo import Brevo
from ..delivery.mail import Away, Mail, Refused, Unsure
from .brevo_server import BrevoServer

KEY = "xkeysib-test"


def a_mail(**values):
    return Mail(
        **{
            "key": str(uuid4()),
            "sender": ("Carrier Ltd", "billing@carrier.example"),
            "to": (("Ada", "ada@customer.example"), ("", "books@customer.example")),
            "subject": "Invoice VOIP/2026/00042",
            "html": "<p>Dear Ada</p>",
            "files": (("VOIP-2026-00042.pdf", "application/pdf", b"%PDF-1.7 x"),),
            **values,
        }
    )


@tagged("post_install", "-at_install")
class TestEngineBrevo(BaseCase):
    def setUp(self):
        super().setUp()
        self.server = self.enterContext(BrevoServer(KEY))
        self.brevo = Brevo(KEY, self.server.url, timeout=0.5)

    def test_a_mail_arrives_whole_and_says_its_key(self):
        mail = a_mail()
        answer = self.brevo.send(mail)
        (sent,) = self.server.mails
        self.assertTrue(answer.message.startswith("<2026"))
        self.assertEqual(sent["sender"]["email"], "billing@carrier.example")
        self.assertEqual(
            [person["email"] for person in sent["to"]],
            ["ada@customer.example", "books@customer.example"],
        )
        self.assertEqual(sent["to"][1]["name"], "books@customer.example")
        self.assertEqual(sent["htmlContent"], "<p>Dear Ada</p>")
        self.assertEqual(sent["tags"], [mail.key])
        self.assertEqual(sent["headers"]["idempotencyKey"], mail.key)
        self.assertEqual(sent["headers"]["X-Mailin-custom"], mail.key)
        (attachment,) = sent["attachment"]
        self.assertEqual(attachment["name"], "VOIP-2026-00042.pdf")
        self.assertEqual(base64.b64decode(attachment["content"]), b"%PDF-1.7 x")

    def test_a_template_of_brevo_takes_the_place_of_the_text(self):
        self.brevo.send(a_mail(template=7, params={"number": "42"}))
        (sent,) = self.server.mails
        self.assertEqual((sent["templateId"], sent["params"]), (7, {"number": "42"}))
        self.assertNotIn("htmlContent", sent)

    def test_each_answer_says_whether_to_try_again(self):
        bad = {"code": "invalid_parameter", "message": "email is not valid"}
        for answer, kind in (
            ((400, bad, {}), Refused),
            ((404, bad, {}), Refused),
            ((413, "", {}), Refused),
            ((401, {"code": "unauthorized", "message": "x"}, {}), Away),
            ((402, {"code": "not_enough_credits", "message": "x"}, {}), Away),
            ((403, {"code": "permission_denied", "message": "x"}, {}), Away),
            ((429, {"code": "too_many_requests", "message": "x"}, {}), Away),
            ((302, "", {"Location": "http://127.0.0.1:1/v3/smtp/email"}), Away),
            ((400, {"code": "duplicate_request", "message": "x"}, {}), Unsure),
            ((500, "", {}), Unsure),
            ((502, "<html>", {}), Unsure),
            ((503, {"message": "x"}, {}), Unsure),
            ("slow", Unsure),
            ("drop", Unsure),
            ("garbage", Unsure),
        ):
            with self.subTest(answer=answer):
                self.server.answers = [answer]
                before = len(self.server.requests)
                with self.assertRaises(kind) as raised:
                    self.brevo.send(a_mail())
                self.assertTrue(raised.exception.reason)
                # The SDK would repeat 408, 429 and 5xx by itself.
                self.assertEqual(len(self.server.requests) - before, 1)

    def test_a_refusal_says_why(self):
        body = {"code": "invalid_parameter", "message": "sender is not valid"}
        self.server.answers = [(400, body, {})]
        with self.assertRaises(Refused) as raised:
            self.brevo.send(a_mail())
        self.assertEqual(
            raised.exception.reason, "400 invalid_parameter sender is not valid"
        )

    def test_a_full_hour_says_how_long_to_wait(self):
        for header, wait in (("37", 37), ("x", 0), ("-5", 0), ("1e99", 86_400)):
            with self.subTest(header=header):
                headers = {"x-sib-ratelimit-reset": header}
                self.server.answers = [(429, {}, headers)]
                with self.assertRaises(Away) as raised:
                    self.brevo.send(a_mail())
                self.assertEqual(raised.exception.wait, wait)

    def test_the_heading_of_http_says_it_too(self):
        """``Retry-After`` is of proxies before Brevo: seconds, or a moment."""
        later = formatdate(time.time() + 600, usegmt=True)
        for header, least, most in (
            ("90", 90, 90),
            (later, 500, 600),
            ("Thu, 01 Jan 1970 00:00:00 GMT", 0, 0),
            ("Thu, 01 Jan 1970 00:00:00 -0000", 0, 0),
            ("soon", 0, 0),
            ("nan", 0, 0),
        ):
            with self.subTest(header=header):
                self.server.answers = [(429, {}, {"Retry-After": header})]
                with self.assertRaises(Away) as raised:
                    self.brevo.send(a_mail())
                self.assertGreaterEqual(raised.exception.wait, least)
                self.assertLessEqual(raised.exception.wait, most)
        both = {"x-sib-ratelimit-reset": "37", "Retry-After": "90"}
        self.server.answers = [(429, {}, both)]
        with self.assertRaises(Away) as raised:
            self.brevo.send(a_mail())
        self.assertEqual(raised.exception.wait, 37)

    def test_no_connection_sent_nothing(self):
        with BrevoServer(KEY) as gone:
            url = gone.url
        with self.assertRaises(Away):
            Brevo(KEY, url, timeout=0.5).send(a_mail())

    def test_what_was_accepted_without_an_answer_is_asked_back_by_its_key(self):
        for answer in ("drop", "slow", "garbage"):
            mail = a_mail()
            self.server.answers = [answer]
            with self.subTest(answer=answer):
                with self.assertRaises(Unsure):
                    self.brevo.send(mail)
                self.server.forget_keys()
                self.assertTrue(self.brevo.ask(mail.key))
        self.assertEqual(len(self.server.mails), 3)

    def test_what_was_not_accepted_is_not_found(self):
        mail = a_mail()
        self.brevo.send(a_mail())
        self.server.answers = [(500, "", {})]
        with self.assertRaises(Unsure):
            self.brevo.send(mail)
        self.assertIsNone(self.brevo.ask(mail.key))

    def test_a_repeat_within_half_an_hour_is_one_mail(self):
        mail = a_mail()
        self.assertEqual(self.brevo.send(mail), self.brevo.send(mail))
        self.assertEqual(len(self.server.mails), 1)

    def test_a_question_without_an_answer_is_no_no(self):
        with self.assertRaises(Away):
            Brevo("wrong", self.server.url).ask(str(uuid4()))
