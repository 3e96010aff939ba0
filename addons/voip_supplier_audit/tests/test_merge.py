"""Suppliers that Odoo merges: what a supplier has once is not there twice."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import SupplierCommon


@tagged("post_install", "-at_install")
class TestMerge(SupplierCommon):
    def setUp(self):
        super().setUp()
        self.other = self.env["res.partner"].create(
            {"name": "Carrier Two", "ref": "carrier-two"}
        )

    def _merge(self):
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.other | self.supplier).ids, self.supplier)
        self.env.invalidate_all()

    def _invoice_of(self, supplier, number):
        lines = [{"prefix": "447", "amount": "1.00"}]
        invoice = self._load_invoice(lines, number=number)
        invoice.partner_id = supplier
        return invoice

    def test_two_invoices_of_one_number_are_named(self):
        self._invoice_of(self.other, "R-7")
        self._invoice_of(self.supplier, "R-7")
        with self.assertRefused(UserError, "Carrier.* an invoice R-7.*archive"):
            self._merge()
        self.assertTrue(self.other.exists())

    def test_invoices_of_other_numbers_go_to_the_one_that_stays(self):
        self._invoice_of(self.supplier, "R-7")
        its = self._invoice_of(self.other, "R-8")
        self._merge()
        self.assertEqual(its.partner_id, self.supplier)

    def test_agreements_of_the_same_days_are_named(self):
        self._agree()
        its = self._agree(partner_id=self.other.id)
        with self.assertRefused(UserError, "Carrier One, Carrier Two.*same days"):
            self._merge()
        its.active = False
        self._merge()
        self.assertEqual(its.partner_id, self.supplier)
