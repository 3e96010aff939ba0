"""What a price list would do to the catalogue, and doing it."""

from dataclasses import dataclass
from datetime import date, datetime

from psycopg2.extras import execute_values

from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.voip_billing_base.reader import grid, typed
from odoo.addons.voip_billing_base.reader.values import clean
from odoo.addons.voip_billing_base.reader.workbook import BadFile

from ..catalogue.price_load import LIMIT, PriceLoad
from ..catalogue.price_row import BadPriceRow, read_row
from .columns import KINDS

REASON_LIMIT = 300
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

    def _preview(self):
        found, _work = self._compared()
        self._clear_rows()
        self._store_rows(found)
        self._keep(
            {
                **self._counted(found),
                "state": "previewed",
                "previewed_at": fields.Datetime.now(),
            }
        )
        self._remember_map()

    def _apply(self):
        """:raises UserError: there is no preview, rows are faulty, or prices have
        changed since the preview"""
        if self.state != "previewed":
            raise UserError(self.env._("Preview the list first."))
        if self.is_stopped:
            raise UserError(
                self.env._(
                    "%s rows are faulty. Mend them and send the file again, or tick"
                    " Leave Faulty Rows Out.",
                    self.faulty_count,
                )
            )
        found, work = self._compared()
        if any(self[name] != value for name, value in self._counted(found).items()):
            raise UserError(
                self.env._("Prices have changed meanwhile: preview the list again.")
            )
        if self.faulty_count:
            # Half of a faulty row may have been looked at: begin anew without them.
            work = self._fresh_load()
            for one in found:
                if one.status != "faulty":
                    work.take(one.said)
        work.apply()
        self._keep(
            {
                "state": "applied",
                "applied_at": fields.Datetime.now(),
                "applied_by": self.env.uid,
            }
        )
        said = {"sha256": self.sha256, **self._counted(found)}
        self.env["voip.audit"]._log("ai_price_import", self, said)

    def _fresh_load(self):
        prices = self.env["voip.ai.price"].with_company(self.company_id)
        return PriceLoad(prices, (self.file_name or "")[:ORIGIN_LIMIT])

    # === COMPARING === #

    def _compared(self):
        """(:class:`Found` of each row, the :class:`PriceLoad` that looked at them)."""
        if self.question:
            raise UserError(self.question)
        work, found = self._fresh_load(), []
        try:
            for row in self._typed():
                found.append(self._look_at_row(work, row))
                if len(found) > LIMIT:
                    raise UserError(
                        self.env._("A list has at most %s rows: part it.", LIMIT)
                    )
        except BadFile as error:
            raise UserError(
                self.env._("The file cannot be read: %s.", str(error))
            ) from error
        return found, work

    def _typed(self):
        columns = self.column_ids._by_target()
        rows = grid.rows(self._data(), self.sheet or None)
        for _place in range(self.header_row):
            next(rows, None)
        kinds = {name: KINDS[name] for name in columns}
        form = typed.Form(self.mark or ".")
        return typed.read(rows, columns, kinds, form, self.header_row + 1)

    def _look_at_row(self, work, row):
        words = (str(row.values.get(name, "")) for name in ("model", "kind"))
        one = Found(row.number, ", ".join(filter(None, words))[:80])
        try:
            for name, reason in row.problems.items():
                raise BadPriceRow("bad_value", f"{name}: {reason}")
            one.said = read_row(self._given(row.values))
            one.status = work.take(one.said)
        except BadPriceRow as error:
            one.status, one.reason = "faulty", str(error)[:REASON_LIMIT]
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

    # === ROWS === #

    def _counted(self, found):
        """Values of the fields that count."""
        states = [one.status for one in found]
        counts = {
            f"{status}_count": states.count(status)
            for status in ("new", "changed", "unchanged", "faulty")
        }
        return {**counts, "row_count": len(found)}

    def _store_rows(self, found):
        own = (self.id, self.company_id.id)
        rows = [(*own, f.row, f.what, f.status, f.reason or None) for f in found]
        execute_values(self.env.cr._obj, ROWS_SQL, rows, page_size=1_000)
        self.env["voip.ai.price.import.row"].invalidate_model()


def _day(cell):
    """ISO text of a cell with a day."""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date) else clean(cell)


ROWS_SQL = """
INSERT INTO voip_ai_price_import_row
       (import_id, company_id, "row", what, status, reason) VALUES %s
"""
