"""Decks made of other decks by a mark-up.

1. ``sql``: prices of the sources, what each gives for a code, the marked-up price
2. ``work``: these as the rows of an import's stage
3. models: ``voip_rate_generator`` with its sources and exceptions;
   ``rate_import_generate`` previews, applies and undoes like a sheet,
   ``rate_generator_change`` notices that a source changed, ``rate_deck_generate`` shows
   it on the deck
"""

from . import (
    voip_rate_generator,
    voip_rate_generator_part,
    voip_rate_generator_source,
    voip_rate_generator_exception,
    rate_generator_change,
    rate_import_generate,
    rate_deck_generate,
)
