"""Mails go to a local server that answers as Brevo documents."""

import importlib.util
from contextlib import contextmanager
from pathlib import Path

from stage import Stage

SERVER = "addons/voip_documents/tests/brevo_server.py"


def local_server():
    """The server that the module's own tests use."""
    path = Path(__file__).resolve().parents[2] / SERVER
    spec = importlib.util.spec_from_file_location("brevo_server", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.BrevoServer()


class Mailing(Stage):
    """Acts that mail documents."""

    @contextmanager
    def provider(self):
        """The server, used by the first company meanwhile."""
        with local_server() as server:
            self.use(server)
            yield server
        self.env.company.sudo().voip_mail_provider = "smtp"
        self.commit()

    def use(self, server):
        self.env.company.sudo().write(
            {
                "voip_mail_provider": "brevo",
                "voip_brevo_url": server.url,
                "voip_brevo_key": server.key,
                "voip_mail_from": "billing@carrier.example",
            }
        )

    def send(self):
        outbox = self.env["voip.delivery"].with_user(self.env.ref("base.user_root"))
        while outbox._send_next([]):
            pass
        self.commit()
