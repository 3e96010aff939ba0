"""Who has which number from when until when."""

from . import voip_did_assignment, voip_account
