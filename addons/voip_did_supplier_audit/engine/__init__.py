"""Rental of numbers put beside lines. No Odoo here."""

from . import rental
