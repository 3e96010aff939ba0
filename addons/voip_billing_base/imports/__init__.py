"""A file of rows on its way into records: look, map its columns, preview, apply.

1. ``look``: a file's sheet, header, samples and decimal mark
2. ``faulty``: the faulty rows as a file
3. ``rows``: the button that shows rows
4. models: ``voip.sheet.import`` with its columns and kept maps, and
   ``voip.list.import``, whose rows are compared with what is there; what the rows are
   and do is of the models that inherit them
"""

from . import (
    voip_sheet_import,
    voip_sheet_import_column,
    voip_sheet_import_map,
    sheet_import_look,
    voip_list_import,
)
