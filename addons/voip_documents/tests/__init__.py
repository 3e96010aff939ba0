from . import (
    test_engine_attacks,
    test_engine_exact,
    test_engine_pool,
    test_engine_tables,
    test_engine_workbook,
    test_document,
    test_registry,
    test_template,
)
