"""Bills of what is unusual: credits, and bills that are in the books already."""

from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from ..invoices import invoice_parts
from .common import SupplierCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-04-10 12:00:00")
class TestBills(SupplierCommon):
    def _decidable(self, lines, **values):
        invoice = self._load_invoice(lines, **values)
        invoice.sudo().state = "reconciled"
        invoice.action_accept_rest()
        return invoice

    def _bill(self, ref, post=True, **values):
        bill = self.env["account.move"].create(
            {
                "move_type": "in_invoice",
                "partner_id": self.supplier.id,
                "invoice_date": "2026-03-31",
                "ref": ref,
                "invoice_line_ids": [
                    Command.create(
                        {"name": "Minutes", "price_unit": 100, "tax_ids": False}
                    )
                ],
                **values,
            }
        )
        if post:
            bill.action_post()
        return bill

    def test_an_invoice_that_credits_makes_a_credit_note(self):
        invoice = self._decidable([{"prefix": "447", "amount": "-20.00"}])
        invoice.action_decide()
        note = invoice.move_ids
        self.assertEqual(
            (note.move_type, note.amount_total, note.ref),
            ("in_refund", 20.0, "INV-1"),
        )
        self.assertEqual(invoice.state, "accepted")
        self.assertWhole()

    def test_a_credit_is_taken_while_the_usage_beside_it_is_disputed(self):
        for way, kinds in (
            ("hold", [("in_invoice", 30.0), ("in_refund", 50.0)]),
            ("debit_note", [("in_refund", 20.0), ("in_refund", 30.0)]),
        ):
            with self.subTest(way):
                agreed = self._agree(claim_by=way)
                lines = [
                    {"prefix": "447", "amount": "30.00"},
                    {"kind": "fee", "destination": "Credit", "amount": "-50.00"},
                ]
                invoice = self._decidable(lines, number=f"C-{way}")
                invoice.line_ids[0].action_dispute()
                invoice.line_ids[0].reason = "Unknown calls."
                invoice.action_decide()
                made = sorted((m.move_type, m.amount_total) for m in invoice.move_ids)
                self.assertEqual(made, kinds)
                claim = invoice.claim_ids
                self.assertEqual(claim.by, way)
                self.assertEqual(claim.move_id.amount_total, 30.0)
                self.assertWhole()
                agreed.active = False

    def test_who_may_not_change_bills_is_told_nothing_of_them(self):
        invoice = self._decidable([{"prefix": "447", "amount": "5"}], number="SECRET")
        invoice.action_decide()
        other = self.env["res.company"].create({"name": "Other"})
        roles = "voip_billing_base.group_voip_manager,account.group_account_manager"
        for login, groups, company in (
            ("stranger", roles, other),
            ("plain", "base.group_user", self.env.company),
        ):
            person = new_test_user(
                self.env,
                login=f"{login}_bills",
                groups=groups,
                company_id=company.id,
                company_ids=[Command.set(company.ids)],
            )
            for name in ("button_draft", "button_cancel"):
                with self.subTest(f"{login} {name}"):
                    bill = invoice.move_ids.with_user(person)
                    with self.assertRaises(AccessError) as caught:
                        getattr(bill.with_company(company), name)()
                    self.assertNotIn("SECRET", str(caught.exception))

    def test_a_number_that_is_in_the_books_is_not_billed_again(self):
        bill = self._bill("INV-1")
        invoice = self._decidable([{"prefix": "447", "amount": "100"}])
        with self.assertRefused(UserError, f"{bill.name} .* has number INV-1"):
            invoice.action_decide()
        last_year = self._bill("INV-2", invoice_date="2025-03-31")
        self.assertTrue(last_year)
        other = self._decidable([{"prefix": "447", "amount": "1"}], number="INV-2")
        other.action_decide()
        self.assertEqual(other.state, "accepted")

    def test_a_bill_is_decided_as_it_is_in_the_books(self):
        bill = self._bill("TYPED-1", post=False)
        found = bill.action_voip_audit()["res_id"]
        invoice = self.env["voip.supplier.invoice"].browse(found)
        invoice.sudo().state = "reconciled"
        invoice.action_accept_rest()
        with self.assertRefused(UserError, "is not posted"):
            invoice.action_decide()
        bill.invoice_line_ids.price_unit = 250
        bill.action_post()
        with self.assertRefused(UserError, "250.00.*100.00"):
            invoice.action_decide()

    def test_of_many_lines_each_kind_is_a_line_of_the_bills(self):
        agreed = self._agree()
        for way in ("hold", "debit_note"):
            with self.subTest(way):
                agreed.claim_by = way
                apart = self._of_two_kinds(f"{way}-1")
                with patch.object(invoice_parts, "APART", 3):
                    summed = self._of_two_kinds(f"{way}-2")
                self.assertEqual(*map(self._booked, (apart, summed)))
                moves = summed.move_ids.sorted("id")
                self.assertEqual([len(m.invoice_line_ids) for m in moves], [2, 1])
                self.assertEqual(
                    moves[0].invoice_line_ids[0].name,
                    f"Usage, sum of the lines of invoice {way}-2",
                )
                claim = summed.claim_ids
                self.assertEqual(claim.line_ids.mapped("prefix"), ["49"])
                self.assertEqual((claim.amount, summed.state), (10.005, "disputed"))
                self.assertWhole()

    def _of_two_kinds(self, number):
        """A decided invoice of usage and a fee, in part disputed, in part rejected."""
        lines = [
            {"prefix": "447", "amount": "100.004"},
            {"prefix": "49", "amount": "50.004"},
            {"prefix": "999", "amount": "7.50"},
            {"kind": "fee", "destination": "Port", "amount": "5.00"},
        ]
        invoice = self._load_invoice(lines, number, "162.51")
        invoice.line_ids[1].sudo().ours_amount = 39.999
        invoice.sudo().state = "reconciled"
        self._choose(invoice, p447="accept", p49="dispute", p999="reject")
        invoice.action_accept_rest()
        invoice.action_decide()
        return invoice

    def _booked(self, invoice):
        return [
            (move.move_type, move.ref[len(invoice.number) :], move.amount_total)
            for move in invoice.move_ids.sorted("id")
        ]

    def test_what_was_reconciled_with_nothing_is_written_at_no_cost(self):
        with patch.object(self.registry["account.move"], "_voip_book") as booked:
            self.env["account.partial.reconcile"].unlink()
        booked.assert_not_called()

    def test_a_line_of_which_nothing_is_disputed_says_nothing_else(self):
        """Also where nothing at all is kept, as of lines of before."""
        lines = [{"prefix": "447", "amount": "100.00"}] * 2
        invoice = self._load_invoice([*lines, {"prefix": "49", "amount": "5.50"}])
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT DISTINCT disputed_amount FROM voip_supplier_invoice_line"
            " WHERE invoice_id = %s",
            [invoice.id],
        )
        self.assertEqual(self.env.cr.fetchall(), [(0,)])
        self.env.cr.execute(
            "UPDATE voip_supplier_invoice_line SET disputed_amount = NULL"
            " WHERE invoice_id = %s",
            [invoice.id],
        )
        invoice.invalidate_recordset()
        invoice.sudo().state = "reconciled"
        invoice.action_accept_rest()
        invoice.action_decide()
        self.assertEqual(invoice.move_ids.amount_total, 205.5)
        self.assertWhole()
