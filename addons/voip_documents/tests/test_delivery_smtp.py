"""SMTP by Odoo's own outgoing mail server: what each refusal means for a mail."""

from unittest.mock import patch

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult

from odoo.exceptions import UserError
from odoo.tests import tagged

from .outbox_common import OutboxCommon
from .test_engine_smtp import Handler, free_port


class NoTls(SMTP):
    """Offers STARTTLS and does not do it."""

    async def smtp_STARTTLS(self, _arg):  # noqa: N802
        await self.push("454 4.7.0 TLS not available")


@tagged("post_install", "-at_install")
class TestDeliverySmtp(OutboxCommon):
    def setUp(self):
        super().setUp()
        self.env.company.voip_mail_provider = "smtp"
        servers = self.env["ir.mail_server"]
        # Tests mail nothing; these do, to a server of their own.
        self.patch(type(servers), "_disable_send", lambda _self: False)
        servers.search([]).active = False
        self.port = free_port()
        self.mail_server = servers.create(
            {
                "name": "Local",
                "smtp_host": "127.0.0.1",
                "smtp_port": self.port,
                "smtp_encryption": "none",
            }
        )
        self.handler = Handler()

    def _serve(self, factory=None, **options):
        controller = Controller(
            self.handler, hostname="127.0.0.1", port=self.port, **options
        )
        if factory:
            controller.factory = lambda: factory(self.handler, **options)
        controller.start()
        self.addCleanup(controller.stop)

    def test_an_invoice_arrives_by_the_server_of_odoo(self):
        self._serve()
        delivery = self._sent()
        self.assertEqual(delivery.state, "sent")
        [envelope] = self.handler.mails
        self.assertEqual(envelope.mail_from, "billing@carrier.example")
        self.assertEqual(delivery.provider_message, f"<{delivery.key}@carrier.example>")

    def _waits(self, word):
        delivery = self._sent()
        self.assertEqual((delivery.state, self.handler.mails), ("waiting", []))
        self.assertTrue(delivery.retry_at)
        self.assertIn(word, delivery.message)
        return delivery

    def test_a_server_without_starttls_gets_nothing(self):
        self.mail_server.smtp_encryption = "starttls"
        self._serve()
        self._waits("STARTTLS")

    def test_starttls_that_is_refused_gets_nothing(self):
        self.mail_server.smtp_encryption = "starttls"
        with patch.object(SMTP, "smtp_STARTTLS", NoTls.smtp_STARTTLS):
            self._serve()
            with patch("smtplib.SMTP.has_extn", lambda *_arguments: True):
                self._waits("454 4.7.0 TLS not available")

    def test_a_server_that_speaks_no_tls_at_all_gets_nothing(self):
        self.mail_server.smtp_encryption = "ssl"
        self._serve()
        self._waits("cannot be encrypted")

    def test_a_refused_login_waits_for_the_right_password(self):
        self.mail_server.write({"smtp_user": "carrier", "smtp_pass": "wrong"})
        self._serve(
            authenticator=lambda _s, _n, _e, _m, data: AuthResult(
                success=data.password == b"right", handled=False
            ),
            auth_require_tls=False,
        )
        delivery = self._waits("wrong user or password")
        self.mail_server.smtp_pass = "right"
        delivery.sudo().retry_at = False
        self.env.flush_all()
        self._run()
        self.assertEqual((delivery.state, len(self.handler.mails)), ("sent", 1))

    def test_no_server_at_all_waits(self):
        self._waits("no connection")

    def test_a_connection_that_breaks_within_the_mail_asks_a_person(self):
        self.handler.data = "drop"
        self._serve()
        delivery = self._sent()
        self.assertEqual((delivery.state, len(self.handler.mails)), ("unsure", 1))

    def test_odoo_without_a_mail_server_says_so(self):
        missing = UserError("Missing SMTP Server\nPlease define one.")
        servers = type(self.mail_server)
        with patch.object(servers, "_connect__", side_effect=missing):
            self._waits("Missing SMTP Server Please define one.")
