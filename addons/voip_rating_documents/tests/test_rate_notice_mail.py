"""Rate notices leave by the outbox, and are where their mails are."""

import base64
from hashlib import sha256

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.voip_documents.delivery import webhook
from odoo.addons.voip_documents.tests.outbox_common import Provider
from odoo.addons.voip_rating.tests.notice_common import NoticeCommon

from ..models.voip_rate_notice import VoipRateNotice


@tagged("post_install", "-at_install")
class TestRateNoticeMail(Provider, NoticeCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        notices = cls.env.registry["voip.rate.notice"]
        cls.classPatch(notices, "_deliver", VoipRateNotice._deliver)

    def setUp(self):
        super().setUp()
        self._start_provider()
        self.notice = self._notice()

    def _approved(self):
        self.notice.action_approve()
        domain = [("notice_id", "=", self.notice.id)]
        self.env.flush_all()
        return self.env["voip.delivery"].search(domain, order="id")

    def test_an_approved_notice_goes_with_the_files_that_were_agreed(self):
        mail = self._approved()
        self.assertEqual((self.notice.state, self.notice.mail_id.id), ("queued", False))
        self.assertEqual(mail.recipient_ids.email, "rates@castor.example")
        self._send_due()
        self.assertEqual((mail.state, self.notice.state), ("sent", "delivered"))
        [sent] = self.server.mails
        found = {
            file["name"]: sha256(base64.b64decode(file["content"])).hexdigest()
            for file in sent["attachment"]
        }
        self.assertEqual(
            found,
            {
                self.notice.xlsx_name: self.notice.xlsx_sha256,
                self.notice.csv_name: self.notice.csv_sha256,
            },
        )
        self.assertIn(self.notice.csv_sha256, sent["htmlContent"])
        self.assertEqual(self.notice.message_ref, mail.provider_message)
        self.assertEqual(self.notice.recipients, "rates@castor.example")
        with self.assertRaisesRegex(UserError, "already"):
            self.notice.action_approve()

    def _remove_kind(self):
        """What Odoo does with the mails as the module is removed."""
        values = self.env["ir.model.fields.selection"].search(
            [
                ("field_id.model", "=", "voip.delivery"),
                ("field_id.name", "=", "kind"),
                ("value", "=", "rate_notice"),
            ]
        )
        values._process_ondelete()

    def test_what_was_sent_stays_when_the_module_is_removed(self):
        mail = self._approved()
        self._send_due()
        self._remove_kind()
        self.assertEqual(mail.exists().state, "sent")

    def test_what_waits_does_not_go_when_the_module_is_removed(self):
        mail = self._approved()
        self._remove_kind()
        self.assertEqual(mail.exists().state, "cancelled")
        self.assertIn("removed", mail.message)
        self._send_due()
        self.assertFalse(self.server.mails)

    def test_it_is_delivered_once_each_language_has_left(self):
        self.env["res.lang"]._activate_lang("de_DE")
        people = self.env["res.partner"].create(
            [
                {"name": "A", "email": "a@castor.example", "lang": "de_DE"},
                {"name": "B", "email": "b@castor.example", "lang": "en_US"},
            ]
        )
        self.agreement.contact_ids = people
        first, second = self._approved()
        second.action_hold()
        self._send_due()
        self.assertEqual((first.state, self.notice.state), ("sent", "queued"))
        second.action_release()
        self._send_due()
        self.assertEqual(self.notice.state, "delivered")
        self.assertEqual(self.notice.delivery, 1)

    def test_what_is_refused_or_cancelled_was_not_delivered(self):
        mail = self._approved()
        self.server.answers = [(400, {"code": "bad", "message": "no such domain"}, {})]
        self._send_due()
        self.assertEqual((mail.state, self.notice.state), ("failed", "failed"))
        self.assertIn("no such domain", self.notice.failure)
        mail.action_release()
        self.assertEqual((self.notice.state, self.notice.failure), ("queued", False))
        mail.action_cancel()
        self.assertEqual(self.notice.state, "failed")
        self.notice.action_resend()
        self._send_due()
        self.assertEqual((self.notice.state, self.notice.delivery), ("delivered", 1))
        self.assertEqual(self.notice.delivery_count, 2)

    def test_why_a_mail_still_waits_is_on_the_notice(self):
        self._approved()
        self.assertFalse(self.notice.delivery_message)
        self.server.answers = [(401, {"code": "x", "message": "Key not found"}, {})]
        self._send_due()
        self.assertEqual(self.notice.state, "queued")
        self.assertIn("Key not found", self.notice.delivery_message)
        form = self.notice.get_view(view_type="form")["arch"]
        self.assertIn('name="delivery_message"', form)

    def test_a_cancelled_notice_takes_its_mails_along(self):
        mail = self._approved()
        self.server.answers = [(400, {"code": "bad", "message": "x"}, {})]
        self._send_due()
        self.notice.action_cancel()
        self.assertEqual((self.notice.state, mail.state), ("cancelled", "cancelled"))
        with self.assertRaisesRegex(UserError, "cancelled"):
            mail.action_resend()

    def test_what_the_provider_tells_is_on_the_notice_and_moves_nothing(self):
        mail = self._approved()
        self._send_due()
        event = webhook.Event(
            "hard_bounce",
            "rates@castor.example",
            (mail.key,),
            "",
            self.env.cr.now().replace(microsecond=0),
            "no such mailbox",
        )
        self._outbox()._take_events(self.env.company, [event])
        self.notice.invalidate_recordset()
        self.assertEqual(self.notice.delivery_state, "Bounced")
        self.assertEqual(self.notice.state, "delivered")

    def test_contacts_for_rate_changes_receive_it_where_nobody_is_chosen(self):
        person = self.env["res.partner"].create(
            {"name": "NOC", "email": "noc@castor.example"}
        )
        account = self._create_account(partner_id=self.customer.id)
        account.contact_ids = [(0, 0, {"partner_id": person.id, "kind": "rates"})]
        self.assertIn("noc@castor.example", self.notice.sends_to)
        self.assertEqual(
            self._approved().recipient_ids.email, "noc@castor.example"
        )

    def test_a_file_that_is_another_one_is_not_queued(self):
        self.notice._keep({"csv": base64.b64encode(b"x")})
        with self.assertRaisesRegex(UserError, "SHA-256"):
            self.notice.action_approve()
