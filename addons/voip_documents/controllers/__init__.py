from . import calls, document_files
