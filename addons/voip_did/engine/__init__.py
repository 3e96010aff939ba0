"""Rental of numbers as arithmetic on days. No Odoo, no clock, no input or output."""

from . import credited, deferral, months, rental
