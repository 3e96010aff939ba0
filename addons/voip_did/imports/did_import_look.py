"""Looking at a list: its sheet and columns, how its numbers are written."""

from odoo import models

from odoo.addons.voip_billing_base.imports import look as looking
from odoo.addons.voip_billing_base.reader import header
from odoo.addons.voip_billing_base.reader.header import MOST_ROWS

from .columns import WORDS


class VoipDidImport(models.Model):
    _inherit = "voip.did.import"

    def _look_at(self, data, sheet, row):
        def find(rows):
            if row:
                return looking.chosen(rows, row, WORDS)
            return header.find(rows, WORDS, ("number",)) or _lone(rows)

        return looking.look(data, find, lambda found: len(found.columns), sheet)

    def _map_owner(self):
        return {"company_id": self.company_id.id, "supplier_id": self.supplier_id.id}


def _lone(rows):
    """The header of a list that names its numbers and nothing else that is known."""
    named = (header.read(n, row, WORDS) for n, row in enumerate(rows[:MOST_ROWS]))
    return next((one for one in named if "number" in one.columns), None)
