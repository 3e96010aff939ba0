"""Pure arithmetic of billing: no Odoo, no clock, no I/O."""

from . import copy_lines, exact, grouping, periods, rounding
