"""The calls behind an invoice as a file, streamed from PostgreSQL."""

from . import account_move
