import freezegun

# It looks at every name of every module, and this one loads all it has when looked at.
freezegun.configure(extend_ignore_list=["brevo"])

from . import (
    test_calls_file,
    test_delivery,
    test_delivery_events,
    test_document,
    test_edi,
    test_engine_attacks,
    test_engine_brevo,
    test_engine_delivery,
    test_engine_exact,
    test_engine_pool,
    test_engine_smtp,
    test_engine_tables,
    test_engine_workbook,
    test_netting,
    test_netting_books,
    test_netting_document,
    test_netting_figures,
    test_netting_link,
    test_netting_refused,
    test_print,
    test_registry,
    test_security,
    test_statement,
    test_statement_books,
    test_statement_document,
    test_statement_screen,
    test_template,
    test_template_tour,
)
