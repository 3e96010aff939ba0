"""Sheets that people write, from a file to typed rows. No Odoo here.

It knows nothing of what a sheet is about. Each file is a step and imports only steps
before it:

1. ``workbook``, ``grid``: a file becomes rows of cells, whatever its format
2. ``header``: which sheet and row name the columns, and what each column is
3. ``values``: one cell becomes a number, a moment, a flag
4. ``guess``: decimal mark and order of dates, as far as a column tells
5. ``typed``: rows become values by field, each problem with row, field and reason
"""
