"""The door for new numbers: ``voip.did.load``.

A number is an object with number (required), kind, country (two letters, ISO 3166),
area, two_way, capabilities (a list of voice, sms, fax), channels, supplier (reference),
cost_setup, cost_monthly, cost_currency. What is not given stays as it is. Costs are
decimal strings.
"""

from odoo import api, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.voip_rating.rates.rate_deck_load import _is_matrix

from .words import BadNumberRow, row

RECORD_LIMIT = 10_000
PLAIN = ("kind", "area", "two_way", "channels")


class VoipDid(models.Model):
    _inherit = "voip.did"

    @api.model
    def load(self, numbers=None, dry_run=False, fields=None, data=None):
        """Take numbers into the inventory, or change those that are in it.

        A faulty number is told and left out; its neighbours are taken. With two lists
        this is Odoo's own import of records (fields, data).

        :param list numbers: see the module, at most 10,000
        :param bool dry_run: only compare
        :return: ``{new, updated, unchanged, errors: [{index, number, code, message}],
            applied}``
        :raise UserError: for arguments that make no sense
        :raise AccessError: for users who may not change the inventory
        """
        if fields is not None or _is_matrix(numbers, dry_run):
            names, values = fields or numbers, data if fields else dry_run
            return super().load(names, values)
        if not self.env.su and not self.has_access("create"):
            raise AccessError(self.env._("Only billing managers may load numbers."))
        self._check_records(numbers)
        if not isinstance(dry_run, bool):
            raise UserError(self.env._("dry_run must be true or false."))
        rows, errors = self._read_rows(numbers)
        return self._apply(rows, errors, dry_run)

    @api.model
    def _check_records(self, numbers):
        if not isinstance(numbers, list):
            raise UserError(self.env._("numbers must be a list."))
        if len(numbers) > RECORD_LIMIT:
            raise UserError(
                self.env._(
                    "At most %(limit)s numbers a call, not %(count)s.",
                    limit=RECORD_LIMIT,
                    count=len(numbers),
                )
            )

    @api.model
    def _read_rows(self, numbers):
        """({digits: values}, errors); the first one of a number counts."""
        known, rows, errors = _Known(self.env), {}, []
        for index, given in enumerate(numbers):
            try:
                values = known.values(row(given))
                if values["number"] in rows:
                    raise BadNumberRow(
                        "duplicate", "number: it is in this call already"
                    )
                rows[values["number"]] = values
            except BadNumberRow as error:
                number = given.get("number") if isinstance(given, dict) else None
                errors.append(_error(index, number, error.code, str(error)))
        return rows, errors

    def _apply(self, rows, errors, dry_run):
        found = self.with_context(active_test=False).search(
            [("number", "in", list(rows)), ("company_id", "=", self.env.company.id)]
        )
        known = {did.number: did for did in found}
        changed = {
            did: fresh
            for number, did in known.items()
            if (fresh := did._differing(rows[number]))
        }
        new = [values for number, values in rows.items() if number not in known]
        if not dry_run:
            self.create(new)
            for did, fresh in changed.items():
                did.write(fresh)
        return {
            "new": len(new),
            "updated": len(changed),
            "unchanged": len(known) - len(changed),
            "errors": errors,
            "applied": not dry_run,
        }

    def _differing(self, values):
        """Those of ``values`` that are not the record's."""
        return {
            name: value
            for name, value in values.items()
            if self._fields[name].convert_to_cache(value, self)
            != self._fields[name].convert_to_cache(self[name], self)
        }


class _Known:
    """Countries, currencies and suppliers by the names they have at the door."""

    def __init__(self, env):
        self.env = env
        self.countries = {c.code: c.id for c in env["res.country"].search([])}
        self.currencies = {c.name: c.id for c in env["res.currency"].search([])}
        self.suppliers = {}

    def values(self, found):
        """Values of a record.

        :param found: as :func:`.words.row`
        :raises BadNumberRow: a name that nothing here has
        """
        values = {name: found[name] for name in PLAIN if name in found}
        values["number"] = found["number"]
        if "country" in found:
            values["country_id"] = _get(self.countries, "country", found["country"])
        if "capabilities" in found:
            for name in ("voice", "sms", "fax"):
                values[f"has_{name}"] = name in found["capabilities"]
        if "supplier" in found:
            values["supplier_id"] = self._supplier(found["supplier"])
        for name in ("cost_setup", "cost_monthly"):
            if name in found:
                values[name] = float(found[name])
        if "cost_currency" in found:
            currency = _get(self.currencies, "cost_currency", found["cost_currency"])
            values["cost_currency_id"] = currency
        return values

    def _supplier(self, reference):
        if reference not in self.suppliers:
            found = self.env["res.partner"].search(
                [
                    ("ref", "=", reference),
                    ("parent_id", "=", False),
                    ("company_id", "in", [False, self.env.company.id]),
                ],
                limit=2,
            )
            self.suppliers[reference] = found.id if len(found) == 1 else None
        if self.suppliers[reference] is None:
            why = f"supplier: no one supplier has the reference {reference!r}"
            raise BadNumberRow("bad_value", why)
        return self.suppliers[reference]


def _get(known, name, value):
    if value not in known:
        raise BadNumberRow("bad_value", f"{name}: {value!r} is not known here")
    return known[value]


def _error(index, number, code, message):
    shown = number if isinstance(number, str) else None
    return {"index": index, "number": shown, "code": code, "message": message}
