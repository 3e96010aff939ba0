from . import (
    test_golden,
    test_method_texts,
    test_rate_notice_document,
    test_rate_notice_mail,
    test_security,
    test_switch_documents,
    test_tamper_documents,
)
