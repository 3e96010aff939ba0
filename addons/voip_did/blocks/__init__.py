"""Blocks of numbers: held and assigned whole, split and joined."""

from . import voip_did_block, did_of_block, assignment_of_block
