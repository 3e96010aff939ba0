"""An outbox whose provider is a local server."""

from .brevo_server import BrevoServer
from .common import DocumentCommon

ADDRESS = "ada@customer.example"


class Provider:
    """For tests of any company: its mails go to a local server."""

    def _start_provider(self):
        self.server = self.enterContext(BrevoServer())
        self.env.company.write(
            {
                "voip_mail_provider": "brevo",
                "voip_brevo_url": self.server.url,
                "voip_brevo_key": self.server.key,
                "voip_mail_from": "billing@carrier.example",
                "voip_webhook_networks": "127.0.0.0/8",
            }
        )

    def _outbox(self):
        return self.env["voip.delivery"].with_user(self.env.ref("base.user_root"))

    def _send_due(self):
        """One run of the scheduled action; how many mails it tried."""
        stopped, count = [], 0
        while self._outbox()._send_next(stopped):
            count += 1
        self.env.invalidate_all()
        return count


class OutboxCommon(Provider, DocumentCommon):
    def setUp(self):
        super().setUp()
        self._start_provider()
        self.account.partner_id.email = ADDRESS

    def _run(self):
        return self._send_due()

    def _sent(self):
        self.invoice.action_voip_send()
        delivery = self.env["voip.delivery"].search(
            [("move_id", "=", self.invoice.id)], limit=1
        )
        self._run()
        return delivery
