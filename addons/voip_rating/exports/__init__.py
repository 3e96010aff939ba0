"""A deck as a file that a customer reads and an import takes.

1. ``rows``: SQL of the versions valid at a moment, each against another moment
2. ``files``: rows as XLSX or CSV
3. ``voip_rate_deck_export``: both for a deck
"""

from . import voip_rate_deck_export
