from . import brevo, calls, document_files, netting_page, statement_page
