"""Pure rating of AI sessions: no Odoo, no clock, no I/O."""
