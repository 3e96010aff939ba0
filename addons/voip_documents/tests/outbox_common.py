"""An outbox whose provider is a local server."""

from .brevo_server import BrevoServer
from .common import DocumentCommon

ADDRESS = "ada@customer.example"


class OutboxCommon(DocumentCommon):
    def setUp(self):
        super().setUp()
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
        self.account.partner_id.email = ADDRESS

    def _run(self):
        outbox = self.env["voip.delivery"].with_user(self.env.ref("base.user_root"))
        while outbox._send_next([]):
            pass
        self.env.invalidate_all()

    def _sent(self):
        self.invoice.action_voip_send()
        delivery = self.env["voip.delivery"].search(
            [("move_id", "=", self.invoice.id)], limit=1
        )
        self._run()
        return delivery
