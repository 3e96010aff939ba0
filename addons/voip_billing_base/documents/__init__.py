"""Invoices of usage: how they are made, what may be done with them."""

from . import (
    account_move_guard,
    account_move_line_guard,
    account_move_line_price,
    billing_document,
    billing_document_line,
    billing_document_again,
    account_move_supplement,
)
