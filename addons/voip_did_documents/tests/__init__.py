from . import test_numbers_on_invoice, test_security
