"""The numbers that are held: what they are, where they are, who may have them."""

from . import (
    voip_did,
    did_load,
    did_insert,
    did_search,
    did_reserve,
    did_doors,
)
