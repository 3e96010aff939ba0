"""E-mails that Odoo sends to customers are counted once, whatever happens around."""

from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.mail.tests.common import MockEmail

from ..events import mail_mail, recorder
from .common import execute
from .event_records import forget_sql
from .test_event import EventCommon


@tagged("post_install", "-at_install")
class TestMailCapture(EventCommon, MockEmail):
    def setUp(self):
        super().setUp()
        mail_mail.MAILS._paused_until = 0.0
        self.addCleanup(setattr, mail_mail.MAILS, "_paused_until", 0.0)
        self.partner = self.account.partner_id
        self.partner.email = "customer@example.com"

    def _mail(self, partners):
        mail = self.env["mail.mail"].create(
            {
                "subject": "Hello",
                "body_html": "Hello",
                "email_from": "us@example.com",
                "recipient_ids": [(6, 0, partners.ids)],
                "auto_delete": True,
            }
        )
        with self.mock_mail_gateway():
            mail.send()

    def _captured(self):
        return self.Event.search([("source", "=", "odoo-mail")])

    def test_a_mail_to_a_customer_is_one_event_of_his_account(self):
        colleague = self.env["res.partner"].create(
            {
                "name": "Colleague",
                "email": "second@example.com",
                "parent_id": self.partner.id,
            }
        )
        stranger = self.env["res.partner"].create(
            {"name": "Stranger", "email": "stranger@example.com"}
        )
        self._mail(self.partner + colleague + stranger)
        events = self._captured()
        self.assertEqual(sum(events.mapped("units")), 2)
        self.assertEqual(set(events.mapped("account_code")), {"events-1"})
        self.assertEqual(set(events.mapped("type_code")), {"email_sent"})
        self._count()
        self.assertEqual(
            [(kind, units) for kind, _s, _d, _e, units in self._days()],
            [("email_sent", 2)],
        )
        self.assertNotIn("customer@", str(events.mapped("metadata")))

    def test_an_archived_type_counts_nothing(self):
        self.env.ref("voip_billing_base.event_type_email_sent").active = False
        self.env.flush_all()
        self._mail(self.partner)
        self.assertFalse(self._captured())

    @mute_logger(recorder.__name__)
    def test_a_mail_is_sent_whatever_becomes_of_its_event(self):
        calls = []

        def fail(*_args):
            calls.append(1)
            raise ValueError("no database")

        with patch.object(recorder.Capture, "_keep", fail):
            self._mail(self.partner)
            self._mail(self.partner)
        # The second one is not even tried: nobody waits for what does not answer.
        self.assertEqual(len(calls), 1)
        self.assertFalse(self._captured())
        mail_mail.MAILS._paused_until = 0.0
        self._mail(self.partner)
        self.assertEqual(len(self._captured()), 1)

    @mute_logger("odoo.sql_db")
    def test_it_is_kept_when_the_sender_rolls_back(self):
        """With a connection of its own, as outside of a test."""
        source = "test-capture"
        self.addCleanup(
            execute,
            self.env.cr.dbname,
            forget_sql(source),
        )
        capture = recorder.Capture(source, "email_sent")
        accounts = {7: "beside"}
        sql = f"SELECT * FROM (VALUES {', '.join(map(str, accounts.items()))}) a"
        with (
            patch.object(recorder, "ACCOUNTS_SQL", sql),
            patch.object(recorder.odoo_module, "current_test", None),
            patch.object(type(self.Event), "_wake_counting", lambda events: None),
            self.env.cr.savepoint(flush=False) as savepoint,
        ):
            kept = capture.record(self.env(su=True), 1, [(1, [7, 7, 8], {})])
            again = capture.record(self.env(su=True), 1, [(1, [7, 7, 8], {})])
            savepoint.rollback()
        self.assertEqual(kept, 1)
        rows = execute(
            self.env.cr.dbname,
            f"SELECT event_ref, units FROM voip_usage_event WHERE source = '{source}'",
        )
        self.assertEqual(rows, [("1:beside", 2)])
        self.assertLessEqual(again, 0)
