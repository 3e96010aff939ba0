"""Pure arithmetic of billing: no Odoo, no clock, no I/O."""

from . import copy_lines, grouping, periods, rounding
