"""A list of numbers on its way into the inventory: map, preview, apply.

1. ``columns``: what a column of a list may be, and how suppliers name it
2. ``lines``: typed rows become what ``words.row`` takes
3. models: ``voip_did_import`` with its columns, rows and kept maps; ``_look`` finds the
   columns, ``_work`` compares the rows with the inventory and applies them
"""

from . import (
    voip_did_import_map,
    voip_did_import,
    voip_did_import_part,
    did_import_look,
    did_import_work,
)
