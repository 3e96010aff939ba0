"""How files come in, before anything is read of their records.

``plain``        what was uploaded or fetched as the bytes of a text file
``spreadsheet``  the rows of an XLSX sheet as CSV
"""
