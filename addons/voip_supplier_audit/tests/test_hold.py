"""Disputed money is paid on no way that Odoo's own payments know."""

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common import SupplierCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-04-10 12:00:00")
class TestHold(SupplierCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.journal = cls.company_data["default_journal_bank"]

    def _decided(self, number):
        invoice = self._reconciled(number=number)
        self._choose(invoice, p447="accept", p49="dispute", p999="reject")
        invoice.action_decide()
        held = invoice.claim_ids.move_id
        return invoice.move_ids - held, held

    def _pay(self, moves, **values):
        wizard = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=moves.ids
        )
        values = {"journal_id": self.journal.id, **values}
        return wizard.create(values)._create_payments()

    def test_a_batch_pays_all_but_what_is_held(self):
        self._agree()
        pairs = [self._decided(f"INV-{number}") for number in (1, 2)]
        none = self.env["account.move"]
        bills, held = (sum(moves, none) for moves in zip(*pairs, strict=True))
        payments = self._pay(bills | held, group_payment=True)
        self.assertEqual(payments.mapped("amount"), [280.0])
        self.assertEqual(held.mapped("amount_residual"), [10.0, 10.0])
        self.assertEqual(set(bills.mapped("amount_residual")), {0.0})
        self.assertWhole()

    def test_single_payments_of_a_batch_leave_out_what_is_held(self):
        self._agree()
        bill, held = self._decided("INV-1")
        payments = self._pay(bill | held, group_payment=False)
        self.assertEqual(payments.mapped("amount"), [140.0])
        self.assertEqual(held.amount_residual, 10.0)
        self.assertWhole()

    def test_a_payment_in_part_stays_with_the_bill(self):
        self._agree()
        bill, held = self._decided("INV-1")
        self._pay(bill | held, amount=60.0, payment_difference_handling="open")
        self.assertEqual((bill.amount_residual, held.amount_residual), (80.0, 10.0))
        # More than the bill: the rest stays on account, not on what is held.
        self._pay(bill | held, amount=90.0, payment_difference_handling="open")
        self.assertEqual((bill.amount_residual, held.amount_residual), (0.0, 10.0))
        self.assertWhole()

    def test_lines_of_a_held_bill_are_paid_by_no_wizard_of_lines(self):
        self._agree()
        _bill, held = self._decided("INV-1")
        lines = held.line_ids.filtered(
            lambda line: line.account_id.account_type == "liability_payable"
        )
        wizard = self.env["account.payment.register"].with_context(
            active_model="account.move.line", active_ids=lines.ids
        )
        with self.assertRefused(UserError, "held from payment"):
            wizard.create({"journal_id": self.journal.id})

    def test_a_payment_by_hand_names_no_held_bill(self):
        self._agree()
        bill, held = self._decided("INV-1")
        values = {
            "payment_type": "outbound",
            "partner_type": "supplier",
            "partner_id": self.supplier.id,
            "journal_id": self.journal.id,
            "amount": 10.0,
        }
        payments = self.env["account.payment"]
        with self.assertRefused(UserError, "held from payment"):
            payments.create({**values, "invoice_ids": [Command.set(held.ids)]})
        payment = payments.create({**values, "invoice_ids": [Command.set(bill.ids)]})
        with self.assertRefused(UserError, "held from payment"):
            payment.invoice_ids = held
        with self.assertRefused(UserError, "held from payment"):
            held.matched_payment_ids = payment

    def test_a_conceded_bill_is_paid_with_the_next_batch(self):
        self._agree()
        bill, held = self._decided("INV-1")
        held.voip_supplier_invoice_id.claim_ids.reason = "Right after all."
        held.voip_supplier_invoice_id.claim_ids.action_concede()
        payments = self._pay(bill | held, group_payment=True)
        self.assertEqual(payments.amount, 150.0)
        self.assertWhole()
