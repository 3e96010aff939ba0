"""Invariants: what must hold of wallets, usage and books."""

from . import (
    voip_check,
    voip_check_books,
    voip_check_documents,
    voip_check_definitions,
    voip_check_files,
    voip_check_terms,
    voip_witness,
    voip_anchor,
)
