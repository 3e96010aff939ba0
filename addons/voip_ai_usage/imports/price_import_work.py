"""What a price list would do to the catalogue, and doing it."""

from dataclasses import dataclass
from datetime import date, datetime

from odoo import models
from odoo.exceptions import UserError

from odoo.addons.voip_billing_base.reader.values import clean

from ..catalogue.price_load import LIMIT, PriceLoad
from ..catalogue.price_row import BadPriceRow, read_row

ORIGIN_LIMIT = 80


@dataclass(slots=True)
class Found:
    """One row: what it says, or why it is faulty."""

    row: int
    what: str
    said: object = None
    status: str = "new"
    reason: str = ""


class VoipAiPriceImport(models.Model):
    _inherit = "voip.ai.price.import"

    def _compared(self):
        work, seen = self._fresh_load(), 0

        def read(row):
            nonlocal seen
            seen += 1
            if seen > LIMIT:
                raise UserError(
                    self.env._("A list has at most %s rows: part it.", LIMIT)
                )
            return self._look_at_row(work, row)

        return self._typed(read)

    def _take(self, found):
        # Anew: half of a faulty row may have been looked at.
        work = self._fresh_load()
        for one in found:
            if one.status != "faulty":
                work.take(one.said)
        work.apply()

    def _fresh_load(self):
        prices = self.env["voip.ai.price"].with_company(self.company_id)
        return PriceLoad(prices, (self.file_name or "")[:ORIGIN_LIMIT])

    def _look_at_row(self, work, row):
        words = (str(row.values.get(name, "")) for name in ("model", "kind"))
        one = Found(row.number, ", ".join(filter(None, words))[:80])
        try:
            for name, reason in row.problems.items():
                raise BadPriceRow("bad_value", f"{name}: {reason}")
            one.said = read_row(self._given(row.values))
            one.status = work.take(one.said)
        except BadPriceRow as error:
            one.status, one.reason = "faulty", self._worded(error)
        return one

    def _given(self, values):
        """A row as the machine door takes it."""
        given = dict(values)
        for name in ("effective_from", "effective_to"):
            if name in given:
                given[name] = _day(given[name])
        given.setdefault("currency", self.currency_id.name)
        if self.provider_id:
            given.setdefault("provider", self.provider_id.code)
        return given


def _day(cell):
    """ISO text of a cell with a day."""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date) else clean(cell)
