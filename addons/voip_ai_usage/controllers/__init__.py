from . import price_files
