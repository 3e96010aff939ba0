"""Texts of mails that are templates at Brevo."""

from psycopg2 import IntegrityError

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .outbox_common import OutboxCommon


@tagged("post_install", "-at_install")
class TestBrevoTemplate(OutboxCommon):
    def _use(self, number, kind="invoice"):
        return self.env["voip.brevo.template"].create({"kind": kind, "number": number})

    def test_a_template_of_the_kind_takes_the_place_of_the_text(self):
        self._use(7)
        delivery = self._sent()
        [mail] = self.server.mails
        self.assertEqual((delivery.state, delivery.brevo_template), ("sent", 7))
        self.assertEqual(mail["templateId"], 7)
        self.assertNotIn("htmlContent", mail)
        self.assertEqual(
            mail["params"],
            {
                "subject": delivery.subject,
                "kind": "Invoice",
                "document": self.invoice.name,
                "company": self.env.company.name,
                "customer": self.account.partner_id.name,
                "account": self.account.code,
                "date_from": "",
                "date_to": "",
                "language": delivery.lang,
            },
        )

    def test_other_kinds_and_companies_keep_their_texts(self):
        self._use(7, "credit_note")
        other = self.setup_other_company(name="Other Ltd")["company"]
        self._use(7).company_id = other
        delivery = self._sent()
        self.assertFalse(delivery.brevo_template)
        self.assertIn("htmlContent", self.server.mails[0])

    def test_one_that_brevo_does_not_have_or_use_fails_by_its_number(self):
        for number, word in ((99, "document_not_found"), (8, "not active")):
            row = self._use(number)
            with self.subTest(number=number):
                invoice = self._create_invoice(self.account)
                invoice.action_voip_send()
                self._run()
                delivery = self.env["voip.delivery"].search(
                    [("move_id", "=", invoice.id)]
                )
                self.assertEqual(delivery.state, "failed")
                self.assertIn(f"template {number} (", delivery.message)
                self.assertIn(word, delivery.message)
                row.unlink()
                delivery.action_release()
                self._run()
                self.assertEqual(delivery.state, "sent")

    def test_brevo_is_asked_for_a_template(self):
        row = self._use(7)
        row.action_check()
        self.assertEqual(row.title, "Invoices")
        row.number = 8
        self.assertFalse(row.title)
        with self.assertRefused(UserError, "not active"):
            row.action_check()
        row.number = 99
        with self.assertRefused(UserError, "99"):
            row.action_check()
        self.env.company.voip_brevo_key = False
        with self.assertRefused(UserError, "no API key"):
            row.action_check()

    @mute_logger("odoo.sql_db")
    def test_a_number_below_one_is_refused(self):
        with self.assertRaises(IntegrityError):
            self._use(0)
