from unittest.mock import patch

import psycopg2
from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import SupplierCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-04-10 12:00:00")
class TestDecide(SupplierCommon):
    def _disputed(self, **values):
        invoice = self._reconciled(**values)
        self._choose(invoice, p447="accept", p49="dispute", p999="reject")
        invoice.action_decide()
        return invoice

    def _register(self, moves):
        return self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=moves.ids
        )

    def test_what_is_accepted_is_billed_and_what_is_disputed_is_held(self):
        self._agree(claim_by="hold")
        invoice = self._disputed()
        bill, held = invoice.move_ids.sorted("amount_total", reverse=True)
        self.assertEqual((bill.amount_total, held.amount_total), (140.0, 10.0))
        self.assertEqual(bill.invoice_line_ids.mapped("price_unit"), [100.0, 40.0])
        self.assertEqual((bill.ref, held.ref), ("INV-1", "INV-1/D"))
        self.assertTrue(held.voip_payment_hold)
        self.assertFalse(bill.voip_payment_hold)
        claim = invoice.claim_ids
        self.assertRecordValues(
            claim,
            [{"state": "open", "amount": 10.0, "by": "hold", "move_id": held.id}],
        )
        self.assertEqual(invoice.state, "disputed")
        self.assertEqual(invoice.accepted_total, 140.0)
        self.assertWhole()

    def test_held_money_is_paid_on_no_way(self):
        self._agree()
        invoice = self._disputed()
        held = invoice.claim_ids.move_id
        self.assertIn("disputed of invoice INV-1", held._voip_withheld_reason())
        bill = invoice.move_ids - held
        with self.assertRefused(UserError, "held from payment"):
            self._register(held).create({})
        both = self._register(bill | held).create({})
        self.assertEqual(both.line_ids.move_id, bill)
        self.assertWhole()

    def test_held_money_is_reconciled_with_no_other_entry(self):
        self._agree()
        invoice = self._disputed()
        held = invoice.claim_ids.move_id
        payable = held.line_ids.account_id.filtered(
            lambda account: account.account_type == "liability_payable"
        )
        bank = self.company_data["default_account_revenue"]
        lines = [
            {"account_id": payable.id, "partner_id": self.supplier.id, "debit": 10.0},
            {"account_id": bank.id, "credit": 10.0},
        ]
        entry = self.env["account.move"].create(
            {"line_ids": [Command.create(line) for line in lines]}
        )
        entry.action_post()
        with self.assertRefused(UserError, "held from payment"):
            invoice._reconcile_payable(held | entry)
        self.assertWhole()

    def test_the_suppliers_credit_note_closes_the_claim_once(self):
        self._agree()
        invoice = self._disputed()
        claim = invoice.claim_ids
        with self.assertRefused(UserError, "Choose the supplier's credit note"):
            claim.action_credit()
        claim.credit_note_id = self._credit_note(4.0)
        with self.assertRefused(UserError, "credits 4.00, 10.00 are held"):
            claim.action_credit()
        note = self._credit_note(10.0)
        claim.credit_note_id = note
        claim.action_credit()
        held = claim.move_id
        self.assertEqual(
            (held.payment_state, held.voip_payment_hold), ("reversed", False)
        )
        self.assertEqual((claim.state, claim.credited_amount), ("credited", 10.0))
        self.assertEqual(invoice.state, "settled")
        with self.assertRefused(UserError, "closed"):
            claim.action_credit()
        for change in (note.button_draft, note.button_cancel):
            with self.assertRefused(UserError, "closed the claim on invoice INV-1"):
                change()
        self.assertWhole()
        second = self._reconciled(number="INV-2")
        self._choose(second, p447="accept", p49="dispute", p999="accept")
        second.action_decide()
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.errors.UniqueViolation),
            self.env.cr.savepoint(),
        ):
            second.claim_ids.credit_note_id = note
            self.env.flush_all()

    def test_another_suppliers_credit_note_closes_nothing(self):
        self._agree()
        claim = self._disputed().claim_ids
        other = self.env["res.partner"].create({"name": "Carrier Two"})
        claim.credit_note_id = self._credit_note(10.0, partner_id=other.id)
        with self.assertRefused(UserError, "no posted credit note of Carrier One"):
            claim.action_credit()

    def test_a_claim_is_conceded_with_a_reason_and_its_money_is_paid(self):
        self._agree()
        invoice = self._disputed()
        claim = invoice.claim_ids
        with self.assertRefused(UserError, "Say why"):
            claim.action_concede()
        claim.reason = "His records convinced us."
        claim.action_concede()
        self.assertEqual((claim.state, claim.credited_amount), ("conceded", 0.0))
        self.assertTrue(self._register(claim.move_id).create({}).line_ids)
        self.assertEqual(invoice.state, "settled")
        self.assertWhole()

    def test_by_agreement_it_is_paid_and_claimed_by_a_debit_note(self):
        self._agree(claim_by="debit_note")
        invoice = self._disputed()
        note = invoice.move_ids.filtered(lambda move: move.move_type == "in_refund")
        bill = invoice.move_ids - note
        self.assertEqual((bill.amount_total, note.amount_total), (150.0, 10.0))
        self.assertEqual(bill.amount_residual, 140.0)
        self.assertWhole()
        claim = invoice.claim_ids
        with self.assertRefused(UserError, "number of the credit note"):
            claim.action_credit()
        claim.credit_reference = "CN-7"
        claim.action_credit()
        self.assertEqual(invoice.state, "settled")
        self.assertWhole()

    def test_a_debit_note_that_is_conceded_is_payable_again(self):
        self._agree(claim_by="debit_note")
        claim = self._disputed().claim_ids
        claim.reason = "Right after all."
        claim.action_concede()
        back = claim.move_id.reversal_move_ids
        self.assertEqual((back.amount_residual, back.state), (10.0, "posted"))
        self.assertWhole()

    def test_a_decision_computes_no_line_again(self):
        invoice = self._reconciled()
        invoice.action_accept_rest()
        self.env.flush_all()
        lines = self.registry["voip.supplier.invoice.line"]
        with patch.object(lines, "_compute_difference") as computed:
            invoice.action_decide()
            self.env.flush_all()
        computed.assert_not_called()
        self.assertEqual(invoice.difference, 17.5)

    def test_all_rejected_is_no_bill(self):
        invoice = self._reconciled()
        self._choose(invoice, p447="reject", p49="reject", p999="reject")
        invoice.action_decide()
        self.assertEqual(invoice.state, "rejected")
        self.assertFalse(invoice.move_ids | invoice.claim_ids.move_id)
        self.assertWhole()

    def test_a_decision_needs_every_line_and_reasons(self):
        invoice = self._reconciled()
        with self.assertRefused(UserError, "3 lines of invoice INV-1 are open"):
            invoice.action_decide()
        invoice.line_ids.action_accept()
        line = invoice.line_ids[1]
        line.action_dispute()
        with self.assertRefused(UserError, "is not accepted: say why"):
            invoice.action_decide()
        line.action_reopen()
        self.assertEqual(line.disputed_amount, 0.0)

    def test_what_a_printed_figure_hides_is_accepted_and_never_disputed(self):
        self._agree(line_percent=5)
        lines = [
            {"prefix": "447", "amount": "0.03"},
            {"prefix": "49", "amount": "0.04"},
        ]
        invoice = self._load_invoice(lines)
        for line, ours in zip(invoice.line_ids, (0.0251, 0.0349), strict=True):
            line.sudo().ours_amount = ours
        invoice.sudo().state = "reconciled"
        self.assertEqual(invoice.line_ids.mapped("within"), [True, False])
        self.assertEqual(invoice.line_ids.mapped("is_above"), [False, True])
        with self.assertRaisesRegex(UserError, "is not above ours"):
            invoice.line_ids[0].action_dispute()
        invoice.action_dispute_above()
        self.assertEqual(invoice.line_ids.mapped("decision"), ["open", "disputed"])

    def test_what_is_beyond_tolerance_is_disputed_with_a_reason(self):
        self._agree(line_percent=5)
        invoice = self._reconciled()
        invoice.action_accept_within()
        self.assertEqual(
            invoice.line_ids.mapped("decision"), ["accepted", "open", "open"]
        )
        invoice.action_dispute_above()
        self.assertEqual(invoice.line_ids.mapped("disputed_amount"), [0.0, 10.0, 7.5])
        self.assertIn("our records say 40.00", invoice.line_ids[1].reason)
        invoice.action_decide()
        self.assertEqual(invoice.claim_ids.amount, 17.5)
        self.assertWhole()

    def test_a_reason_is_a_cause_that_makes_the_line_dearer(self):
        self._agree(line_percent=5)
        cases = (
            ([("-30", "Not charged: -30."), ("40", "Too dear: 40.")], "Too dear: 40."),
            ([("4", "Fee: 4."), ("6", "Too dear: 6.")], "Too dear: 6."),
            ([("-30", "Not charged: -30.")], "Billed 50.00, our records say 40.00."),
        )
        for number, (causes, reason) in enumerate(cases):
            invoice = self._reconciled(number=f"R-{number}")
            line = invoice.line_ids[1]
            line.sudo().explanations = [
                {"kind": "other", "amount": amount, "text": words}
                for amount, words in causes
            ]
            invoice.action_dispute_above()
            self.assertEqual(line.reason, reason)

    def test_above_an_amount_somebody_else_approves(self):
        self._agree(four_eyes_amount=100)
        invoice = self._reconciled()
        self._choose(invoice, p447="accept", p49="accept", p999="accept")
        first, second = (
            new_test_user(
                self.env,
                login=f"eyes_{number}",
                groups="voip_billing_base.group_voip_manager",
                company_id=self.env.company.id,
            )
            for number in (1, 2)
        )
        invoice.with_user(first).action_decide()
        self.assertTrue(invoice.waits_approval)
        self.assertFalse(invoice.move_ids)
        with self.assertRefused(UserError, "waits for approval"):
            invoice.line_ids[0].with_user(first).action_reject()
        with self.assertRefused(AccessError, "somebody else approves"):
            invoice.with_user(first).action_approve()
        invoice.with_user(first).action_withdraw()
        invoice.with_user(first).action_decide()
        invoice.with_user(second).action_approve()
        self.assertEqual(invoice.state, "accepted")
        self.assertEqual((invoice.asked_id, invoice.approved_id), (first, second))
        self.assertWhole()

    @mute_logger("odoo.sql_db")
    def test_what_was_decided_stays_for_the_database_too(self):
        self._agree()
        invoice = self._disputed()
        with self.assertRefused(UserError, "what was decided stays"):
            invoice.total = 1.0
        with self.assertRefused(UserError, "what was decided stays"):
            invoice.line_ids[0].action_reject()
        with self.assertRefused(UserError, "what was decided stays"):
            invoice.unlink()
        for change in ("amount = 1", "decision = 'accepted', disputed_amount = 0"):
            with (
                self.assertRaises(psycopg2.errors.RestrictViolation),
                self.env.cr.savepoint(flush=False),
            ):
                self.env.cr.execute(
                    f"UPDATE voip_supplier_invoice_line SET {change}"
                    " WHERE invoice_id = %s AND decision = 'disputed'",
                    [invoice.id],
                )
        with self.assertRefused(UserError, "what was decided on invoice INV-1"):
            invoice.move_ids[0].button_draft()

    def test_bills_round_once_and_come_to_the_printed_total(self):
        self._agree(amount_decimals=4)
        lines = [{"prefix": str(n), "amount": "0.3335"} for n in range(30, 37)]
        invoice = self._load_invoice(lines, total="2.33")
        self.assertTrue(invoice.sum_is_right)
        invoice.sudo().state = "reconciled"
        invoice.action_accept_rest()
        invoice.action_decide()
        self.assertEqual(invoice.move_ids.amount_total, 2.33)
        self.assertWhole()

    def test_taxes_are_those_that_he_states(self):
        tax = self.company_data["default_tax_purchase"]
        product = self.env["product.product"].create(
            {"name": "Minutes", "type": "service", "supplier_taxes_id": tax.ids}
        )
        self._agree(product_id=product.id)
        owed = tax.amount
        lines = [
            {"prefix": "44", "amount": "100"},
            {"kind": "tax", "amount": str(owed)},
        ]
        for number, wanted in (("T-1", owed), ("T-2", owed + 1)):
            lines[1]["amount"] = str(wanted)
            invoice = self._load_invoice(lines, number=number)
            invoice.sudo().state = "reconciled"
            invoice.action_accept_rest()
            if wanted != owed:
                with self.assertRefused(UserError, "states 16.00 of taxes"):
                    invoice.action_decide()
                continue
            invoice.action_decide()
            self.assertEqual(invoice.move_ids.amount_total, 100 + owed)
        plain = self._load_invoice(lines[:1], number="T-3")
        plain.sudo().state = "reconciled"
        plain.action_accept_rest()
        plain.action_decide()
        self.assertEqual(plain.move_ids.amount_total, 100)

    def test_a_bill_in_the_books_is_audited_and_claimed_by_a_debit_note(self):
        bill = self.env["account.move"].create(
            {
                "move_type": "in_invoice",
                "partner_id": self.supplier.id,
                "invoice_date": "2026-03-31",
                "ref": "TYPED-1",
                "invoice_line_ids": [
                    Command.create(
                        {"name": name, "price_unit": price, "tax_ids": False}
                    )
                    for name, price in (("Germany", 60.0), ("France", 40.0))
                ],
            }
        )
        bill.action_post()
        action = bill.action_voip_audit()
        self.assertEqual(bill.action_voip_audit()["res_id"], action["res_id"])
        invoice = self.env["voip.supplier.invoice"].browse(action["res_id"])
        self.assertEqual((invoice.number, invoice.total), ("TYPED-1", 100.0))
        invoice.sudo().state = "reconciled"
        first, second = invoice.line_ids
        first.action_accept()
        second.action_dispute()
        second.reason = "Never called."
        invoice.action_decide()
        note = invoice.move_ids - bill
        self.assertEqual((note.move_type, note.amount_total), ("in_refund", 40.0))
        self.assertFalse(bill.voip_payment_hold)
        self.assertWhole()

    def test_auditors_choose_and_billing_users_decide(self):
        invoice = self._reconciled()
        auditor = new_test_user(
            self.env,
            login="audit_only",
            groups="voip_billing_base.group_voip_auditor",
            company_id=self.env.company.id,
        )
        invoice.line_ids.with_user(auditor).action_accept()
        with self.assertRefused(AccessError, "not allowed"):
            invoice.with_user(auditor).action_decide()

    def test_nobody_writes_by_hand_what_the_program_keeps(self):
        invoice = self._reconciled()
        manager = new_test_user(
            self.env,
            login="by_hand",
            groups="voip_billing_base.group_voip_manager",
            company_id=self.env.company.id,
        )
        for values in ({"state": "accepted"}, {"record_count": 5}):
            with self.assertRefused(AccessError, "kept by the program"):
                invoice.with_user(manager).write(values)
        line = invoice.line_ids[0].with_user(manager)
        for values in ({"decision": "accepted"}, {"ours_amount": 5}):
            with self.assertRefused(AccessError, "kept by the program"):
                line.write(values)
        bill = self.env["account.move"].with_user(manager)
        with self.assertRefused(UserError, "kept by the program"):
            bill.create({"move_type": "in_invoice", "voip_payment_hold": True})
