"""Numbers that come from another carrier, or go to one."""

from . import voip_did_port, did_porting
