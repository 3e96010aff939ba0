"""What somebody does who only keeps the books: no right of this product is asked."""

from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .books_common import DAY, BooksCommon


@tagged("post_install", "-at_install")
class TestBooksPlain(BooksCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first = cls._account(cls)
        cls.theirs = cls._account(cls, partner=cls.other)
        cls.nobody = cls.env["res.partner"].create({"name": "Nobody's"})
        cls.plain = new_test_user(
            cls.env,
            login="plain_books",
            groups="account.group_account_invoice",
            company_id=cls.env.company.id,
        )
        # Tracking is written when the cursor is flushed, as at the end of a request.
        company = cls.env.company.ids
        cls.env = cls.env(context={"allowed_company_ids": company})

    def _own(self, record):
        self.cr.flush()
        self.env.invalidate_all()
        return record.with_user(self.plain)

    def _draft(self, record):
        own = self._own(record)
        if own._name == "account.move":
            own.button_draft()
        else:
            own.action_draft()
        return own

    def _post(self, own):
        own.action_post()
        # Says what changed, as the end of the request does.
        own.env.flush_all()
        self.cr.flush()
        self.env.invalidate_all()

    def _documents(self):
        return {
            "invoice": self._invoice(100),
            "credit note": self._invoice(-10),
            "payment": self._loose(30),
        }

    # === Posted again === #

    def test_what_is_posted_again_for_another_customer_names_his_account(self):
        for name, document in self._documents().items():
            with self.subTest(name):
                own = self._draft(document)
                own.partner_id = self.other
                self._post(own)
                self.assertEqual(document.voip_account_id, self.theirs)
                said = document.message_ids.tracking_value_ids
                said = said.filtered(lambda x: x.field_id.name == "voip_account_id")
                self.assertIn(self.theirs.display_name, said.mapped("new_value_char"))
        self.assertWallets((self.first, 0), (self.theirs, -60))

    def test_what_is_posted_again_follows_another_main_account(self):
        documents = self._documents()
        self.cr.flush()
        second = self._account()
        second.is_main = True
        for name, document in documents.items():
            with self.subTest(name):
                self._post(self._draft(document))
                self.assertEqual(document.voip_account_id, second)
        self.assertWallets((self.first, 0), (second, -60))

    def test_what_is_moved_to_a_customer_without_account_names_none(self):
        documents = self._documents()
        named = {
            "named invoice": self._invoice(100, account=self.first),
            "named payment": self._loose(30, account=self.first),
        }
        for name, document in (documents | named).items():
            with self.subTest(name):
                own = self._draft(document)
                own.partner_id = self.nobody
                self._post(own)
                self.assertFalse(document.voip_account_id)
                self.assertFalse(self._open_lines(document).voip_account_id)
        self.assertWallets((self.first, 0), (self.theirs, 0))

    # === Register Payment === #

    def test_register_payment_moves_the_wallet_of_what_it_pays_at_once(self):
        second = self._account()
        invoices = self._invoice(40, account=second) | self._invoice(50, account=second)
        self._pay(self._own(invoices[0]))
        self._pay(self._own(invoices[1]), group_payment=False, amount=20)
        self.env.invalidate_all()
        self.assertEqual(
            self._kinds(second),
            [("invoice", -40), ("invoice", -50), ("payment", 40), ("payment", 20)],
        )
        self.assertFalse(self._kinds(self.first))
        self.assertWallets((self.first, 0), (second, -30))

    def test_register_payment_of_several_invoices_apart_names_each_account(self):
        second = self._account()
        invoices = self._invoice(40, account=second)
        invoices |= self._invoice(50, account=self.first)
        payments = self._pay(self._own(invoices), group_payment=False).sudo()
        self.assertEqual(payments.voip_account_id, self.first | second)
        self.env.invalidate_all()
        for account, amount in ((second, 40), (self.first, 50)):
            moved = [("invoice", -amount), ("payment", amount)]
            self.assertEqual(self._kinds(account), moved)
        self.assertWallets((self.first, 0), (second, 0))

    def test_who_may_not_see_accounts_chooses_none(self):
        second = self._account()
        invoice = self._invoice(40, account=self.first)
        wizard = self.env["account.payment.register"].with_user(self.plain)
        wizard = wizard.with_context(
            active_model="account.move", active_ids=invoice.ids
        )
        with self.assertRaises(AccessError):
            wizard.create({"voip_account_id": second.id})
        made = wizard.create({"payment_date": DAY})
        with self.assertRaises(AccessError):
            made.voip_account_id = second.id
        with self.assertRaises(AccessError):
            self._own(invoice).copy({"voip_account_id": second.id})

    # === Copies === #

    def test_copies_find_their_account_afresh(self):
        documents = {
            **self._documents(),
            "named invoice": self._invoice(5, account=self.first),
            "named payment": self._loose(5, account=self.first),
            "payment of an invoice": self._pay(self._invoice(7)),
            "draft": self._invoice(5, account=self.first, post=False),
        }
        usage = self._invoice(9, account=self.first, post=False)
        usage.sudo().write(
            {
                "voip_payer_id": self.first.id,
                "voip_period_start": date(2026, 2, 1),
                "voip_period_end": date(2026, 2, 28),
            }
        )
        usage.action_post()
        for name, document in {**documents, "usage invoice": usage}.items():
            with self.subTest(name):
                copy = self._own(document).copy()
                self.assertFalse(copy.voip_account_id)
                if copy._name == "account.move":
                    copy.invoice_date = DAY
                self._post(copy)
                self.assertEqual(copy.sudo().voip_account_id, self.first)
        self.assertWhole()

    def test_who_sees_accounts_copies_what_was_chosen(self):
        second = self._account()
        for document in (
            self._invoice(5, account=second),
            self._loose(5, account=second),
        ):
            self.assertEqual(document.copy().voip_account_id, second)
        self.first.is_main = True
        found = self._loose(5)
        self.assertEqual(found.voip_account_id, self.first)
        self.assertFalse(found.copy().voip_account_id)

    # === A payment without an entry === #

    def test_a_payment_whose_customer_changes_moves_his_wallet(self):
        methods = self.bank.inbound_payment_method_line_ids
        methods.payment_account_id = False
        for user in (self.plain, self.env.user):
            for reset in (False, True):
                with self.subTest(user=user.login, reset=reset):
                    self.theirs.invalidate_recordset()
                    payment = self.env["account.payment"].create(
                        {
                            "payment_type": "inbound",
                            "partner_type": "customer",
                            "partner_id": self.nobody.id,
                            "amount": 10,
                            "journal_id": self.bank.id,
                            "date": DAY,
                        }
                    )
                    own = self._own(payment).with_user(user)
                    if reset:
                        own.action_post()
                        own.action_draft()
                    before = self.theirs.wallet_id.ledger_balance
                    own.write({"partner_id": self.other.id})
                    own.payment_method_line_id = methods[:1]
                    self.env.add_to_compute(
                        payment._fields["outstanding_account_id"], payment
                    )
                    self._post(own)
                    self.assertTrue(payment.move_id)
                    after = self.theirs.wallet_id.ledger_balance
                    self.assertEqual(after - before, 10)
        self.assertWhole()

    def test_a_payment_that_no_account_can_hold_is_refused(self):
        payment = self._loose(5, partner=self.nobody)
        payment.action_draft()
        methods = self.bank.inbound_payment_method_line_ids
        methods.payment_account_id = False
        draft = payment.copy({"partner_id": self.other.id})
        draft.outstanding_account_id = False
        self.env.company.transfer_account_id = False
        self.env["ir.model.data"].search(
            [("name", "like", "account_journal_payment_debit_account_id")]
        ).unlink()
        with self.assertRaises(UserError):
            draft.action_post()

    # === Rounded for cash === #

    def _rounding(self, strategy):
        return self.env["account.cash.rounding"].create(
            {
                "name": "To five cents",
                "rounding": 0.05,
                "strategy": strategy,
                "profit_account_id": self._account_of("default_account_revenue"),
                "loss_account_id": self._account_of("default_account_expense"),
            }
        )

    def test_an_invoice_is_rounded_for_cash(self):
        tax = self.company_data["default_tax_sale"]
        for strategy in ("add_invoice_line", "biggest_tax"):
            with self.subTest(strategy):
                rounding = self._rounding(strategy)
                draft = self._invoice(10.01, post=False)
                draft.invoice_line_ids.tax_ids = tax
                own = self._own(draft)
                own.invoice_cash_rounding_id = rounding
                self.assertEqual(own.amount_total, 11.50)  # 11.51 with 15 percent
                own.invoice_line_ids.price_unit = 10.06  # 11.57
                self.assertEqual(own.amount_total, 11.55)
                self._post(own)

    def test_the_currency_of_the_books_is_not_written_on_a_line(self):
        line = self._own(self._invoice(10, post=False)).line_ids[0]
        for write in (
            lambda: line.write({"company_currency_id": self.eur.id}),
            lambda: line.create(
                {"move_id": line.move_id.id, "company_currency_id": self.eur.id}
            ),
        ):
            with self.assertRefused(AccessError, "figures of a line"):
                write()
