"""The numbers of a rental on the customer's invoice."""

import csv
import io

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.voip_did.tests.common import NumbersCommon


@tagged("post_install", "-at_install")
class TestNumbersOnInvoice(NumbersCommon):
    def _invoice(self, count):
        plan = self._plan("p", 3.0, setup=5.0)
        with freeze_time("2026-04-01 12:00:00"):
            for number in range(count):
                self._assign(self._did(f"4930555{number:03}"), "2026-04-01", plan=plan)
        with freeze_time("2026-05-02 12:00:00"):
            run = self.env["voip.billing.run"].create(
                {"account_ids": [(6, 0, self.account.ids)]}
            )
            run.action_run()
        return run.line_ids.move_id

    def _notes(self, move):
        kind = self.env["voip.document.kind.invoice"]
        return kind._data(kind._of_move(move))["notes"]

    def test_few_numbers_are_listed_by_line(self):
        move = self._invoice(2)
        self.assertEqual(move.voip_number_count, 2)
        notes = [note for note in self._notes(move) if "+4930555000" in note]
        # April, May in advance, setup.
        self.assertEqual(len(notes), 3)
        self.assertTrue(all(n.endswith("+4930555000, +4930555001") for n in notes))

    def test_many_numbers_are_a_few_lines_and_an_annex(self):
        self.env.company.voip_numbers_listed = 20
        move = self._invoice(30)
        self.assertEqual(len(move.invoice_line_ids), 3)
        notes = " ".join(self._notes(move))
        self.assertIn("Rental of 30 numbers", notes)
        self.assertNotIn("+4930555000", notes)
        name, kind, file, _size, _digest = move._voip_numbers_file()
        with file:
            rows = list(csv.DictReader(io.TextIOWrapper(file, "utf-8-sig")))
        self.assertEqual((kind, len(rows)), ("csv", 90))
        self.assertTrue(name.endswith("numbers.csv"))
        self.assertEqual(sum(float(row["Amount"]) for row in rows), 330.0)
        self.assertEqual(move.amount_untaxed, 330.0)
        self.assertEqual(rows[0]["Number"], "+4930555000")

    def test_an_invoice_without_rental_has_no_annex(self):
        move = self.env["account.move"].create(
            {"move_type": "out_invoice", "partner_id": self.account.partner_id.id}
        )
        self.assertFalse(move.voip_number_count)
        with self.assertRaises(UserError):
            move._voip_numbers_file()
