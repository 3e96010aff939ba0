"""The way of a rate sheet, from a row to the deck that rates.

Plain classes and SQL, no models. Each file is a step and imports only steps before it:

1. ``row``: strict reading of one row
2. ``stage_sql``: all rows staged, compared with the deck and applied at once
3. ``compiled``: a deck's versions as arrays, kept per process
"""
