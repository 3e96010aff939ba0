"""Customers that Odoo merges: what was mailed to each of them stays."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from .outbox_common import OutboxCommon

DAYS = {"date_from": "2026-01-01", "date_to": "2026-01-31"}


@tagged("post_install", "-at_install")
class TestPartnerMerge(OutboxCommon):
    def setUp(self):
        super().setUp()
        self.kept = self.account.partner_id
        other = {"name": "Other", "email": "other@customer.example"}
        self.gone = self.env["res.partner"].create(other)
        account = self._create_account(mode="postpaid", partner_id=self.gone.id)
        self._create_invoice(account)

    def _mail(self, partner):
        """The statement of all accounts of a customer, queued."""
        wizard = self.env["voip.statement.wizard"].create(
            {"partner_id": partner.id, **DAYS}
        )
        return self._outbox().search(wizard.action_send()["domain"])

    def _merge(self):
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.kept | self.gone).ids, self.kept)
        self.env.invalidate_all()

    def test_statements_of_one_month_that_were_mailed_to_both_stay(self):
        mails = self._mail(self.gone) | self._mail(self.kept)
        self._run()
        self._merge()
        self.assertEqual(mails.partner_id, self.kept)
        self.assertEqual(mails.mapped("state"), ["sent", "sent"])
        self.assertEqual(mails.mapped("is_merged"), [True, False])
        self.assertEqual(len(mails.document_ids), 6)
        self.assertEqual(mails.document_ids.partner_id, self.kept)
        mails[0].action_resend()
        with self.assertRefused(UserError, "already"):
            self._mail(self.kept)

    def test_statements_of_the_merged_alone_are_the_customers(self):
        mail = self._mail(self.gone)
        self._merge()
        self.assertEqual((mail.partner_id, mail.is_merged), (self.kept, False))
        with self.assertRefused(UserError, "already"):
            self._mail(self.kept)
