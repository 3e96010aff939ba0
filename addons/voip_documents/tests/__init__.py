from . import (
    test_document,
    test_engine_attacks,
    test_engine_exact,
    test_engine_pool,
    test_engine_tables,
    test_engine_workbook,
    test_registry,
    test_security,
    test_statement,
    test_statement_books,
    test_statement_screen,
    test_template,
)
