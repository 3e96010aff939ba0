from . import test_lines_language, test_numbers_on_invoice, test_security
