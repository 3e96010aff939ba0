"""Invariants of calls and rates: checked, sealed, witnessed."""

from . import (
    voip_seal,
    voip_witness,
    voip_check,
    voip_check_definitions,
    voip_check_files,
)
