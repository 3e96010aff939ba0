"""Invoices are mailed to a provider that answers as Brevo documents, and told back."""

import base64
import importlib.util
import json
from hashlib import sha256
from pathlib import Path

import seed
from stage import Stage

SERVER = "addons/voip_documents/tests/brevo_server.py"
MAILED = 3
SENT_SQL = """
SELECT m.name, array_agg(d.sha256 ORDER BY d.sha256)
  FROM voip_document d JOIN account_move m ON m.id = d.move_id
 WHERE d.move_id = ANY(%s) GROUP BY 1
"""


def local_server():
    """The server that the module's own tests use."""
    path = Path(__file__).resolve().parents[2] / SERVER
    spec = importlib.util.spec_from_file_location("brevo_server", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.BrevoServer()


class Outbox(Stage):
    """Each invoice leaves once, with the files whose digests are kept."""

    def mail_invoices(self):
        with self.story.step("Invoices are mailed; Brevo tells what became of them"):
            with local_server() as server:
                self.use(server)
                moves = self.queue()
                self.send()
                self.compare_mails(server, moves)
                # A second run has nothing to send.
                self.send()
                self.story.same("mails sent", len(server.mails), len(moves))
            self.tell_back(moves)

    def use(self, server):
        self.env.company.sudo().write(
            {
                "voip_mail_provider": "brevo",
                "voip_brevo_url": server.url,
                "voip_brevo_key": server.key,
                "voip_mail_from": "billing@carrier.example",
            }
        )

    def queue(self):
        staff = seed.as_user(self.env, "manager")
        moves = staff["account.move"].search(
            [
                ("voip_period_end", "!=", False),
                ("state", "=", "posted"),
                ("move_type", "=", "out_invoice"),
                ("company_id", "=", self.env.company.id),
            ],
            order="id",
            limit=MAILED,
        )
        for move in moves:
            if not move.partner_id.email:
                move.partner_id.sudo().email = f"billing{move.id}@customer.example"
        moves.action_voip_send()
        self.commit()
        return moves

    def send(self):
        outbox = self.env["voip.delivery"].with_user(self.env.ref("base.user_root"))
        while outbox._send_next([]):
            pass
        self.commit()

    def compare_mails(self, server, moves):
        self.env.cr.execute(SENT_SQL, [moves.ids])
        wanted = dict(self.env.cr.fetchall())
        found = {}
        for mail in server.mails:
            [name] = [name for name in wanted if name in mail["subject"]]
            files = [base64.b64decode(file["content"]) for file in mail["attachment"]]
            found[name] = sorted(sha256(content).hexdigest() for content in files)
        self.story.same("files of the mails by digest", found, wanted)

    def tell_back(self, moves):
        """What Brevo would post: the first is opened, the others are delivered."""
        reader = importlib.import_module("odoo.addons.voip_documents.delivery.webhook")
        mails = self.env["voip.delivery"].sudo()
        mails = mails.search([("move_id", "in", moves.ids)], order="id")
        posted = [
            {
                "event": name,
                "email": mail.recipient_ids.email,
                "tags": [mail.key],
                "ts_event": 1_790_000_000 + number,
            }
            for number, mail in enumerate(mails)
            for name in ("opened", "delivered")[0 if number == 0 else 1 :]
        ]
        events = reader.read(json.dumps(posted).encode())
        mails._take_events(self.env.company, events)
        states = ["opened"] + ["delivered"] * (len(mails) - 1)
        self.story.same("what became of them", mails.mapped("state"), states)
        self.env.company.sudo().voip_mail_provider = "smtp"
        self.commit()
        self.story.say(f"{len(mails)} mails with {3 * len(mails)} files")
