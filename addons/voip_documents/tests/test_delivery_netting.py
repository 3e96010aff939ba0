"""A request for netting by mail: its link is in the mail, and nowhere else."""

import re

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import HttpCase, tagged

from ..engine import pool
from ..netting.voip_delivery import PLACE
from .netting_common import NettingCommon
from .outbox_common import Provider


@tagged("post_install", "-at_install")
class TestNettingMail(Provider, NettingCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.addClassCleanup(pool.shared().close)

    def setUp(self):
        super().setUp()
        self._start_provider()
        self._account()
        self._invoice(100)
        self._bill(60, ref="THEIR-7")
        self.netting = self._netting()

    def _ask_by_mail(self):
        action = self.netting.action_request_by_mail()
        found = self.env["voip.delivery"].search(action["domain"], order="id")
        self.env.flush_all()
        return found

    def _links(self):
        """Keys of the links that arrived, in their order."""
        pattern = re.compile(r"/voip/netting/([\w-]+)")
        return [pattern.search(mail["htmlContent"])[1] for mail in self.server.mails]

    def _page(self, key):
        self.env.flush_all()
        return self.url_open(f"/voip/netting/{key}")

    def test_the_mail_carries_files_and_a_link_that_is_kept_nowhere(self):
        mail = self._ask_by_mail()
        self.assertEqual(self.netting.state, "requested")
        self.assertEqual(mail.partner_id, self.customer)
        self.assertEqual(self._send_due(), 1)
        [sent], [key] = self.server.mails, self._links()
        self.assertEqual(len(sent["attachment"]), 3)
        self.assertEqual(sent["htmlContent"].count(key), 2)
        self.assertNotIn(PLACE, sent["htmlContent"])
        self.assertEqual(self._page(key).status_code, 200)
        self.assertEqual(self._page(PLACE).status_code, 404)
        for table in ("voip_delivery", "voip_netting", "voip_netting_key"):
            self.env.cr.execute(f"SELECT to_jsonb(t)::text FROM {table} t")
            self.assertNotIn(key, str(self.env.cr.fetchall()))
        self.assertEqual(self.netting.delivery_state, "Sent")

    def test_each_language_has_a_link_and_both_work(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        people = self.env["res.partner"].create(
            [
                {"name": "A", "email": "a@partner.example", "lang": "fr_FR"},
                {"name": "B", "email": "b@partner.example", "lang": "en_US"},
            ]
        )
        account = self.env["voip.account"].search(
            [("partner_id", "=", self.customer.id)], limit=1
        )
        account.contact_ids = [
            Command.create({"partner_id": one.id, "kind": "netting"}) for one in people
        ]
        self.assertEqual(len(self._ask_by_mail()), 2)
        self._send_due()
        first, second = self._links()
        self.assertNotEqual(first, second)
        for key in (first, second):
            self.assertEqual(self._page(key).status_code, 200)

    def test_a_mail_that_is_tried_again_leaves_both_links_working(self):
        delivery = self._ask_by_mail()
        self.server.answers = ["drop"]
        self._send_due()
        self.assertEqual(delivery.state, "sending")
        delivery.sudo().write({"state": "waiting", "retry_at": False})
        self.env.flush_all()
        self.server.forget_keys()
        self._send_due()
        for key in self._links():
            self.assertEqual(self._page(key).status_code, 200)
        self.assertEqual(len(self._links()), 2)

    def test_asked_anew_the_links_and_waiting_mails_before_do_not_count(self):
        self._ask_by_mail()
        self._send_due()
        [old] = self._links()
        held = self._ask_by_mail()[-1]
        held.action_hold()
        self.assertEqual(self._page(old).status_code, 404)
        new = self._ask_by_mail()[-1]
        self.assertEqual((held.state, new.state), ("cancelled", "waiting"))
        self._send_due()
        self.assertEqual(self._page(self._links()[-1]).status_code, 200)

    def test_what_was_answered_meanwhile_does_not_go(self):
        delivery = self._ask_by_mail()
        self._agree(self.netting)
        self.assertEqual(self._send_due(), 0)
        self.assertEqual(delivery.state, "cancelled")
        self.assertIn("answered", delivery.message)
        with self.assertRefused(UserError, "answered"):
            delivery.action_resend()
        self.assertFalse(self.server.mails)

    def test_a_text_without_the_link_is_refused_at_once(self):
        text = self.env.ref("voip_documents.mail_template_delivery_netting")
        text.body_html = "<p>Please net.</p>"
        with self.assertRefused(UserError, "netting_link"):
            self.netting.action_request_by_mail()
