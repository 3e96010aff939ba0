from . import test_lines_language, test_security, test_sessions_on_invoice
