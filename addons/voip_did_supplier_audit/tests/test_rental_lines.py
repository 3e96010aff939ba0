"""Rental on a supplier's invoice, from the line to what is found of it."""

from odoo.tests import tagged

from odoo.addons.voip_supplier_audit.tests.common import SupplierCommon


@tagged("post_install", "-at_install")
class TestRentalLines(SupplierCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._held("4930555000")
        cls._held("4930555001")

    @classmethod
    def _held(cls, number, **values):
        return cls.env["voip.did"].create(
            {
                "number": number,
                "supplier_id": cls.supplier.id,
                "cost_monthly": 3.0,
                "held_from": "2026-03-01",
                **values,
            }
        )

    def _audit(self, *lines, **values):
        """An invoice of March with lines of rental: (number, amount)."""
        rows = [
            {"prefix": number, "amount": amount, "kind": "rental"}
            for number, amount in lines
        ]
        invoice = self._load_invoice(rows, **values)
        invoice.action_reconcile()
        return invoice

    def _found(self, invoice):
        return [
            (line.prefix, line.found, round(line.ours_amount, 2))
            for line in invoice.line_ids
        ]

    def test_what_is_held_is_equal_and_another_price_is_told(self):
        invoice = self._audit(("4930555000", "3.00"), ("4930555001", "3.50"))
        self.assertEqual(
            self._found(invoice),
            [("4930555000", "equal", 3.0), ("4930555001", "rate", 3.0)],
        )
        self.assertEqual(
            (invoice.ours_total, invoice.difference, invoice.ours_unbilled),
            (6.0, 0.5, 0.0),
        )
        line = invoice.line_ids[1]
        line.action_dispute()
        self.assertEqual(line.disputed_amount, 0.5)

    def test_a_number_that_is_not_held_of_him_is_missing_here(self):
        self._held("4930555002", held_from="2026-01-01", returned_on="2026-03-01")
        invoice = self._audit(
            ("4930555000", "3.00"), ("4930555001", "3.00"), ("4930555002", "3.00")
        )
        line = invoice.line_ids[2]
        self.assertEqual((line.found, line.unexplained), ("missing_here", 0.0))
        self.assertIn("Returned On", line.explained)

    def test_a_number_that_he_did_not_bill_is_told(self):
        invoice = self._audit(("4930555000", "3.00"))
        self.assertEqual(invoice.ours_unbilled, 3.0)
        (cell,) = invoice.unbilled_cells
        self.assertEqual(cell["prefix"], "4930555001")
        self.assertEqual(cell["class"], "missing_there")

    def test_a_month_that_is_on_an_earlier_invoice_is_charged_twice(self):
        self._audit(("4930555000", "3.00"), ("4930555001", "3.00"))
        again = self._audit(("4930555000", "3.00"), number="INV-2")
        self.assertEqual(self._found(again), [("4930555000", "duplicate", 0.0)])
        self.assertIn("INV-1", again.line_ids.explained)

    def test_one_line_may_be_of_all_numbers(self):
        invoice = self._audit((None, "6.00"))
        self.assertEqual(self._found(invoice), [(False, "equal", 6.0)])
        self.assertEqual(invoice.line_ids.ours_calls, 2)

    def test_an_invoice_without_rental_says_nothing_of_numbers(self):
        invoice = self._load_invoice([{"prefix": "447", "amount": "1.00"}])
        invoice.action_reconcile()
        self.assertEqual(invoice.ours_unbilled, 0.0)

    def test_a_kind_that_nobody_knows_is_refused_with_those_there_are(self):
        answer = self.env["voip.supplier.invoice"].load(
            supplier="carrier-one", number="INV-9", period_start="2026-03-01",
            period_end="2026-03-31", currency=self.env.company.currency_id.name,
            total="1.00", lines=[{"prefix": "44", "amount": "1.00", "kind": "gift"}],
        )  # fmt: skip
        self.assertIn("rental", answer["errors"][0]["message"])
