from . import (
    test_method_texts,
    test_rate_notice_document,
    test_security,
    test_switch_documents,
    test_tamper_documents,
)
