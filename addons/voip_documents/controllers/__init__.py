from . import calls, document_files, netting_page
