"""The way of a rate sheet, from a row to the deck that rates.

Plain classes and SQL, no models. Each file is a step and imports only steps before it:

1. ``row``: strict reading of one row
2. ``stage``: all rows in a temporary table, those that contradict others found
3. ``compare``: one timeline of rows and versions; what each row changes, which
   versions rated calls
4. ``layers``: versions with an end on top of others, which go on after it
5. ``apply``: the rows become versions, each ends where the next begins, and rates
   without a row end
6. ``compiled``: a deck's versions as arrays, kept per process
"""
