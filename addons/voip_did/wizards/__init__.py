from . import (
    partner_merge,
    voip_did_assign,
    did_assign_more,
    did_reserve,
    voip_did_block_make,
    voip_did_list,
)
