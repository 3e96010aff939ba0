"""A price list of AI on its way into the catalogue: map, preview, apply.

1. ``columns``: what a column of a list may be, and how lists name it
2. models: ``voip_ai_price_import`` with its columns, rows and kept maps;
   ``price_import_work`` compares the rows with the catalogue and applies them
"""

from . import (
    voip_ai_price_import_map,
    voip_ai_price_import,
    voip_ai_price_import_part,
    price_import_work,
)
