"""Whatever an accountant does with receivables, statements close with what is open."""

from odoo.tests import tagged

from odoo.addons.voip_billing_base.tests import test_books_corrections
from odoo.addons.voip_billing_base.tests.test_books_settings import BooksInTurns

from .statement_common import StatementCommon


class Compared(StatementCommon):
    """Compares the statements wherever the wallets are."""

    def assertWallets(self, *pairs):
        result = super().assertWallets(*pairs)
        self.assertStatements()
        return result


@tagged("post_install", "-at_install")
class TestStatementBooks(Compared, BooksInTurns):
    pass


@tagged("post_install", "-at_install")
class TestStatementCorrections(Compared, test_books_corrections.TestBooksCorrections):
    allow_inherited_tests_method = True
