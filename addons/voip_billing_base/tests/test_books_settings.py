"""The cases of books, with every kind of company and journal."""

from odoo.tests import tagged

from .test_books import BooksCases


@tagged("post_install", "-at_install")
class TestBooksForeign(BooksCases):
    """The company counts in yen: no decimals."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._work_in(cls.setup_other_company(name="Yen", currency_id=cls.yen().id))

    @classmethod
    def yen(cls):
        currency = cls.env["res.currency"].with_context(active_test=False)
        currency = currency.search([("name", "=", "JPY")])
        currency.active = True
        return currency


@tagged("post_install", "-at_install")
class TestBooksBranch(BooksCases):
    """Accounts and books of a branch; its accounts and taxes are the parent's."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        branch = cls.env["res.company"].sudo().create(
            {"name": "Branch", "parent_id": cls.env.company.id}
        )
        data = dict(cls.company_data, company=branch)
        cls._work_in(data)
        cls.parent_company = branch.parent_id

    def test_a_payment_in_the_parent_pays_an_invoice_of_the_branch(self):
        account = self._account()
        invoice = self._invoice(100)
        self.assertEqual(invoice.company_id, self.env.company)
        payment = self.env["account.payment"].with_company(self.parent_company)
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
        self._reconcile(invoice, payment)
        self.assertWallets((account, 50))
        self._release(payment)
        self.assertWallets((account, -100))


@tagged("post_install", "-at_install")
class TestBooksHashed(BooksCases):
    """Posted entries are hashed: they are never opened again."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        journals = cls.env["account.journal"].search(
            [("company_id", "=", cls.env.company.id)]
        )
        journals.restrict_mode_hash_table = True

    def _invoice(self, *args, post=True, **values):
        move = super()._invoice(*args, post=post, **values)
        return self._hashed(move)

    def _loose(self, *args, **values):
        payment = super()._loose(*args, **values)
        self._hashed(payment.move_id)
        return payment

    def _hashed(self, move):
        if move.state == "posted":
            move.sudo().button_hash()
        return move


@tagged("post_install", "-at_install")
class TestBooksStorno(BooksCases):
    """Credit notes are negative debits."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.account_storno = True
