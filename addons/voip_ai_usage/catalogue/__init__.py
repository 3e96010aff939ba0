"""What models cost and what customers pay for them.

1. ``voip_ai_provider``, ``voip_ai_model``: who has which models, under which names
2. ``voip_ai_price``: prices of units, of both sides
3. ``price_load``: many of them at once, from a machine or a sheet
4. ``catalogue_costs``: costs of chosen models from a catalogue of others
"""

from . import (
    voip_ai_provider,
    voip_ai_model,
    voip_ai_price,
    price_load,
    catalogue_costs,
)
