"""Destinations, decks and their rates: kept, loaded, quoted."""

from . import (
    voip_destination,
    voip_destination_prefix,
    voip_rate_deck,
    voip_rate,
    voip_rate_values,
    voip_rate_versions,
    rate_deck_stage,
    rate_deck_load,
    rate_deck_quote,
    rate_deck_quote_inbound,
    rate_deck_compare,
)
