"""The payment calendar: what is due, when, and what of it is held."""

from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common import SupplierCommon

LINES = [{"prefix": "447", "amount": "100.00"}, {"prefix": "49", "amount": "50.00"}]


@tagged("post_install", "-at_install")
@freeze_time("2026-04-10 12:00:00")
class TestDue(SupplierCommon):
    def _terms(self, *lines):
        return self.env["account.payment.term"].create(
            {"name": "Terms", "line_ids": [Command.create(line) for line in lines]}
        )

    def _net(self, days):
        return self._terms({"value": "percent", "value_amount": 100, "nb_days": days})

    def _due(self):
        self.env.invalidate_all()
        self.env.flush_all()
        found = self.env["voip.supplier.due"].search(
            [("partner_id", "=", self.supplier.id)]
        )
        return [
            (due.date_due, due.state, due.amount, due.held, due.payable)
            for due in found
        ]

    def _decided_so_far(self, **values):
        """An invoice of 150, of which 12.50 of the second line are disputed."""
        invoice = self._load_invoice(LINES, **values)
        first, second = invoice.line_ids
        second.sudo().ours_amount = 37.5
        invoice.sudo().state = "reconciled"
        first.action_accept()
        second.action_dispute()
        second.reason = "Not as agreed."
        return invoice

    def test_an_invoice_is_due_by_the_terms_of_its_agreement(self):
        """Weekly with 7 days, quarterly with 45: from the date of the invoice."""
        for days, due in ((7, date(2026, 4, 9)), (45, date(2026, 5, 17))):
            with self.subTest(days=days):
                agreed = self._agree(payment_term_id=self._net(days).id)
                invoice = self._load_invoice(LINES, number=f"NET-{days}")
                self.assertEqual(
                    self._due(), [(due, "expected", 150.0, 0.0, 150.0)]
                )
                invoice.unlink()
                agreed.active = False

    def test_what_is_disputed_is_held_before_and_after_the_decision(self):
        """The same days and money: the bills are what was expected."""
        self._agree(payment_term_id=self._net(7).id)
        invoice = self._decided_so_far()
        day = date(2026, 4, 9)
        self.assertEqual(
            self._due(),
            [
                (day, "expected", 137.5, 0.0, 137.5),
                (day, "expected", 12.5, 12.5, 0.0),
            ],
        )
        invoice.action_decide()
        self.assertEqual(
            self._due(),
            [(day, "payable", 137.5, 0.0, 137.5), (day, "held", 12.5, 12.5, 0.0)],
        )
        invoice.claim_ids.reason = "Our error."
        invoice.claim_ids.action_concede()
        self.assertEqual(
            self._due(),
            [(day, "payable", 137.5, 0.0, 137.5), (day, "payable", 12.5, 0.0, 12.5)],
        )

    def test_what_is_claimed_by_a_debit_note_is_not_to_be_paid(self):
        self._agree(payment_term_id=self._net(45).id, claim_by="debit_note")
        self._decided_so_far().action_decide()
        self.assertEqual(
            self._due(), [(date(2026, 5, 17), "payable", 137.5, 0.0, 137.5)]
        )

    def test_what_is_rejected_is_not_due(self):
        self._agree(payment_term_id=self._net(7).id)
        invoice = self._load_invoice(LINES)
        invoice.sudo().state = "reconciled"
        invoice.line_ids[1].action_reject()
        self.assertEqual(
            self._due(), [(date(2026, 4, 9), "expected", 100.0, 0.0, 100.0)]
        )

    def test_instalments_are_those_of_the_bill(self):
        """A third now and the rest at the end of the month, to the last cent."""
        terms = self._terms(
            {"value": "percent", "value_amount": 33.33, "nb_days": 0},
            {
                "value": "percent",
                "value_amount": 66.67,
                "delay_type": "days_after_end_of_month",
                "nb_days": 10,
            },
        )
        self._agree(payment_term_id=terms.id)
        invoice = self._decided_so_far()
        expected = self._due()
        self.assertEqual(round(sum(row[2] for row in expected), 8), 150.0)
        invoice.action_decide()
        decided = self._due()
        self.assertEqual(
            sorted((row[0], *row[2:]) for row in expected),
            sorted((row[0], *row[2:]) for row in decided),
        )
        days = {row[0] for row in decided}
        self.assertEqual(days, {date(2026, 4, 2), date(2026, 5, 10)})

    def test_changed_terms_move_what_is_expected_at_once(self):
        terms = self._net(7)
        self._agree(payment_term_id=terms.id)
        self._load_invoice(LINES)
        terms.line_ids.nb_days = 30
        self.assertEqual(self._due()[0][0], date(2026, 5, 2))

    def test_without_terms_it_is_due_as_its_bill_will_be(self):
        self._agree()
        invoice = self._load_invoice(LINES)
        expected = self._due()
        invoice.sudo().state = "reconciled"
        invoice.action_accept_rest()
        invoice.action_decide()
        self.assertEqual(self._due()[0][0], expected[0][0])

    def test_his_credit_note_is_to_our_credit_until_it_is_set_off(self):
        self._agree(payment_term_id=self._net(7).id)
        self._credit_note(20.0)
        self.assertEqual([row[1:] for row in self._due()], [("credit", -20, 0, -20)])

    def test_a_posted_bill_under_audit_counts_once(self):
        self._agree(payment_term_id=self._net(7).id)
        bill = self.env["account.move"].create(
            {
                "move_type": "in_invoice",
                "partner_id": self.supplier.id,
                "invoice_date": "2026-04-01",
                "ref": "TYPED",
                "invoice_line_ids": [
                    Command.create({"name": "x", "price_unit": 100, "tax_ids": False})
                ],
            }
        )
        bill.action_voip_audit()
        self.assertEqual([row[1:3] for row in self._due()], [("expected", 100.0)])
        bill.action_post()
        self.assertEqual([row[1:3] for row in self._due()], [("payable", 100.0)])

    def test_a_paid_bill_is_gone(self):
        self._agree(payment_term_id=self._net(7).id)
        invoice = self._load_invoice(LINES)
        invoice.sudo().state = "reconciled"
        invoice.action_accept_rest()
        invoice.action_decide()
        self.assertEqual(len(self._due()), 1)
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.move_ids.ids
        ).create({})._create_payments()
        self.assertEqual(self._due(), [])

    def test_days_sum_by_group_and_the_document_opens(self):
        self._agree(payment_term_id=self._net(7).id)
        invoice = self._decided_so_far()
        self.env.flush_all()
        model = self.env["voip.supplier.due"]
        sums = model._read_group(
            [("partner_id", "=", self.supplier.id)],
            ["date_due:week"],
            ["amount:sum", "held:sum", "payable:sum"],
        )
        self.assertEqual([row[1:] for row in sums], [(150.0, 12.5, 137.5)])
        due = model.search([("held", ">", 0), ("partner_id", "=", self.supplier.id)])
        self.assertIn("held", due.display_name)
        opened = due.action_view_document()
        self.assertEqual(
            (opened["res_model"], opened["res_id"]), (invoice._name, invoice.id)
        )
        invoice.action_decide()
        self.env.invalidate_all()
        due = model.search([("state", "=", "held"), ("invoice_id", "=", invoice.id)])
        self.assertEqual(due.action_view_document()["res_id"], due.move_id.id)

    def test_it_opens_where_the_next_money_is_due(self):
        self._agree(payment_term_id=self._net(45).id)
        self._load_invoice(LINES)
        action = self.env["voip.supplier.due"]._calendar_action()
        first = self.env["voip.supplier.due"].search(
            [("date_due", ">=", "2026-04-10")], limit=1
        )
        self.assertEqual(
            action["context"]["initial_date"], f"{first.date_due} 12:00:00"
        )

    def test_only_the_own_company_is_shown_and_only_to_readers(self):
        self._agree(payment_term_id=self._net(7).id)
        self._load_invoice(LINES)
        other = self.setup_other_company(name="Elsewhere")["company"]
        for login, groups, company, seen in (
            ("due_here", "voip_billing_base.group_voip_viewer", self.env.company, 1),
            ("due_there", "voip_billing_base.group_voip_manager", other, 0),
        ):
            person = new_test_user(
                self.env,
                login=login,
                groups=groups,
                company_id=company.id,
                company_ids=[Command.set(company.ids)],
            )
            mine = self.env["voip.supplier.due"].with_user(person).with_company(company)
            found = mine.search([("partner_id", "=", self.supplier.id)])
            self.assertEqual(len(found), seen, login)
            found.read(["display_name", "amount", "state"])
        nobody = new_test_user(self.env, login="due_none", groups="base.group_user")
        with self.assertRaises(AccessError):
            self.env["voip.supplier.due"].with_user(nobody).search([])
