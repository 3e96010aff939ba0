from . import did_files
