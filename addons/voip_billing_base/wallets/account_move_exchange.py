"""Exchange rates that the usage of a document was converted with, for its paper."""

from odoo import fields, models
from odoo.tools import format_date


class AccountMove(models.Model):
    _inherit = "account.move"

    def _voip_exchange_notes(self):
        """What the paper says of rates in other currencies than the document's.

        :return: [(sentence, [line for each span of days and its exchange rate])], one
            for each currency of the rates; as the usage keeps them, to the last digit
        """
        self.ensure_one()
        spans = {}
        for currency_id, rate, day in self._voip_exchange_days():
            found = spans.setdefault(currency_id, [])
            if found and found[-1][0] == rate:
                found[-1][2] = day
            else:
                found.append([rate, day, day])
        currencies = self.env["res.currency"].browse(spans)
        return [self._voip_exchange_note(c, spans[c.id]) for c in currencies]

    def _voip_exchange_days(self):
        """[(currency id, exact rate as text, local day)] in order of currency and day.

        A day has more than one where its rate was changed between two batches.
        """
        days = self.env["voip.usage.summary"].sudo()
        days = days.search([("move_id", "=", self.id)]).filtered(
            lambda s: s.deck_currency_id and s.deck_currency_id != s.currency_id
        )
        if not days:
            return []
        self.env.cr.execute(
            DAYS_SQL,
            {
                "summaries": days.ids,
                "accounts": days.account_id.ids,
                "first": min(days.mapped("local_day")),
                "last": max(days.mapped("local_day")),
            },
        )
        return self.env.cr.fetchall()

    def _voip_exchange_note(self, currency, spans):
        sentence = self.env._(
            "Rates in %(rates)s are converted to %(document)s at the exchange rate of "
            "each call's day:",
            rates=currency.name,
            document=self.currency_id.name,
        )
        return sentence, [
            self.env._(
                "%(first)s – %(last)s: 1 %(rates)s = %(rate)s %(document)s",
                first=format_date(self.env, fields.Date.to_date(first)),
                last=format_date(self.env, fields.Date.to_date(last)),
                rates=currency.name,
                rate=rate,
                document=self.currency_id.name,
            )
            for rate, first, last in spans
        ]


# Calls of a local day begin within a day of it in UTC.
DAYS_SQL = """
SELECT s.deck_currency_id, trim_scale(round(u.exchange_rate, 12))::text, s.local_day
  FROM voip_usage_row u JOIN voip_usage_summary s ON s.id = u.summary_id
 WHERE s.id = ANY(%(summaries)s) AND u.account_id = ANY(%(accounts)s)
   AND u.started_at >= %(first)s::date - interval '1 day'
   AND u.started_at < %(last)s::date + interval '2 days'
   AND (u.answered OR u.amount <> 0) AND u.exchange_rate IS NOT NULL
 GROUP BY 1, 2, 3
 ORDER BY 1, 3, min(u.started_at)
"""
