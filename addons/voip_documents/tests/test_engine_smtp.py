"""SMTP: what was surely not sent is told from what nobody knows."""

import smtplib
import socket
from email import message_from_bytes
from email.policy import default

from aiosmtpd.controller import Controller

from odoo.tests import BaseCase, tagged

from ..delivery.mail import Away, Refused, Unsure
from ..delivery.smtp import Smtp
from .test_engine_brevo import a_mail


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Handler:
    """Answers of a server at each step; what it accepted."""

    def __init__(self):
        self.mails = []
        self.sender = self.data = "250 OK"
        self.recipients = {}

    async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802
        if self.sender == "250 OK":
            envelope.mail_from = address
        return self.sender

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        answer = self.recipients.get(address, "250 OK")
        if answer == "250 OK":
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        if self.data == "drop":
            self.mails.append(envelope)
            server.transport.close()
            return "250 OK"
        if self.data == "250 OK":
            self.mails.append(envelope)
        return self.data


@tagged("post_install", "-at_install")
class TestEngineSmtp(BaseCase):
    def setUp(self):
        super().setUp()
        self.handler = Handler()
        port = free_port()
        self.controller = Controller(self.handler, hostname="127.0.0.1", port=port)
        self.controller.start()
        self.addCleanup(self.controller.stop)
        self.smtp = Smtp(lambda: smtplib.SMTP("127.0.0.1", port, timeout=2))

    def test_a_mail_arrives_whole_and_its_message_id_is_the_key(self):
        mail = a_mail(subject="Rechnung für März", html="<p>Grüße</p>")
        answer = self.smtp.send(mail)
        (envelope,) = self.handler.mails
        message = message_from_bytes(envelope.content, policy=default)
        self.assertEqual(message["Message-ID"], f"<{mail.key}@carrier.example>")
        self.assertEqual(answer.message, message["Message-ID"])
        self.assertEqual(message["Subject"], "Rechnung für März")
        for kind, text in (("plain", "Grüße\n"), ("html", "<p>Grüße</p>\n")):
            body = message.get_body((kind,))
            self.assertEqual(body.get_content().replace("\r\n", "\n"), text)
        (file,) = message.iter_attachments()
        self.assertEqual(file.get_filename(), "VOIP-2026-00042.pdf")
        self.assertEqual(file.get_content(), b"%PDF-1.7 x")
        self.assertEqual(
            envelope.rcpt_tos, ["ada@customer.example", "books@customer.example"]
        )

    def test_what_breaks_before_the_text_was_not_sent(self):
        both = ("ada@customer.example", "books@customer.example")
        for name, value, kind in (
            ("sender", "550 not you", Refused),
            ("sender", "451 later", Away),
            ("recipients", dict.fromkeys(both, "550 unknown"), Refused),
            ("recipients", {both[0]: "451 later"}, Away),
            ("data", "552 too large", Refused),
            ("data", "451 later", Away),
        ):
            with self.subTest(name=name, value=value):
                before = getattr(self.handler, name)
                setattr(self.handler, name, value)
                with self.assertRaises(kind):
                    self.smtp.send(a_mail())
                setattr(self.handler, name, before)
        self.assertEqual(self.handler.mails, [])

    def test_one_refused_address_does_not_stop_the_other(self):
        self.handler.recipients = {"ada@customer.example": "550 unknown"}
        answer = self.smtp.send(a_mail())
        self.assertEqual(answer.refused, {"ada@customer.example": "550 unknown"})
        (envelope,) = self.handler.mails
        self.assertEqual(envelope.rcpt_tos, ["books@customer.example"])

    def test_a_connection_that_breaks_after_the_text_tells_nothing(self):
        self.handler.data = "drop"
        with self.assertRaises(Unsure):
            self.smtp.send(a_mail())
        self.assertEqual(len(self.handler.mails), 1)

    def test_no_server_sent_nothing(self):
        port = free_port()
        nowhere = Smtp(lambda: smtplib.SMTP("127.0.0.1", port, timeout=2))
        with self.assertRaises(Away):
            nowhere.send(a_mail())

    def test_a_heading_of_two_lines_is_refused(self):
        with self.assertRaises(Refused):
            self.smtp.send(a_mail(subject="Invoice\r\nBcc: all@example.com"))
        self.assertEqual(self.handler.mails, [])
