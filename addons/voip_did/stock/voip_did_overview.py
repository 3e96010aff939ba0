"""Numbers at a glance: stock, use, rental and margin of each country."""

import json
from datetime import date

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL, format_date

from odoo.addons.voip_billing_base.const import MONEY
from odoo.addons.voip_billing_base.fields import Amount

MONTHS = 6
COUNT = {"readonly": True, "aggregator": "sum"}
SUM = {**MONEY, "aggregator": None, "readonly": True}


class VoipDidOverview(models.Model):
    """One card for each company and country of the numbers that are held.

    Rental and cost are those of :mod:`~..supply.voip_did_margin`, in the company's
    currency: of months by the calendar month in which they begin, without calls.
    """

    _name = "voip.did.overview"
    _inherit = ["voip.guard"]
    _description = "Overview of Numbers"
    _auto = False
    _log_access = False
    _order = "held desc, id"
    _rec_name = "country_id"

    company_id = fields.Many2one("res.company", readonly=True)
    country_id = fields.Many2one("res.country", readonly=True)
    held = fields.Integer(help="All but those that went back.", **COUNT)
    used = fields.Integer(string="Assigned", help="Suspended ones, too.", **COUNT)
    free = fields.Integer(**COUNT)
    waiting = fields.Integer(help="Reserved, quarantined or being ported.", **COUNT)
    utilisation = fields.Integer(
        string="Utilisation %",
        readonly=True,
        aggregator=None,
        help="Assigned ones of those that are held.",
    )
    company_currency_id = fields.Many2one(related="company_id.currency_id")
    revenue = Amount(string="Rental", compute="_compute_margin", **SUM)
    cost = Amount(compute="_compute_margin", **SUM)
    margin = Amount(compute="_compute_margin", **SUM)
    month = fields.Char(compute="_compute_margin", help="Of rental, cost and margin.")
    graph = fields.Text(
        compute="_compute_margin", help="The margin of this month and of five before."
    )

    @property
    def _table_query(self):
        return SQL(STOCK_SQL)

    # === COMPUTE METHODS === #

    def _compute_margin(self):
        today = fields.Date.context_today(self)
        months = [
            today.replace(day=1) - relativedelta(months=back)
            for back in reversed(range(MONTHS))
        ]
        names = [format_date(self.env, day, date_format="MMM") for day in months]
        sums = self._sums(months[0])
        for card in self:
            key = card.company_id.id, card.country_id.id or 0
            own = [sums.get((*key, day), (0.0, 0.0)) for day in months]
            card.revenue, card.cost = own[-1]
            card.margin = card.revenue - card.cost
            card.month = format_date(self.env, months[-1], date_format="MMMM yyyy")
            card.graph = card._bars(names, [sale - cost for sale, cost in own])

    def _bars(self, names, margins):
        """What the chart of the card shows, as JSON."""
        values = [
            {"label": name, "value": round(margin, 2), "type": "past"}
            for name, margin in zip(names, margins, strict=True)
        ]
        values[-1]["type"] = "future"
        title = self.env._("Margin (%s)", self.company_currency_id.name)
        return json.dumps([{"key": title, "title": title, "values": values}])

    @api.model
    def _sums(self, since: date):
        """{(company, country or 0, month): (rental, cost)}, floats to be shown."""
        self.env.flush_all()
        values = {"companies": self.company_id.ids, "since": since}
        self.env.cr.execute(SUMS_SQL, values)
        return {row[:3]: row[3:] for row in self.env.cr.fetchall()}

    # === ACTION METHODS === #

    def action_view_dids(self):
        """The numbers of the card; of one state where the context names its filter."""
        return self._numbers_action(
            "voip_did.voip_did_action", self.env.context.get("voip_filter")
        )

    def action_view_margin(self):
        return self._numbers_action("voip_did.voip_did_margin_action", "month")

    def _numbers_action(self, action, name):
        self.check_access("read")
        self.ensure_one()
        found = self.env["ir.actions.act_window"]._for_xml_id(action)
        domain = [
            ("country_id", "=", self.country_id.id),
            ("company_id", "=", self.company_id.id),
        ]
        context = {f"search_default_{name}": 1} if name else {}
        return {**found, "domain": domain, "context": context}


STOCK_SQL = """
SELECT min(id) AS id, company_id, country_id, count(*) AS held,
       count(*) FILTER (WHERE state IN ('assigned', 'suspended')) AS used,
       count(*) FILTER (WHERE state = 'free') AS free,
       count(*) FILTER (WHERE state NOT IN ('assigned', 'suspended', 'free'))
           AS waiting,
       (100 * count(*) FILTER (WHERE state IN ('assigned', 'suspended'))
        / count(*))::int AS utilisation
  FROM voip_did WHERE active AND state <> 'returned' GROUP BY company_id, country_id
"""
# Only rental in another currency than the company's asks its usage for the amount.
SUMS_SQL = """
SELECT x.company_id, COALESCE(d.country_id, 0),
       date_trunc('month', x.month_first)::date,
       sum(x.revenue)::float, sum(x.cost)::float
  FROM (
    SELECT c.company_id, c.did_id, c.month_first, c.amount AS revenue, 0 AS cost
      FROM voip_did_charge c JOIN res_company o ON o.id = c.company_id
     WHERE c.company_id = ANY(%(companies)s) AND c.month_first >= %(since)s
       AND c.currency_id = o.currency_id
     UNION ALL
    SELECT c.company_id, c.did_id, c.month_first,
           COALESCE(u.amount_company, u.amount), 0
      FROM voip_did_charge c
      JOIN res_company o ON o.id = c.company_id AND o.currency_id <> c.currency_id
      JOIN voip_usage_summary s ON s.id = c.summary_id
      JOIN voip_usage_row u ON u.id = c.usage_id AND u.account_id = c.account_id
       AND u.started_at = s.local_day + interval '12 hours'
     WHERE c.company_id = ANY(%(companies)s) AND c.month_first >= %(since)s
     UNION ALL
    SELECT c.company_id, c.did_id, c.month_first, 0, c.amount_company
      FROM voip_did_cost c
     WHERE c.company_id = ANY(%(companies)s) AND c.month_first >= %(since)s) x
  JOIN voip_did d ON d.id = x.did_id
 GROUP BY 1, 2, 3
"""
