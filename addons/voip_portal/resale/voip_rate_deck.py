"""A deck at a reseller's prices: as a file, and of which service a call is."""

from odoo import models

from odoo.addons.voip_rating.engine import rate_calls
from odoo.addons.voip_rating.exports import files
from odoo.addons.voip_rating.sheets.compiled import compiled
from odoo.addons.voip_rating.sheets.row import PRICES

from .prices import resold

# Our own words for what a customer of others need not know.
HIDDEN = ("service",)
MOST_PLACES = 8


class VoipRateDeck(models.Model):
    _inherit = "voip.rate.deck"

    def _resold_service(self, call):
        """Id of the service of a call that has a rate.

        :param call: engine columns of one row
        """
        deck = compiled(self.env, self.id)
        row = int(rate_calls(deck, call).rate_index[0])
        return int(deck.rates.service_id[row])

    def _resold_file(self, kind, at, priced):
        """Bytes of a CSV or XLSX of what is valid at a moment and what comes.

        It names neither the deck nor us.

        :param at: naive UTC
        :param priced: has ``name`` and ``tz`` of the account, and ``percent(service,
            effective_from)``
        """
        at = at.replace(microsecond=0)
        columns, _places = self._export_columns(at, None, True)
        sheet = self._resold_sheet(at, columns, priced)
        found = self._resold_rows(at, priced)
        if kind == "csv":
            return files.as_csv(found, sheet)
        return files.as_xlsx(found, sheet, "Rates", MOST_PLACES)

    def _resold_rows(self, at, priced):
        services = self._resold_services()
        for row in self.export_rows(at, None, True):
            service = services.get(row["service"], self.service_id)
            percent = priced.percent(service, row["effective_from"])
            for name in PRICES:
                if row[name] is not None:
                    row[name] = resold(row[name], percent)
            yield row

    def _resold_services(self):
        """{code: service} of rates that have one of their own."""
        found = self.env["voip.rate"]._read_group(
            [("deck_id", "=", self.id), ("service_id", "!=", False)], ["service_id"]
        )
        return {service.code: service for (service,) in found}

    def _resold_sheet(self, at, columns, priced):
        _, currency = self.env._, self.currency_id.name
        sheet = files.Sheet({}, {}, tz=priced.tz)
        titles = (
            (_("Rate sheet"), priced.name),
            (_("Currency"), currency),
            (_("Valid on"), self._export_moment(sheet, at)),
            (_("Time zone"), priced.tz),
        )
        return files.Sheet(
            labels=self._export_labels(),
            words=self._export_words(),
            titles=titles,
            ends=((_("Currency"), currency), (_("Time zone"), priced.tz)),
            tz=priced.tz,
            columns=tuple(name for name in columns if name not in HIDDEN),
        )
