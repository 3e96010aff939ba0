"""Each tax of an invoice is credited to the cent of what the invoice has of it."""

from itertools import product

from freezegun import freeze_time

from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.voip_billing_base.tests.turns import one_by_one

from .credit_common import CreditNoteCommon

METHODS = ("round_per_line", "round_globally")
# name: [(percent, in the price, makes the base of the next larger)]
TAXES = {
    "two in the price": [(19, True, False), (5, True, False)],
    "one in the price on the other": [(10, True, True), (5, True, False)],
    "three in the price": [(7, True, False), (7.5, True, False), (1, True, False)],
    "one in the price, one on top": [(19, True, False), (5, False, False)],
    "two on top": [(19, False, False), (5, False, False)],
}


@tagged("post_install", "-at_install")
@freeze_time("2026-11-10 12:00:00")
class TestCreditTaxes(CreditNoteCommon):
    def _taxes(self, kind):
        taxes = self.env["account.tax"]
        for number, (amount, included, larger) in enumerate(TAXES[kind]):
            kept = "tax_included" if included else "tax_excluded"
            taxes |= self.tax.copy(
                {
                    "name": f"{kind} {number} {len(taxes.search([]))}",
                    "amount": amount,
                    "price_include_override": kept,
                    "include_base_amount": larger,
                    "sequence": number,
                }
            )
        return taxes

    def _credited(self, invoice):
        """{tax: (of the invoice, of its credit notes)}, from journal items."""
        self.env.flush_all()
        self.env.cr.execute(TAX_SQL, {"invoice": invoice.id})
        rows = self.env.cr.fetchall()
        return {tax: (billed, credited) for tax, billed, credited in rows}

    def _check_within(self, invoice):
        for tax, (billed, credited) in self._credited(invoice).items():
            low, high = sorted((0, billed))
            self.assertTrue(low <= credited <= high, (tax, billed, credited))

    def _check_whole(self, invoice):
        for billed, credited in self._credited(invoice).values():
            self.assertEqual(credited, billed)
        notes = invoice.reversal_move_ids
        for name in ("amount_untaxed", "amount_tax", "amount_total"):
            self.assertAlmostEqual(sum(notes.mapped(name)), invoice[name], 6, name)
        self.assertEqual(invoice.amount_residual, 0)

    def _credit_as_planned(self, invoice, **values):
        wizard = self._wizard(invoice, **values)
        planned = (wizard.planned_net, wizard.planned_tax, wizard.planned)
        wizard.action_credit()
        note = wizard.credit_id.sudo().note_id
        said = (note.amount_untaxed, note.amount_tax, note.amount_total)
        for one, other in zip(planned, said, strict=True):
            self.assertAlmostEqual(one, other, 6)
        self._check_within(invoice)
        return note

    def _each(self, credit, *others):
        """Call ``credit`` with an invoice of each kind of taxes, and one of others.

        Methods of rounding take turns, others in each run.
        """
        turns = one_by_one(METHODS)
        for kind, *rest in product(TAXES, *others):
            method = next(turns)
            with self.subTest(kind, method=method, of=rest):
                self.env.company.tax_calculation_rounding_method = method
                invoice = self._invoiced(self._taxes(kind), mode="postpaid")
                credit(invoice, *rest)
                self._check_whole(invoice)
        self.assertWhole()

    def test_small_amounts_of_one_line_and_then_the_rest(self):
        def credit(invoice, amount):
            british = invoice.invoice_line_ids.sorted("name")[-1:]
            values = {"amount": amount, "line_ids": [Command.set(british.ids)]}
            for _number in range(5):
                self._credit_as_planned(invoice, scope="amount", **values)
            self._credit_as_planned(invoice)

        self._each(credit, (0.03,))

    def test_percentages_and_then_the_rest(self):
        def credit(invoice, percentage):
            for _number in range(3):
                values = {"scope": "percent", "percentage": percentage}
                self._credit_as_planned(invoice, **values)
            self._credit_as_planned(invoice)

        self._each(credit, (3.3,))

    def test_line_after_line(self):
        def credit(invoice):
            for line in invoice.invoice_line_ids:
                values = {"scope": "lines", "line_ids": [Command.set(line.ids)]}
                self._credit_as_planned(invoice, **values)

        self._each(credit)

    def test_call_after_call(self):
        def credit(invoice):
            for call in self._usage(invoice):
                self._credit_as_planned(invoice, scope="calls", usage_ids=call.ids)

        self._each(credit)

    def test_a_tax_that_is_credited_otherwise_is_found(self):
        invoice = self._invoiced(self._taxes("two in the price"), mode="postpaid")
        notes = [self._credit(invoice, scope="amount", amount=1), self._credit(invoice)]
        for note in (credit.note_id for credit in notes):
            lines = note.line_ids.filtered("tax_line_id")
            one, other = lines.sorted("amount_currency")
            for line, change in ((one, 1), (one, -1), (other, 1), (other, -1)):
                with self.subTest(tax=line.name, change=change):
                    savepoint = self.env.cr.savepoint()
                    self.env.cr.execute(
                        "UPDATE account_move_line SET amount_currency ="
                        " amount_currency + 0.01 * %s WHERE id = %s",
                        [change, line.id],
                    )
                    found = self.env["voip.check"].sudo().run()
                    savepoint.close(rollback=True)
                    found = {row["name"]: row["violations"] for row in found}
                    self.assertEqual(found["credited_tax"], 1)
        self.assertBooks(invoice.voip_account_id)


TAX_SQL = """
SELECT l.tax_line_id,
       COALESCE(-sum(l.amount_currency) FILTER (WHERE m.id = %(invoice)s), 0),
       COALESCE(sum(l.amount_currency) FILTER (WHERE m.id <> %(invoice)s), 0)
  FROM account_move m JOIN account_move_line l ON l.move_id = m.id
 WHERE (m.id = %(invoice)s OR m.reversed_entry_id = %(invoice)s)
   AND l.tax_line_id IS NOT NULL AND m.state = 'posted' GROUP BY 1
"""
