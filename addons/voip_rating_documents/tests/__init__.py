from . import test_golden, test_rate_notice_document, test_security
