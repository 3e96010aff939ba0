"""Invoices are mailed to a provider that answers as Brevo documents, and told back."""

import base64
import importlib
import json
from datetime import timedelta
from hashlib import sha256

import seed
from mailing import Mailing

MAILED = 3
SENT_SQL = """
SELECT m.name, array_agg(d.sha256 ORDER BY d.sha256)
  FROM voip_document d JOIN account_move m ON m.id = d.move_id
 WHERE d.move_id = ANY(%s) GROUP BY 1
"""


class Outbox(Mailing):
    """Each invoice leaves once, with the files whose digests are kept."""

    def mail_invoices(self):
        with self.story.step("Invoices are mailed; Brevo tells what became of them"):
            with self.provider() as server:
                moves = self.queue()
                self.send()
                self.compare_mails(server, moves)
                # A second run has nothing to send.
                self.send()
                self.story.same("mails sent", len(server.mails), len(moves))
                self.tell_back(moves)
                self.mail_usage(server)
                self.mail_rates(server)

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
        hints = [move.voip_bank_hint for move in moves if move.voip_bank_hint]
        self.story.same("invoices that say nowhere where to pay", hints, [])
        for move in moves:
            if not move.partner_id.email:
                move.partner_id.sudo().email = f"billing{move.id}@customer.example"
        moves.action_voip_send()
        self.commit()
        return moves

    def compare_mails(self, server, moves):
        self.env.cr.execute(SENT_SQL, [moves.ids])
        wanted = dict(self.env.cr.fetchall())
        found = {}
        for mail in server.mails:
            [name] = [name for name in wanted if name in mail["subject"]]
            found[name] = sorted(digests(mail).values())
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
        self.story.say(f"{len(mails)} mails with {3 * len(mails)} files")

    def mail_usage(self, server):
        """The usage of the month of the first account that was mailed an invoice."""
        staff = seed.as_user(self.env, "manager")
        mailed = staff["voip.delivery"].search([("kind", "=", "invoice")], limit=1)
        account = mailed.account_id
        values = {
            "account_id": account.id,
            "date_from": self.first,
            "date_to": self.following - timedelta(days=1),
        }
        action = staff["voip.usage.wizard"].create(values).action_send()
        report = staff["voip.delivery"].search(action["domain"])
        self.commit()
        self.send()
        self.story.same("usage report", report.state, "sent")
        files = digests(server.mails[-1])
        kept = sorted(report.document_ids.mapped("sha256"))
        self.story.same("its files by digest", sorted(files.values()), kept)
        self.story.say(f"usage of {account.code} with {len(files)} files")

    def mail_rates(self, server):
        """A customer is told all rates of his deck."""
        staff = seed.as_user(self.env, "manager")
        account = staff["voip.account"].search(
            [("deck_id", "!=", False), ("partner_id.email", "!=", False)], limit=1
        )
        agreement = staff["voip.rate.agreement"].create(
            {
                "partner_id": account.partner_id.commercial_partner_id.id,
                "deck_ids": [(6, 0, account.deck_id.ids)],
            }
        )
        agreement.action_make_notice()
        notice = agreement.notice_ids
        notice.action_approve()
        self.commit()
        self.send()
        self.story.same("rate notice", notice.state, "delivered")
        wanted = {
            notice[f"{kind}_name"]: notice[f"{kind}_sha256"] for kind in ("xlsx", "csv")
        }
        found = digests(server.mails[-1])
        self.story.same("its files by digest", found, wanted)
        self.story.say(f"{notice.row_count} rates of {notice.deck_id.code} announced")


def digests(mail):
    """{name: SHA-256} of a mail's files."""
    return {
        file["name"]: sha256(base64.b64decode(file["content"])).hexdigest()
        for file in mail["attachment"]
    }
