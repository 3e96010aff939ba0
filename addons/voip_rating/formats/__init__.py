"""What switches write, as the columns that call records are made of. No Odoo here.

1. ``layout``: a format as plain values, and what a format may say
2. ``source``: rows of a file or JSON records as columns of texts by name
3. ``pair``: INVITE and BYE rows as one call
4. ``transform``: one column of texts to what :mod:`..calls.check` reads
5. ``convert``: all of it; ``files``: a file in blocks
"""

from .layout import ANSWERED, CHARGES, SOURCES, BadFormat, Format, Line

__all__ = ("ANSWERED", "CHARGES", "SOURCES", "BadFormat", "Format", "Line")
