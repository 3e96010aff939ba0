"""What left the house and is changed in the database is seen by the check."""

from odoo.tests import tagged

from odoo.addons.voip_documents.tests.netting_common import NettingCommon
from odoo.addons.voip_documents.tests.outbox_common import ADDRESS, OutboxCommon
from odoo.addons.voip_rating.tests.tamper_common import TamperCommon

DELETE, UPDATE = "DELETE FROM {} WHERE {}", "UPDATE {} SET {} WHERE {}"


@tagged("post_install", "-at_install")
class TestTamperMails(TamperCommon, OutboxCommon):
    def setUp(self):
        super().setUp()
        self.mail = self._sent()
        event = {"name": "delivered", "email": ADDRESS, "at": "2026-02-01 08:00:00"}
        events = self.env["voip.delivery.event"].sudo()
        events.create({"delivery_id": self.mail.id, **event})
        self._witness()

    def test_what_is_done_rightly_is_no_violation(self):
        self.mail.recipient_ids.sudo().state = "opened"
        self.mail.sudo().state = "opened"
        self.mail.action_resend()
        made = self._create_invoice(self.account)
        made.action_voip_make_documents()
        self._witness()
        documents = self.env["voip.document"]
        documents.search([("move_id", "=", made.id)]).unlink()
        self.assertEqual(self._violated(full=True), set())

    def test_mails_files_and_their_versions_are_as_they_left(self):
        self.assertEqual(self._violated(), set())
        other = self.env["res.users"].search([], order="id desc", limit=1).id
        for name, table, where, changes in (
            ("sent_files", "voip_document", "move_id = %(move)s", (
                "sha256 = repeat('0', 64)", "state = 'made'", "reason = 'another'",
                "sent_at = sent_at - interval '1 day'", "lang = 'xx'",
                "create_date = create_date - interval '1 day'")),
            ("versions", "voip_document_template_version",
             "id = (SELECT max(version_id) FROM voip_document)", (
                "definition = definition || ' '", "sha256 = repeat('0', 64)",
                "number = number + 1", f"create_uid = {other}")),
            ("mails", "voip_delivery", "id = %(mail)s", (
                "state = 'waiting'", "subject = 'another'", "body = 'another'",
                "sent_at = sent_at - interval '1 day'", "provider = 'smtp'",
                "provider_message = 'another'", "key = 'another'")),
            ("mails", "voip_delivery_recipient", "delivery_id = %(mail)s", (
                "email = 'another'",)),
            ("mail_events", "voip_delivery_event", "delivery_id = %(mail)s", (
                "name = 'opened'", "email = 'another'",
                "at = at - interval '1 day'", "reason = 'another'")),
        ):  # fmt: skip
            rows = {"move": self.invoice.id, "mail": self.mail.id}
            for change in changes:
                with self.subTest(table=table, change=change):
                    statement = UPDATE.format(table, change, where)
                    self.assertSeen(f"same_{name}", statement, **rows)
            if name != "versions":
                with self.subTest(table=table, change="deleted"):
                    self._delete(name, table, where, rows)

    def _delete(self, name, table, where, rows):
        """As who is past every foreign key does it."""
        self.env.cr.execute("SET LOCAL session_replication_role = replica")
        self.assertSeen(f"same_{name}", DELETE.format(table, where), **rows)
        self.env.cr.execute("SET LOCAL session_replication_role = origin")


@tagged("post_install", "-at_install")
class TestTamperNettings(TamperCommon, NettingCommon):
    def test_a_netting_is_as_it_was_posted(self):
        self._account()
        self._invoice(100), self._bill(60)
        netting = self._netting()
        self._post(netting)
        self._witness()
        self.assertEqual(self._violated(), set())
        for table, where, changes in (
            ("voip_netting", "id", (
                "agreed_name = 'another'", "agreed_how = 'link'",
                "agreed_by_id = posted_by_id", "posted_by_id = agreed_by_id",
                "agreed_at = agreed_at - interval '1 day'", "date = date - 1",
                "name = 'another'", "requested_at = now()")),
            ("voip_netting_line", "netting_id", (
                "amount = amount - 1", "side = 'ours'", "withheld = 'disputed'",
                "residual = residual + 1", "counter_reason = 'another'")),
        ):  # fmt: skip
            for change in changes:
                with self.subTest(table=table, change=change):
                    self.assertSeen(
                        "same_nettings",
                        UPDATE.format(table, change, f"{where} = %(netting)s"),
                        netting=netting.id,
                    )
        self.assertSeen(
            "netting_partner",
            "UPDATE voip_netting SET partner_id = %(other)s WHERE id = %(netting)s",
            netting=netting.id,
            other=self.other.id,
        )
        netting.with_user(self.approver).action_cancel()
        self.assertEqual(self._violated(), set())
