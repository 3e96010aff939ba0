"""Pure arithmetic of billing: no Odoo, no clock, no I/O."""

from . import grouping, periods, rounding
