"""A branch has invoices of its own, under agreements of the company above it."""

from freezegun import freeze_time

from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common import SupplierCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-04-10 12:00:00")
class TestBranchInvoice(SupplierCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.parent = cls.env.company
        cls.branch = cls.env["res.company"].create(
            {"name": "Branch", "parent_id": cls.parent.id}
        )
        cls.cr.precommit.run()  # its books
        cls.env.user.company_ids |= cls.branch
        cls.clerk = new_test_user(
            cls.env,
            login="branch_clerk",
            groups="voip_billing_base.group_voip_user,account.group_account_manager",
            company_id=cls.branch.id,
            company_ids=[Command.set(cls.branch.ids)],
        )

    def _invoice_of_branch(self):
        invoice = (
            self.env["voip.supplier.invoice"]
            .with_user(self.clerk)
            .with_company(self.branch)
            .create(
                {
                    "partner_id": self.supplier.id,
                    "number": "B-1",
                    "date": "2026-04-02",
                    "period_start": "2026-03-01",
                    "period_end": "2026-03-31",
                    "total": 57.5,
                    "line_ids": [
                        Command.create({"prefix": "49", "amount": 50}),
                        Command.create({"prefix": "999", "amount": 7.5}),
                    ],
                }
            )
        )
        invoice.sudo().line_ids[0].ours_amount = 50
        invoice.sudo().state = "reconciled"
        return invoice

    def test_a_branch_decides_under_the_agreement_of_the_company_above(self):
        agreed = self._agree(dispute_days=20)
        invoice = self._invoice_of_branch()
        self.assertEqual(invoice.agreement_id, agreed)
        self.assertEqual(str(invoice.deadline), "2026-04-23 00:00:00")
        invoice.action_accept_within()
        invoice.action_dispute_above()
        invoice.action_decide()
        self.assertEqual(invoice.state, "disputed")
        self.assertEqual(invoice.move_ids.company_id, self.branch)
        self.assertEqual(sorted(invoice.move_ids.mapped("amount_total")), [7.5, 50.0])
        self.assertWhole()

    def test_an_agreement_of_the_branch_goes_before(self):
        self._agree()
        own = self._agree(company_id=self.branch.id, dispute_days=5)
        self.assertEqual(self._invoice_of_branch().agreement_id, own)

    def test_the_company_above_is_under_its_own_agreement_only(self):
        self._agree(company_id=self.branch.id)
        self.assertFalse(self._reconciled().agreement_id)
