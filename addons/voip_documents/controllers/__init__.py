from . import netting_page, statement_files
