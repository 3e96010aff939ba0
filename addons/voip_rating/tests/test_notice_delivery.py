"""Notices leave by Odoo's mail queue, and what became of them is known."""

from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.base.models.ir_mail_server import MailDeliveryException
from odoo.addons.mail.tests.common import MockEmail

from .notice_common import NoticeCommon


@tagged("post_install", "-at_install")
class TestNoticeMail(NoticeCommon, MockEmail):
    """The way through Odoo's own queue, up to the mail server."""

    def test_the_queue_delivers_a_notice_to_all_recipients_at_once(self):
        contact = self.env["res.partner"].create(
            {"name": "NOC", "email": "noc@castor.example"}
        )
        self.agreement.contact_ids = self.customer | contact
        notice = self._notice()
        notice.action_approve()
        with self.mock_mail_gateway():
            self.env["mail.mail"].process_email_queue(email_ids=notice.mail_id.ids)
        self.assertEqual(notice.state, "delivered")
        self.assertEqual(notice.message_ref, notice.mail_id.message_id)
        [mail] = self._mails
        self.assertEqual(len(mail["email_to"]), 2)
        self.assertEqual(
            {name for name, _data, _kind in mail["attachments"]},
            {notice.csv_name, notice.xlsx_name},
        )

    @mute_logger("odoo.addons.mail.models.mail_mail")
    def test_a_mail_server_that_is_away_or_refuses_is_named(self):
        notice = self._notice()
        notice.action_approve()
        server = type(self.env["ir.mail_server"])
        refused = MailDeliveryException("Mailbox unavailable")
        with (
            self.mock_mail_gateway(),
            patch.object(server, "send_email", side_effect=refused),
        ):
            self.env["mail.mail"].process_email_queue(email_ids=notice.mail_id.ids)
        self.assertEqual(notice.state, "failed")
        self.assertIn("Mailbox unavailable", notice.failure)
        notice.action_resend()
        with self.mock_mail_gateway():
            self.env["mail.mail"].process_email_queue(email_ids=notice.mail_id.ids)
        self.assertEqual((notice.state, notice.failure), ("delivered", False))
