"""Calls to and from numbers: who pays inbound ones, whose number callers show."""

from . import voip_did_inbound, voip_did, voip_account, voip_did_caller
from . import voip_number_holder
