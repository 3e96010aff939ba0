from . import calls_file, invoice_files
