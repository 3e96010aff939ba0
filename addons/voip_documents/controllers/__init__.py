from . import statement_files
