from . import test_invoice_files
