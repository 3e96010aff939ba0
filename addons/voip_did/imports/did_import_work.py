"""What a list would do to the inventory, and doing it."""

from dataclasses import dataclass, field

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import split_every

from ..numbers.did_load import _Known
from ..numbers.words import BadNumberRow
from .lines import line, numbers_of

CHUNK = 1_000
MOST_NUMBERS = 100_000


@dataclass(slots=True)
class Found:
    """One row: its values, or why it is faulty."""

    row: int
    number: str = ""
    size: int = 1
    values: dict = field(default_factory=dict)
    status: str = "new"
    changes: str = ""
    reason: str = ""
    dids: object = None


class VoipDidImport(models.Model):
    _inherit = "voip.did.import"

    def _take(self, found):
        dids = self.env["voip.did"].with_company(self.company_id)
        single = [f for f in found if f.status == "new" and f.size == 1]
        dids._insert([self._own(one.values) for one in single])
        blocks = self.env["voip.did.block"].with_company(self.company_id)
        for one in found:
            if one.status == "new" and one.size > 1:
                blocks._make(one.number, str(one.size), self._own(one.values))
            elif one.status == "changed":
                one.dids.write(one.dids[0]._differing(_shared(one)))

    def _own(self, values):
        return {**values, "company_id": self.company_id.id}

    # === COMPARING === #

    def _compared(self):
        """:class:`Found` of each row of the file, compared with the inventory."""
        found = self._read()
        numbers = [n for one in found for n in self._numbers(one)]
        if len(numbers) > MOST_NUMBERS:
            raise UserError(
                self.env._(
                    "The list has %(count)s numbers, of at most %(most)s: part it.",
                    count=len(numbers),
                    most=MOST_NUMBERS,
                )
            )
        there = self._there(numbers)
        seen = {}
        for one in found:
            if one.status != "faulty":
                self._compare(one, there, seen)
        return found

    def _numbers(self, one):
        return numbers_of(one.number, one.size) if one.status != "faulty" else []

    def _there(self, numbers):
        """{number: record} of those that are in the inventory."""
        dids = self.env["voip.did"].with_context(active_test=False)
        there = dids.browse()
        for part in split_every(10 * CHUNK, numbers):
            own = ("company_id", "=", self.company_id.id)
            there |= dids.search([("number", "in", part), own])
        return {did.number: did for did in there}

    def _compare(self, one, there, seen):
        numbers = self._numbers(one)
        before = next((seen[n] for n in numbers if n in seen), None)
        seen.update(dict.fromkeys(numbers, one.row))
        dids = [there[n] for n in numbers if n in there]
        reason = ""
        if before:
            reason = self.env._("It is in row %s already.", before)
        elif one.size == 1 and dids:
            self._set_changed(one, dids[0])
        elif dids:
            block = dids[0].block_id
            if len(block.did_ids) == one.size and block.number == one.number:
                self._set_changed(one, block.did_ids)
            elif taken := [d for d in dids if d.state != "free" or not d.active]:
                name = taken[0].display_name
                reason = self.env._("%s is there already and is not free.", name)
        if reason:
            one.status, one.reason = "faulty", reason

    def _set_changed(self, one, dids):
        fresh = dids[0]._differing(_shared(one))
        one.dids = dids
        one.status = "changed" if fresh else "unchanged"
        names = sorted(dids._fields[name].string for name in fresh)
        one.changes = ", ".join(names)
        if fresh and one.size == 1 and dids.block_id:
            one.status = "faulty"
            one.reason = str(dids._part_refusal())

    # === READING === #

    def _read(self):
        known = _Known(self.env)
        countries = self.env["res.country"].browse(known.countries.values())
        countries = countries.with_context(lang="en_US")
        names = {country.name.lower(): country.code for country in countries}
        return self._typed(lambda row: self._line(row, known, names))

    def _line(self, row, known, countries):
        shown = str(row.values.get("number", ""))[:40]
        try:
            values, size = line(row, None, self.currency_id.name, countries)
            record = known.values(values)
        except BadNumberRow as error:
            reason = self._worded(error)
            return Found(row.number, shown, status="faulty", reason=reason)
        if self.supplier_id:
            record["supplier_id"] = self.supplier_id.id
        return Found(row.number, record["number"], size, record)

    # === ROWS === #

    def _counted(self, found):
        fresh = sum(one.size for one in found if one.status == "new")
        return {**super()._counted(found), "number_count": fresh}


def _shared(one):
    """Values that all numbers of the row have in common."""
    return {name: v for name, v in one.values.items() if name != "number"}
