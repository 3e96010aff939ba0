"""A letter leaves once, by the outbox, with its files."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.voip_documents.tests.outbox_common import Provider

from .documents_common import SupplierDocumentCommon


@tagged("post_install", "-at_install")
class TestDisputeMail(Provider, SupplierDocumentCommon):
    def setUp(self):
        super().setUp()
        self._start_provider()

    def _queued(self, invoice):
        action = invoice.action_send_dispute_letter()
        return self.env["voip.delivery"].search(action["domain"])

    def test_a_letter_goes_to_the_supplier_with_its_three_files(self):
        invoice = self._disputed()
        mail = self._queued(invoice)
        self.assertEqual(mail.recipient_ids.email, "billing@carrier-one.example")
        self.assertEqual(invoice.delivery_count, 1)
        self.env.flush_all()
        self._send_due()
        self.assertEqual(mail.state, "sent")
        [sent] = self.server.mails
        names = {file["name"] for file in sent["attachment"]}
        self.assertEqual(
            names, {f"INV-1-dispute.{kind}" for kind in ("pdf", "xlsx", "csv")}
        )
        self.assertIn("INV-1", sent["subject"])
        self.assertEqual(set(mail.document_ids.mapped("state")), {"sent"})

    def test_it_is_queued_once_and_sent_again_as_it_was(self):
        invoice = self._disputed()
        mail = self._queued(invoice)
        with self.assertRaisesRegex(UserError, "in the outbox already"):
            invoice.claim_ids.action_send_dispute_letter()
        self.env.flush_all()
        self._send_due()
        again = self.env["voip.delivery"].search(mail.action_resend()["domain"])
        self.assertEqual(again.supplier_invoice_id, invoice)
        self.assertEqual(again.document_ids, mail.document_ids)
        self.assertEqual(invoice.delivery_count, 2)

    def test_what_is_settled_meanwhile_does_not_leave(self):
        invoice = self._disputed()
        mail = self._queued(invoice)
        invoice.claim_ids.reason = "Right after all."
        invoice.claim_ids.action_concede()
        self.assertEqual(invoice.state, "settled")
        self.env.flush_all()
        self._send_due()
        self.assertEqual(self.server.mails, [])
        self.assertIn("is settled", mail._overtaken())

    def test_an_address_for_invoices_comes_first(self):
        self.env["res.partner"].create(
            {
                "name": "Disputes",
                "parent_id": self.supplier.id,
                "type": "invoice",
                "email": "disputes@carrier-one.example",
            }
        )
        mail = self._queued(self._disputed())
        self.assertEqual(mail.recipient_ids.email, "disputes@carrier-one.example")

    def test_nothing_leaves_before_the_decision_or_to_nobody(self):
        invoice = self._audited()
        invoice.action_dispute_above()
        with self.assertRaisesRegex(UserError, "not decided"):
            invoice.action_send_dispute_letter()
        invoice.action_decide()
        self.supplier.email = False
        with self.assertRaisesRegex(UserError, "Nobody receives mails"):
            invoice.action_send_dispute_letter()
