"""The faulty rows of an import as a file, with their reasons."""

import csv
import io

from odoo import models
from odoo.exceptions import UserError

from odoo.addons.voip_billing_base.reader import grid
from odoo.addons.voip_billing_base.reader.values import clean, harmless


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
                texts = [harmless(clean(cell)) for cell in cells]
                writer.writerow([*texts, wanted[number]])
        return stream.getvalue().encode("utf-8-sig")
