"""A rate sheet on its way into a deck, as people see it: map, preview, apply, undo.

1. ``columns``: what a column of a rate sheet may be, and how carriers name it
2. ``look``: which sheet and row of a file name the columns
3. ``lines``: typed rows become lines of the stage, or faults with their reason
4. ``plain``, ``writing``, ``result``: rows that repeat what is, and SQL of what the
   others do and of what an undo gives back; a preview writes into a twin
5. models: ``voip_rate_import``, a ``voip.sheet.import`` with its columns, rows and kept
   maps; ``_work`` runs the stage, ``_undo`` gives back, ``_sales`` finds what is sold
   below the new cost
"""

from . import (
    voip_rate_import_part,
    voip_rate_import_map,
    voip_rate_import,
    voip_rate_import_column,
    voip_rate_import_row,
    voip_rate_import_sale,
    rate_import_look,
    rate_import_work,
    rate_import_undo,
    rate_import_sales,
    rate_import_job,
    rate_import_late,
    rate_import_mail,
    rate_deck_mail,
    voip_rate_deck_import,
)
