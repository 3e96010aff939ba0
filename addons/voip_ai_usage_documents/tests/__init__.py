from . import test_security, test_sessions_on_invoice
