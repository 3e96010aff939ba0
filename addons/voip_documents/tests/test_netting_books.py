"""What a posted netting does to the books and the wallets, and its cancellation."""

from datetime import date

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .netting_common import NettingCommon


@tagged("post_install", "-at_install")
class TestNettingBooks(NettingCommon):
    def _entry_lines(self, netting):
        """(account type, currency, amount, balance) of each line of its entries."""
        return [
            (
                line.account_type,
                line.currency_id.name,
                round(line.amount_currency, 2),
                round(line.balance, 2),
            )
            for line in netting.move_ids.line_ids.sorted("id")
        ]

    def _exchange(self, *moves):
        """Balance of the exchange differences on receivable and payable of items."""
        items = self.env["account.move.line"].union(*map(self._item, moves))
        partials = items.matched_debit_ids | items.matched_credit_ids
        lines = partials.exchange_move_id.line_ids
        return round(
            sum(
                line.balance
                for line in lines
                if line.account_type not in ("asset_receivable", "liability_payable")
            ),
            2,
        )

    def test_a_netting_settles_both_sides_and_moves_the_wallet(self):
        account = self._account()
        invoice, bill = self._invoice(100), self._bill(60)
        self.assertWallets((account, -100))
        netting = self._netting()
        self.assertWallets((account, -100))
        self._post(netting)
        self.assertEqual(netting.state, "posted")
        self.assertEqual(self._residuals(invoice, bill), [40, 0])
        self.assertEqual(
            self._entry_lines(netting),
            [
                ("asset_receivable", self.own.name, -60, -60),
                ("liability_payable", self.own.name, 60, 60),
            ],
        )
        self.assertWallets((account, -40))
        # Entries in the company's currency; lists of invoices add up currencies.
        shown = netting.action_view_moves()["views"][0]
        self.assertEqual(shown, (self.env.ref("account.view_move_tree").id, "list"))
        self.assertEqual(self._kinds(account)[-1], ("netting", 60))
        self.assertStatements()

    def test_a_netting_that_is_cancelled_opens_its_items_again(self):
        account = self._account()
        foreign = self._account(self.eur)
        invoice, bill = self._invoice(100), self._bill(60)
        eur = self._invoice(80, currency=self.eur)
        self._day = date(2026, 4, 10)
        eur_bill = self._bill(80, currency=self.eur)
        netting = self._post(self._netting())
        self.assertEqual(self._residuals(invoice, bill, eur, eur_bill), [40, 0, 0, 0])
        self.assertWallets((account, -40), (foreign, 0))
        with self.assertRaises(UserError):
            netting.action_cancel()
        netting.with_user(self.approver).action_cancel()
        self.assertEqual(netting.state, "cancelled")
        self.assertEqual(
            self._residuals(invoice, bill, eur, eur_bill), [100, -60, 80, -80]
        )
        entries = netting.move_ids
        self.assertTrue(all(entries.line_ids.mapped("reconciled")))
        self.assertFalse(self.own.round(sum(entries.line_ids.mapped("balance"))))
        self.assertWallets((account, -100), (foreign, -80))
        self.assertStatements()
        again = self._post(self._netting())
        self.assertWallets((account, -40), (foreign, 0))
        self.assertEqual(again.state, "posted")

    def test_exchange_differences_are_odoos(self):
        """Booked at 0.80, netted at 0.50: 100 EUR were 125.00, then 200.00."""
        early, late = date(2026, 3, 10), date(2026, 4, 10)
        for name, invoiced, billed, wanted in (
            ("gain on what they owe", early, late, -75),
            ("loss on what we owe", late, early, 75),
            ("both", early, early, 0),
            ("none", late, late, 0),
        ):
            with self.subTest(name), self.env.cr.savepoint() as savepoint:
                account = self._account(self.eur)
                self._day = invoiced
                invoice = self._invoice(100, currency=self.eur)
                self._day = billed
                bill = self._bill(100, currency=self.eur)
                self._day = late
                netting = self._post(self._netting())
                self.assertEqual(
                    self._entry_lines(netting),
                    [
                        ("asset_receivable", self.eur.name, -100, -200),
                        ("liability_payable", self.eur.name, 100, 200),
                    ],
                )
                self.assertEqual(self._residuals(invoice, bill), [0, 0])
                for move in (invoice, bill):
                    self.assertTrue(self._item(move).reconciled)
                    self.assertFalse(self._item(move).amount_residual)
                self.assertEqual(self._exchange(invoice, bill), wanted)
                self.assertWallets((account, 0))
                self.assertStatements()
                savepoint.rollback()
                self.env.invalidate_all()

    def test_part_paid_items_in_two_currencies(self):
        account, foreign = self._account(), self._account(self.eur)
        one, two = self._invoice(100.01), self._invoice(50)
        bill = self._bill(120)
        eur, eur_bill = self._invoice(33.33, self.eur), self._bill(99.99, self.eur)
        self._pay(one, amount=40)
        self._pay(bill, amount=20)
        self._pay(eur_bill, amount=77.77)
        netting = self._netting()
        self._line(netting, bill).amount = 70
        self._post(netting)
        # 60.01 + 50 against 70 of 100; 33.33 against 22.22.
        self.assertEqual(
            self._residuals(one, two, bill, eur, eur_bill), [0, 40.01, -30, 11.11, 0]
        )
        self.assertEqual(len(netting.move_ids), 2)
        self.assertWallets((account, -40.01), (foreign, -11.11))
        self.assertStatements()

    def test_what_remains_is_netted_at_the_agreed_rate(self):
        """100 EUR (200.00 at the day's rate) against own currency at 1.90."""
        foreign = self._account(self.eur)
        self._day = date(2026, 4, 10)
        invoice, bill = self._invoice(100, self.eur), self._bill(250)
        netting = self._netting()
        self.assertIn("Nothing is netted", netting.warning)
        self._rate(netting, self.eur, "1.90", self.own)
        self._post(netting)
        self.assertEqual(self._residuals(invoice, bill), [0, -60])
        self.assertEqual(
            self._entry_lines(netting),
            [
                ("asset_receivable", self.eur.name, -100, -190),
                ("liability_payable", self.own.name, 190, 190),
            ],
        )
        # Their 200.00 are settled with 190.00.
        self.assertEqual(self._exchange(invoice), 10)
        self.assertWallets((foreign, 0))
        self.assertStatements()

    def test_one_item_is_netted_at_the_days_rate_and_at_the_agreed_one(self):
        """Computed by hand. They owe 100 EUR of March (0.80: 125.00), we owe 60 EUR of
        April (0.50: 120.00) and 90.00 in own currency.

        60 EUR against 60 EUR count 120.00; the 40 EUR that remain count 60.00 at the
        agreed 1.50. So 125.00 are settled with 180.00: 55.00 are gained.
        """
        foreign = self._account(self.eur)
        self._day = date(2026, 3, 10)
        invoice = self._invoice(100, self.eur)
        self._day = date(2026, 4, 10)
        eur_bill, bill = self._bill(60, self.eur), self._bill(90)
        self.assertEqual(self._item(invoice).balance, 125)
        self.assertEqual(self._item(eur_bill).balance, -120)
        netting = self._netting()
        self._rate(netting, self.eur, "1.50", self.own)
        self._post(netting)
        self.assertEqual(
            self._entry_lines(netting),
            [
                ("asset_receivable", self.eur.name, -60, -120),
                ("liability_payable", self.eur.name, 60, 120),
                ("asset_receivable", self.eur.name, -40, -60),
                ("liability_payable", self.own.name, 60, 60),
            ],
        )
        self.assertEqual(self._residuals(invoice, eur_bill, bill), [0, 0, -30])
        self.assertFalse(self._item(invoice).amount_residual)
        self.assertEqual(self._exchange(invoice), -55)
        self.assertEqual(self._exchange(eur_bill), 0)
        self.assertWallets((foreign, 0))
        self.assertStatements()
        netting.with_user(self.approver).action_cancel()
        self.assertEqual(self._residuals(invoice, eur_bill, bill), [100, -60, -90])
        self.assertWallets((foreign, -100))

    def test_two_foreign_currencies_at_the_agreed_rate(self):
        """60 EUR (75.00) against 40 GBP (100.00), 1 GBP = 1.50 EUR."""
        foreign = self._account(self.eur)
        invoice, bill = self._invoice(60, self.eur), self._bill(40, self.gbp)
        netting = self._netting()
        self._rate(netting, self.gbp, "1.5", self.eur)
        self._post(netting)
        self.assertEqual(self._residuals(invoice, bill), [0, 0])
        self.assertEqual(
            self._entry_lines(netting),
            [
                ("asset_receivable", self.eur.name, -60, -75),
                ("liability_payable", self.gbp.name, 40, 75),
            ],
        )
        self.assertEqual(self._exchange(invoice, bill), -25)
        self.assertWallets((foreign, 0))
        netting.with_user(self.approver).action_cancel()
        self.assertEqual(self._residuals(invoice, bill), [60, -40])
        self.assertWallets((foreign, -60))

    def test_each_item_moves_the_wallet_that_it_is_in(self):
        one, two = self._account(), self._account()
        first = self._invoice(100, account=one)
        second = self._invoice(70, account=two)
        self._bill(130)
        netting = self._post(self._netting())
        self.assertWallets((one, 0), (two, -40))
        self.assertEqual(self._kinds(two)[-1], ("netting", 30))
        netting.with_user(self.approver).action_cancel()
        self.assertWallets((one, -100), (two, -70))
        self.assertEqual(self._residuals(first, second), [100, 70])
        self.assertStatements()

    def test_a_prepaid_wallet_keeps_its_credit(self):
        account = self._account(mode="prepaid")
        self._topup(account, 500)
        invoice, bill = self._invoice(100), self._bill(60)
        self.assertWallets((account, 400))
        netting = self._post(self._netting())
        self.assertEqual(self._residuals(invoice, bill), [40, 0])
        self.assertWallets((account, 460))
        self.assertEqual(netting.line_ids.filtered("withheld").withheld, "advance")
        netting.with_user(self.approver).action_cancel()
        self.assertWallets((account, 400))
        self.assertStatements()

    def test_a_credit_note_and_a_vendor_refund_are_set_off_too(self):
        account = self._account()
        credit, refund = self._invoice(-30), self._bill(-45)
        netting = self._post(self._netting())
        self.assertEqual(self._residuals(credit, refund), [0, 15])
        self.assertWallets((account, 0))
        (one,) = self._of_customer(self.customer)
        self.assertEqual([line.kind for line in one.lines], ["credit_note", "netting"])
        self.assertEqual([line.amount for line in one.lines], [-30, 30])
        self.assertTrue(netting.move_ids)

    def test_the_statement_shows_nettings_by_name(self):
        self._account()
        self._invoice(100)
        self._bill(60)
        netting = self._post(self._netting())
        line = self._of_customer(self.customer)[0].lines[-1]
        self.assertEqual((line.kind, line.amount), ("netting", -60))
        self.assertIn(netting.name, line.description)

    def test_the_journal_is_chosen_in_the_settings(self):
        journal = self.env["account.journal"].create(
            {"name": "Netting", "type": "general", "code": "NETT"}
        )
        self._account()
        self._invoice(100)
        self._bill(60)
        netting = self._agree(self._netting())
        self.company.voip_netting_journal_id = journal
        netting.with_user(self.approver).action_approve()
        self.assertEqual(netting.move_ids.journal_id, journal)

    def test_an_installment_is_an_item_of_its_own(self):
        term = self.env["account.payment.term"].create(
            {
                "name": "Half now, half later",
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": 50, "nb_days": 0}
                    ),
                    Command.create(
                        {"value": "percent", "value_amount": 50, "nb_days": 60}
                    ),
                ],
            }
        )
        account = self._account()
        invoice = self._invoice(100, invoice_payment_term_id=term.id)
        bill = self._bill(80, invoice_date_due=self._day)
        netting = self._netting(due_until=date(2026, 4, 1))
        self.assertEqual(
            sorted(netting.line_ids.mapped(lambda x: (x.residual, x.withheld or ""))),
            [(50, ""), (50, "not_due"), (80, "")],
        )
        self._post(netting)
        self.assertEqual(self._residuals(invoice, bill), [50, -30])
        self.assertWallets((account, -50))

    def test_companies_are_kept_apart(self):
        account = self._account()
        invoice, bill = self._invoice(100), self._bill(60)
        there = self._elsewhere("in_invoice", 500)
        netting = self._post(self._netting())
        self.assertEqual(self._residuals(invoice, bill, there), [40, 0, -500])
        self.assertEqual(netting.move_ids.company_id, self.company)
        self.assertWallets((account, -40))

    def test_many_small_items_lose_no_cent(self):
        """Balances of 30 items at a rate that never comes out even add up."""
        foreign = self._account(self.eur)
        self.eur.rate_ids.filtered(lambda r: r.name > date(2026, 3, 1)).rate = 0.7
        lines = [
            Command.create(
                {"name": "x", "price_unit": 0.37, "tax_ids": [], "quantity": 1}
            )
        ]
        values = {
            "move_type": "out_invoice",
            "partner_id": self.customer.id,
            "currency_id": self.eur.id,
            "invoice_date": self._day,
            "invoice_line_ids": lines,
        }
        invoices = self.env["account.move"].create([dict(values) for _n in range(30)])
        invoices.action_post()
        self._day = date(2026, 4, 10)
        bill = self._bill(11, self.eur)
        netting = self._post(self._netting())
        balances = netting.move_ids.line_ids.mapped("balance")
        self.assertFalse(self.own.round(sum(balances)))
        self.assertEqual(self._residuals(bill), [0])
        self.assertAlmostEqual(
            sum(self._item(invoices).mapped("amount_residual_currency")), 0.10
        )
        self.assertWallets((foreign, -0.10))
