"""A statement tells what happened, day by day, as the books keep it."""

from datetime import date, timedelta
from decimal import Decimal

from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from .statement_common import BEGINNING, FOR_EVER, StatementCommon

MARCH = (date(2026, 3, 1), date(2026, 3, 31))


@tagged("post_install", "-at_install")
class TestStatement(StatementCommon):
    def _days(self, statement):
        return [
            (line.date.day, line.kind, str(line.amount), str(balance))
            for line, _debit, _credit, balance in statement.rows()
        ]

    def _on(self, day, make, *args, **values):
        self._day = date(2026, 3, day)
        return make(*args, **values)

    def test_a_month_of_one_currency(self):
        account = self._account()
        self._day = date(2026, 2, 20)
        early = self._invoice(70)
        invoice = self._on(5, self._invoice, 100)
        self._on(9, self._pay, early | invoice, amount=120)
        self._on(12, self._invoice, -30)
        self._on(20, self._loose, -10)
        (one,) = self._of_customer(self.customer, *MARCH)
        self.assertEqual((one.opening, one.closing), (70, 30))
        self.assertEqual(
            self._days(one),
            [
                (5, "invoice", "100.00", "170.00"),
                (9, "payment", "-120.00", "50.00"),
                (12, "credit_note", "-30.00", "20.00"),
                (20, "refund", "10.00", "30.00"),
            ],
        )
        self.assertEqual(account._statement(*MARCH), [one])

    def test_each_day_begins_as_the_one_before_it_ended(self):
        self._account()
        self._account(self.eur)
        invoice = self._on(2, self._invoice, 100)
        foreign = self._on(4, self._invoice, 50, currency=self.eur)
        self._on(7, self._pay, foreign)
        loose = self._on(9, self._loose, 80, currency=self.eur)
        self._reconcile(invoice, loose)
        closing = {}
        for number in range(1, 32):
            day = date(2026, 3, number)
            found = self._of_customer(self.customer, day, day)
            opening = {one.currency: one.opening for one in found if one.opening}
            self.assertEqual(opening, closing)
            closing = self._closing(found)
        self.assertStatements()

    def test_a_payment_in_another_currency_is_a_transfer_on_either_side(self):
        self._account()
        invoice = self._invoice(100)
        payment = self._loose(40, currency=self.eur)
        self._reconcile(invoice, payment)
        own, eur = sorted(
            self._of_customer(self.customer),
            key=lambda one: one.currency != self.own.name,
        )
        self.assertEqual(own.lines[-1].kind, "transfer")
        self.assertIn(invoice.name, own.lines[-1].description)
        self.assertEqual((own.closing, eur.closing), (50, 0))

    def test_a_payment_of_another_account_is_a_transfer_between_them(self):
        one, two = self._account(), self._account()
        invoice = self._invoice(100, account=one)
        payment = self._loose(100, account=two)
        self._reconcile(invoice, payment)
        for account, amounts in ((one, (100, -100)), (two, (-100, 100))):
            (found,) = account._statement(BEGINNING, FOR_EVER)
            self.assertEqual(tuple(line.amount for line in found.lines), amounts)
            self.assertEqual(found.lines[-1].kind, "transfer")
        (both,) = self._of_customer(self.customer)
        self.assertEqual([line.kind for line in both.lines], ["invoice", "payment"])

    def test_what_a_payment_writes_off_is_not_paid(self):
        account = self._account(self.eur)
        invoice = self._on(2, self._invoice, 100, currency=self.eur)
        self._on(
            5,
            self._pay,
            invoice,
            amount=95.5,
            currency_id=self.eur.id,
            payment_difference_handling="reconcile",
            writeoff_account_id=self._account_of("default_account_expense"),
        )
        over = self._on(6, self._invoice, 10, currency=self.eur)
        self._on(
            7,
            self._pay,
            over,
            amount=12,
            currency_id=self.eur.id,
            payment_difference_handling="reconcile",
            writeoff_account_id=self._account_of("default_account_revenue"),
        )
        (one,) = self._of_customer(self.customer, *MARCH)
        self.assertEqual(
            self._days(one),
            [
                (2, "invoice", "100.00", "100.00"),
                (5, "payment", "-95.50", "4.50"),
                (5, "write_off", "-4.50", "0.00"),
                (6, "invoice", "10.00", "10.00"),
                (7, "payment", "-12.00", "-2.00"),
                (7, "write_off", "2.00", "0.00"),
            ],
        )
        self.assertEqual(account._statement(*MARCH), [one])

    def test_an_early_payment_discount_is_not_paid(self):
        account = self._account()
        term = self.env["account.payment.term"].create(
            {
                "name": "2/10 net 30",
                "early_discount": True,
                "discount_percentage": 2,
                "discount_days": 10,
            }
        )
        invoice = self._invoice(100, invoice_payment_term_id=term.id)
        self._pay(invoice)
        (one,) = account._statement(*MARCH)
        self.assertEqual(
            self._days(one),
            [
                (10, "invoice", "100.00", "100.00"),
                (10, "payment", "-98.00", "2.00"),
                (10, "discount", "-2.00", "0.00"),
            ],
        )

    def test_what_is_open_by_days_past_due(self):
        self._account()
        last = date(2026, 6, 30)
        for amount, late in ((1, -5), (2, 0), (4, 1), (8, 30), (16, 31), (32, 60),
                             (64, 61), (128, 90), (256, 91)):
            self._invoice(
                amount,
                invoice_payment_term_id=False,
                invoice_date_due=last - timedelta(days=late),
            )
        paid = self._invoice(500, invoice_date_due=date(2026, 5, 1))
        self._day = date(2026, 7, 1)
        self._pay(paid)
        (one,) = self._of_customer(self.customer, BEGINNING, last)
        ages = {"current": 3, "1-30": 12, "31-60": 548, "61-90": 192, "90+": 256}
        self.assertEqual(one.ageing, ages)
        (one,) = self._of_customer(self.customer)
        self.assertEqual((sum(one.ageing.values()), one.closing), (511, 511))

    def test_entries_are_named_by_their_other_side(self):
        account = self._account()
        receivable = self.receivable
        cases = (
            ("default_account_expense", "write_off"),
            ("default_account_payable", "netting"),
            ("default_account_revenue", "adjustment"),
        )
        for name, kind in cases:
            with self.subTest(kind):
                other = self.company_data[name]
                self._entry((receivable, -5, self.customer), (other, 5, self.customer))
                (one,) = account._statement(BEGINNING, FOR_EVER)
                self.assertEqual(one.lines[-1].kind, kind)

    def test_the_wallet_shows_usage_by_day_and_closes_with_its_balance(self):
        account = self._account(tz="Pacific/Auckland")
        self._topup(account, 50)
        moved = self.env["voip.wallet"]._move
        for amount in ("1.25", "2.5"):
            moved(
                [
                    {
                        "account_id": account.id,
                        "unbilled": Decimal(amount),
                        "kind": "usage",
                        "origin": "batch",
                    }
                ]
            )
        (one,) = account._statement(BEGINNING, FOR_EVER, wallet=True)
        self.assertEqual(
            [(line.kind, line.amount) for line in one.lines],
            [("topup", -50), ("usage", Decimal("3.75"))],
        )
        self.env.invalidate_all()
        self.assertEqual(float(-one.closing), account.wallet_id.balance)
        self.assertEqual(one.unbilled, Decimal("3.75"))
        told = one.as_dict()
        self.assertEqual([row["balance"] for row in told["lines"]], ["50.00", "46.25"])
        self.assertEqual((told["opening"], told["closing"]), ("0.00", "46.25"))

    def test_an_invoice_of_a_wallet_says_that_its_usage_was_charged(self):
        account = self._account()
        moved = self.env["voip.wallet"]._move
        move = {"account_id": account.id, "kind": "invoice", "origin": "INV/1"}
        for ledger, unbilled in (("-4", "-3.999655"), ("-15", "-4"), ("-6", "0")):
            values = {"ledger": Decimal(ledger), "unbilled": Decimal(unbilled)}
            moved([{**move, **values}])
        kind = self.env["voip.document.kind"]._of("statement")
        subject = kind._of_account(account, BEGINNING, FOR_EVER, "wallet")
        lines = kind._data(subject)["statements"][0]["lines"]
        self.assertEqual(
            [(line["description"], line["debit_text"].split()[-1]) for line in lines],
            [
                ("Rounding: its usage was charged day by day", "0.000345"),
                ("Beside its usage, which was charged day by day", "11.00"),
                ("", "6.00"),
            ],
        )
        screen = self.env["voip.statement.wizard"].create(
            {"account_id": account.id, "view": "wallet", "date_from": BEGINNING}
        )
        self.assertIn("Rounding: its usage", screen.content)
        self.assertIn("0.000345", screen.content)

    def test_what_is_not_invoiced_now_is_not_told_of_a_range_that_is_over(self):
        account = self._account()
        self._invoice(100)
        self.env["voip.wallet"]._move(
            [
                {
                    "account_id": account.id,
                    "unbilled": Decimal("3.75"),
                    "kind": "usage",
                    "origin": "batch",
                }
            ]
        )
        today = account._statement_today()
        yesterday = today - timedelta(days=1)
        for last, told in ((today, Decimal("3.75")), (yesterday, None)):
            for name, found in (
                ("ledger", account._statement(BEGINNING, last)),
                ("wallet", account._statement(BEGINNING, last, wallet=True)),
                (
                    "customer",
                    self.customer._voip_statement(self.env.company, BEGINNING, last),
                ),
            ):
                with self.subTest(name, last=last):
                    self.assertEqual([one.unbilled for one in found], [told])

    # === The door === #

    def test_the_answer_is_plain_data(self):
        account = self._account()
        self.customer.ref = "ACME"
        invoice = self._invoice(100, ref="PO 7", invoice_date_due=date(2026, 3, 10))
        march = {"date_from": "2026-03-01", "date_to": "2026-03-31"}
        ask = self.env["voip.account"].statement
        self.assertEqual(
            ask(account=account.code, **march),
            {
                "currencies": [
                    {
                        "currency": self.own.name,
                        "opening": "0.00",
                        "lines": [
                            {
                                "date": "2026-03-10",
                                "kind": "invoice",
                                "document": invoice.name,
                                "description": "PO 7",
                                "debit": "100.00",
                                "credit": "0.00",
                                "balance": "100.00",
                            }
                        ],
                        "closing": "100.00",
                        "ageing": {
                            "current": "0.00",
                            "1-30": "100.00",
                            "31-60": "0.00",
                            "61-90": "0.00",
                            "90+": "0.00",
                        },
                        "unbilled": None,
                    }
                ]
            },
        )
        of_account = ask(account=account.code, **march)
        self.assertEqual(ask(customer="ACME", **march), of_account)

    def test_what_is_wrong_is_named(self):
        account = self._account()
        cases = (
            ({}, "account, customer"),
            ({"account": "x", "customer": "y"}, "account, customer"),
            ({"account": "nobody"}, "account: nobody"),
            ({"account": 7}, "account: give a text"),
            ({"customer": "nobody"}, "customer: nobody"),
            ({"account": account.code, "date_from": "31.10.2026"}, "date_from"),
            ({"account": account.code, "date_from": {}}, "date_from"),
            ({"account": account.code, "date_to": []}, "date_to"),
            ({"account": account.code, "date_to": 5}, "date_to"),
            ({"account": account.code, "view": "all"}, "view"),
            (
                {
                    "account": account.code,
                    "date_from": "2026-03-02",
                    "date_to": "2026-03-01",
                },
                "before the first",
            ),
        )
        for arguments, text in cases:
            with self.subTest(arguments), self.assertRaisesRegex(UserError, text):
                self.env["voip.account"].statement(**arguments)

    def test_who_may_read_an_account_reads_its_statement(self):
        account = self._account()
        self.customer.ref = "ACME"
        self._invoice(100)
        company = self.env.company
        there = self.env["res.company"].create({"name": "There"})
        for group, home, allowed in (
            ("viewer", company, True),
            ("manager", there, False),
            ("switch", company, False),
        ):
            user = new_test_user(
                self.env,
                login=f"statement_{group}",
                groups=f"voip_billing_base.group_voip_{group}",
                company_id=home.id,
                company_ids=[(6, 0, home.ids)],
            )
            accounts = self.env["voip.account"].with_user(user).with_company(home)
            accounts = accounts.with_context(allowed_company_ids=home.ids)
            for arguments in ({"account": account.code}, {"customer": "ACME"}):
                with self.subTest(group=group, **arguments):
                    if allowed:
                        self.assertTrue(accounts.statement(**arguments)["currencies"])
                        continue
                    with self.assertRaises(UserError) as caught:
                        accounts.statement(**arguments)
                    self.assertNotIn("Acme", str(caught.exception))

    def test_a_customer_reads_his_own_statement_only(self):
        mine, other = self._account(), self._account(partner=self.other)
        user = new_test_user(self.env, login="own", groups="base.group_portal")
        user.partner_id.parent_id = self.customer
        accounts = self.env["voip.account"].with_user(user)
        self.assertEqual(accounts.statement(account=mine.code), {"currencies": []})
        with self.assertRaisesRegex(UserError, "is not known"):
            accounts.statement(account=other.code)

    def test_a_sub_account_has_the_statement_of_who_pays_it(self):
        parent = self._account()
        child = self._account(parent_id=parent.id, pay_by_parent=True)
        self._invoice(100, account=parent)
        self.assertEqual(child._statement(*MARCH), parent._statement(*MARCH))
