from . import test_rate_notice_mail, test_rate_notice_document, test_security
