from . import brevo, calls, document_files, netting_page
