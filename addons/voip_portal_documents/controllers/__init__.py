from . import invoice_files
