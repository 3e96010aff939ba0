"""Invoice lines that add up rated usage."""

from decimal import Decimal

from odoo import api, fields, models

from ..const import MONEY, PRICE
from ..fields import Amount, BigInteger, ExactFloat


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    voip_service_id = fields.Many2one("voip.service", string="Service", copy=False)
    voip_calls = BigInteger(
        string="Calls of Usage",
        copy=False,
        help="Sum of the usage summaries, below zero where calls were taken back.",
    )
    voip_seconds = BigInteger(string="Billed Seconds", copy=False)
    voip_counted = BigInteger(
        string="Calls / Units",
        compute="_compute_voip_counted",
        help="Calls, or what is counted by the unit, as the document counts them: a"
        " credit note counts what it credits.",
    )
    voip_minutes = fields.Float(
        string="Minutes", digits=(16, 2), compute="_compute_voip_counted"
    )
    voip_rate = ExactFloat(
        string="Exact Rate",
        **PRICE,
        copy=False,
        help="Price per minute or unit.",
    )
    voip_rate_text = fields.Char(
        string="Rate",
        compute="_compute_voip_rate_text",
        help="Price per minute or unit, in the currency of the deck that rated.",
    )
    voip_line_tax = fields.Monetary(
        string="Tax", compute="_compute_voip_line_tax", currency_field="currency_id"
    )
    voip_amount = Amount(
        string="Exact Amount",
        **MONEY,
        copy=False,
        help="Exact sum of the usage; the line shows it rounded once.",
    )
    voip_late = fields.Boolean(
        string="Late",
        copy=False,
        help="Usage of an earlier period that arrived after its invoice.",
    )
    voip_summary_ids = fields.One2many(
        "voip.usage.summary",
        "move_line_id",
        string="Usage Summaries",
        groups="voip_billing_base.group_voip_viewer",
    )

    @api.depends("voip_calls", "voip_seconds", "move_id.move_type")
    def _compute_voip_counted(self):
        # Who may read the line may know of what it is so many.
        units = self._origin.sudo()._voip_units()
        for line in self:
            sign = -1 if line.move_id.move_type == "out_refund" else 1
            calls = sign * line.voip_calls
            line.voip_counted = units.get(line._origin.id) or calls
            line.voip_minutes = sign * line.voip_seconds / 60.0

    @api.depends("price_total", "price_subtotal")
    def _compute_voip_line_tax(self):
        for line in self:
            line.voip_line_tax = line.price_total - line.price_subtotal

    @api.depends("voip_rate", "voip_service_id")
    def _compute_voip_rate_text(self):
        rates = self._origin._voip_rates()
        for line in self:
            text, currency = rates.get(line._origin.id, ("", None))
            name = (currency or line.currency_id).name
            told = text if line._voip_has_rate(text) else ""
            line.voip_rate_text = told and f"{told} {name}"

    def _voip_rate_text(self):
        """The rate with the decimals it has, four at least.

        The currency follows where the deck counts in another than the document.
        """
        text, currency = self._voip_rates().get(self.id, ("", None))
        if not self._voip_has_rate(text):
            return ""
        if currency and currency != self.currency_id:
            text += f" {currency.name}"
        return text

    def _voip_has_rate(self, text):
        """Whether a rate tells the amount: the rest to a minimum has none."""
        return bool(Decimal(text or 0)) or not self.price_subtotal

    def _voip_rates(self):
        """{line id: (rate as text, currency of the deck or none)} of lines of usage."""
        self.flush_recordset(["voip_rate", "voip_service_id"])
        self.env.cr.execute(RATES_SQL, [self._voip_rated_ids(), self.ids])
        currencies = self.env["res.currency"]
        return {
            line: (_four_decimals(rate), currencies.browse(currency or ()))
            for line, rate, currency in self.env.cr.fetchall()
        }

    def _voip_units(self):
        """{line id: how many units} of lines of usage that is counted by the unit.

        A line that credits a part of another one has none.
        """
        lines = self.filtered(lambda line: line.voip_service_id.unit == "unit")
        sources = lines.browse(lines._voip_rated_ids())
        self.env["voip.usage.summary"].flush_model(["units", "move_line_id"])
        self.env.cr.execute(UNITS_SQL, [sources.ids])
        counts, units = dict(self.env.cr.fetchall()), {}
        for line, source in zip(lines, sources, strict=True):
            sign = -1 if source.move_id.move_type == "out_refund" else 1
            count = sign * counts.get(source.id, source.voip_calls)
            whole = line.price_subtotal == source.price_subtotal
            units[line.id] = count if whole else 0
        return units

    def _voip_rated_ids(self):
        """Of each line the id of the one whose usage has the rate."""
        return self.ids

    # === ACTION METHODS === #

    def action_voip_view_usage(self):
        """The calls behind this line, one click away."""
        return self._voip_usage_action()

    def _voip_usage_action(self):
        self.check_access("read")
        summaries = self.voip_summary_ids
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "voip_billing_base.voip_usage_action"
        )
        action["domain"] = [("summary_id", "in", summaries.ids)]
        action["context"] = {}
        return action


def _four_decimals(text):
    whole, _point, decimals = text.rstrip("0").partition(".")
    return f"{whole}.{decimals.ljust(4, '0')}"


UNITS_SQL = """
SELECT move_line_id, sum(units)::bigint FROM voip_usage_summary
 WHERE move_line_id = ANY(%s) GROUP BY 1
"""
# A float cannot hold every price.
RATES_SQL = """
SELECT asked.id, COALESCE(l.voip_rate, 0)::numeric(18, 8)::text,
       (SELECT s.deck_currency_id FROM voip_usage_summary s
         WHERE s.move_line_id = l.id AND s.deck_currency_id IS NOT NULL LIMIT 1)
  FROM unnest(%s::int[], %s::int[]) AS asked(rated, id)
  JOIN account_move_line l ON l.id = asked.rated
 WHERE l.voip_service_id IS NOT NULL
"""
