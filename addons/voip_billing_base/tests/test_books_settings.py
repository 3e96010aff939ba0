"""The cases of books, with every kind of company and journal."""

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .books_common import DAY, BooksCommon
from .test_books import BooksCases
from .turns import in_turn


class BooksInTurns(BooksCases):
    """Every other case, others in each run; as books come, all are tried."""

    def __init_subclass__(cls):
        result = super().__init_subclass__()
        cases = [name for name in dir(BooksCases) if name.startswith("test_")]
        for name in set(cases).difference(in_turn(cases, 2)):
            setattr(cls, name, None)
        return result


@tagged("post_install", "-at_install")
class TestBooksForeign(BooksInTurns, BooksCommon):
    """The company counts in yen: no decimals."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={})
        data = cls.setup_other_company(name="Yen", currency_id=cls.yen().id)
        cls._work_in(data)
        # Odoo forgets it when the partner of a payment changes.
        lines = cls.bank.inbound_payment_method_line_ids
        outstanding = cls.env["account.account"].search(
            [("account_type", "=", "asset_current"), ("reconcile", "=", True)], limit=1
        )
        lines.payment_account_id = outstanding

    @classmethod
    def yen(cls):
        currency = cls.env["res.currency"].with_context(active_test=False)
        currency = currency.search([("name", "=", "JPY")])
        currency.active = True
        return currency


@tagged("post_install", "-at_install")
class TestBooksBranch(BooksInTurns, BooksCommon):
    """Accounts and books of a branch; its accounts and taxes are the parent's."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={})
        branch = cls.env["res.company"].sudo().create(
            {"name": "Branch", "parent_id": cls.env.company.id}
        )
        # The chart of accounts is loaded when the branch is committed.
        cls.cr.precommit.run()
        data = dict(cls.company_data, company=branch)
        cls._work_in(data)
        cls.parent_company = branch.parent_id

    def test_a_payment_in_the_parent_pays_an_invoice_of_the_branch(self):
        account = self._account()
        invoice = self._invoice(100)
        self.assertEqual(invoice.company_id, self.env.company)
        both = (self.parent_company | self.env.company).ids
        payment = self.env["account.payment"].with_context(allowed_company_ids=both)
        payment = payment.create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.customer.id,
                "amount": 150,
                "journal_id": self.bank.id,
                "date": self._day,
                "company_id": self.parent_company.id,
            }
        )
        payment.action_post()
        self.assertEqual(payment.move_id.company_id, self.parent_company)
        self.assertWallets((account, -100))
        self._reconcile(invoice.with_env(payment.env), payment)
        self.assertWallets((account, 50))
        self._release(payment)
        self.assertWallets((account, -100))


@tagged("post_install", "-at_install")
class TestBooksHashed(BooksInTurns, BooksCommon):
    """Posted entries are hashed: they are never opened again."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        journals = cls.env["account.journal"].search(
            [("company_id", "=", cls.env.company.id)]
        )
        # Odoo wants what it hashes of a bank to be reconciled before.
        cls.statements = cls.bank.copy()
        journals.restrict_mode_hash_table = True

    def test_entries_are_hashed(self):
        self.assertTrue(self._invoice(100).inalterable_hash)
        self.assertTrue(self._loose(100).move_id.inalterable_hash)


@tagged("post_install", "-at_install")
class TestBooksStorno(BooksInTurns, BooksCommon):
    """Credit notes are negative debits."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.account_storno = True


@tagged("post_install", "-at_install")
class TestBooksOfAnAccountant(BooksCommon):
    """Somebody who only keeps the books moves wallets like everybody."""

    def test_invoices_payments_and_credit_notes(self):
        account = self._account()
        user = new_test_user(
            self.env,
            login="only_books",
            groups="account.group_account_user",
            company_id=self.env.company.id,
        )
        self.env = self.env(user=user)
        with self.assertRaises(AccessError):
            account.with_env(self.env).read(["code"])
        invoice, second = self._invoice(100), self._invoice(60)
        self._pay(invoice)
        refund = second._reverse_moves([{"invoice_date": DAY, "date": DAY}])
        refund.action_post()
        left = self._loose(30)
        self.env = self.env(user=account.env.user)
        self.assertEqual(left.with_env(self.env).voip_account_id, account)
        self.assertWallets((account, 30))
        self.assertEqual(
            [kind for kind, _amount in self._kinds(account)],
            ["invoice", "invoice", "payment", "credit_note", "payment"],
        )
