"""Looking at a sheet of rates: how its numbers and dates are written."""

from odoo import models

from odoo.addons.voip_billing_base.imports import look as looking

from ..sheets.row import DATES
from .columns import NUMBERS
from .look import look


class VoipRateImport(models.Model):
    _inherit = "voip.rate.import"

    def _look_at(self, data, sheet, row):
        return look(data, sheet, row)

    def _known_map(self, header_mark):
        return self.env["voip.rate.import.map"].sudo()._find(self.deck_id, header_mark)

    def _map_owner(self):
        return {"deck_id": self.deck_id.id}

    def _guessed(self, found, places, known):
        mark = looking.mark(found, places, NUMBERS)
        shape = looking.shape(found, places, DATES)
        return {
            "mark": mark.chosen(self.mark, known.mark),
            "mark_example": mark.example,
            "shape": shape.chosen(self.shape, known.shape),
            "shape_example": shape.example,
        }
