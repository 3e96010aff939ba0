from . import (
    test_golden,
    test_rate_notice_document,
    test_rate_notice_mail,
    test_security,
)
