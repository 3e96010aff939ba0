from . import (
    test_security,
    test_statement,
    test_statement_books,
    test_statement_screen,
)
