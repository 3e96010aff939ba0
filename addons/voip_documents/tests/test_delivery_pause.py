"""An address that bounced gets nothing, not even what waits in the outbox."""

import json

from odoo.tests import tagged

from ..delivery import webhook
from .outbox_common import ADDRESS, OutboxCommon

OTHER = "bea@customer.example"


@tagged("post_install", "-at_install")
class TestDeliveryPause(OutboxCommon):
    def setUp(self):
        super().setUp()
        self.bounced = self._sent()

    def _queued(self):
        """A mail of another invoice, which waits as the address bounces."""
        other = self._create_invoice(self.account)
        other.action_voip_send()
        self._bounce()
        return self.env["voip.delivery"].search([("move_id", "=", other.id)])

    def _bounce(self, at=1_790_000_000):
        event = {
            "event": "hard_bounce",
            "email": ADDRESS,
            "tags": [self.bounced.key],
            "ts_event": at,
        }
        events = webhook.read(json.dumps([event]).encode())
        self._outbox()._take_events(self.env.company, events)

    def test_what_waits_in_the_outbox_does_not_go_to_a_paused_address(self):
        """A person is told; once the address is resumed, the mail goes."""
        mail, sent = self._queued(), len(self.server.mails)
        self._run()
        self.assertEqual(len(self.server.mails), sent)
        self.assertEqual(mail.state, "failed")
        self.assertIn("Paused Addresses", mail.message)
        self.assertTrue(mail.activity_ids)
        self.env["voip.delivery.pause"].search([]).action_resume()
        mail.action_release()
        self._run()
        self.assertEqual(len(self.server.mails), sent + 1)
        self.assertEqual(mail.state, "sent")
        self.assertEqual(mail.recipient_ids.state, "sent")

    def test_a_mail_goes_to_those_who_are_not_paused(self):
        bea = self.env["res.partner"].create({"name": "Bea", "email": OTHER})
        for person in (self.account.partner_id, bea):
            values = {"partner_id": person.id, "kind": "invoice"}
            self.account.contact_ids = [(0, 0, values)]
        mail = self._queued()
        self._run()
        [to] = self.server.mails[-1]["to"]
        self.assertEqual(to["email"], OTHER)
        states = {one.email: one.state for one in mail.recipient_ids}
        self.assertEqual(states, {ADDRESS: "paused", OTHER: "sent"})
        self.assertEqual(mail.state, "sent")

    def test_a_mail_that_is_asked_for_keeps_whom_it_went_to(self):
        """It was handed over before the address bounced; no answer came."""
        self.server.answers = ["drop"]
        mail = self._queued()
        self.env["voip.delivery.pause"].search([]).action_resume()
        self._run()
        self.assertEqual(mail.state, "sending")
        self._bounce(at=1_790_000_001)
        sent = len(self.server.mails)
        mail.sudo().retry_at = self.env.cr.now().replace(microsecond=0)
        self._run()
        self.assertEqual(mail.state, "sent")
        self.assertEqual(len(self.server.mails), sent)
