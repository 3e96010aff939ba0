"""Files that leave: the faulty rows with their reasons, and the rates of a deck."""

import csv
import io

from odoo import models
from odoo.exceptions import UserError

from odoo.addons.voip_billing_base.reader import grid
from odoo.addons.voip_billing_base.reader.values import clean

# A cell of a CSV that begins so would be a formula in a spreadsheet.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class VoipRateImport(models.Model):
    _inherit = "voip.rate.import"

    def action_download_faults(self):
        """The faulty rows as they came, the reason in a last column."""
        self.check_access("read")
        self.ensure_one()
        if not self.faulty_count:
            raise UserError(self.env._("No row is faulty."))
        return {
            "type": "ir.actions.act_url",
            "url": f"/voip/rate_import/{self.id}/faulty.csv",
            "target": "self",
        }

    def _faulty_rows(self):
        """Bytes of a CSV."""
        reasons = {}
        for row in self.env["voip.rate.import.row"].search_read(
            [("import_id", "=", self.id), ("status", "=", "faulty")],
            ["number", "reason"],
        ):
            reasons.setdefault(row["number"], row["reason"])
        wanted = {self.header_row: self.env._("Reason"), **reasons}
        stream = io.StringIO()
        writer = csv.writer(stream)
        for number, cells in enumerate(grid.rows(self._data(), self.sheet or None), 1):
            if number in wanted:
                texts = [_harmless(clean(cell)) for cell in cells]
                writer.writerow([*texts, wanted[number]])
        return stream.getvalue().encode("utf-8-sig")


def _harmless(text):
    """A text that no spreadsheet takes for a formula."""
    plain = text[1:].replace(".", "").replace(",", "").replace(" ", "")
    return f"'{text}" if text.startswith(_FORMULA) and not plain.isdigit() else text
