from . import document_files
