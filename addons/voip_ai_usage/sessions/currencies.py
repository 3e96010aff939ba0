"""Currencies of sessions, and their rates of a day: a missing one is never 1."""

from odoo.addons.voip_billing_base.charge.exchange import lacking_rate, rate_between


class Currencies:
    """Those of one company; what was asked once is known."""

    def __init__(self, company):
        self.company, self.env = company, company.env
        self._ids, self._rates = {}, {}

    def id_of(self, code):
        """Id of a currency by its code, 0 where it is unknown."""
        if code not in self._ids:
            found = self.env["res.currency"].search([("name", "=", code)], limit=1)
            self._ids[code] = found.id or 0
        return self._ids[code]

    def rate(self, source_id, target_id, day):
        """(Decimal units of ``target_id`` for one of ``source_id`` on a day, "").

        Where a currency has no rate of the day or before: (None, its code).
        """
        key = source_id, target_id, day
        if key not in self._rates:
            source, target = self.env["res.currency"].browse(key[:2])
            lacks = lacking_rate(source, target, self.company, day)
            rate = None if lacks else rate_between(source, target, self.company, day)
            self._rates[key] = rate, lacks.name or ""
        return self._rates[key]
