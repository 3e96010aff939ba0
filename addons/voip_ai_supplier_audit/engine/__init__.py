"""Cost of AI usage put beside lines. No Odoo here."""

from . import usage
