from . import test_calls_file, test_invoice_files
