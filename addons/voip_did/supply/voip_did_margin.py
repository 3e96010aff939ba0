"""Rental, cost and margin of each number and month."""

from odoo import fields, models
from odoo.tools import SQL

from odoo.addons.voip_billing_base.fields import Link

from ..numbers.voip_did import KINDS

# Figures to be read: with the decimals of the currency.
SUM = {"readonly": True, "currency_field": "company_currency_id", "aggregator": "sum"}


class VoipDidMargin(models.Model):
    """Rows of rental and rows of cost, in company currency, in the calendar's month in
    which their own month begins; sums by number, supplier, kind or account."""

    _name = "voip.did.margin"
    _inherit = ["voip.guard"]
    _description = "Margin of Numbers"
    _auto = False
    _log_access = False
    _order = "month desc, did_id"
    _rec_name = "did_id"

    company_id = Link("res.company", readonly=True)
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    did_id = fields.Many2one("voip.did", string="Number", readonly=True)
    country_id = fields.Many2one("res.country", readonly=True)
    kind = fields.Selection(KINDS, readonly=True)
    block_id = fields.Many2one(
        "voip.did.block",
        string="Block",
        readonly=True,
        help="Of which the number is today.",
    )
    supplier_id = fields.Many2one("res.partner", string="Supplier", readonly=True)
    account_id = fields.Many2one("voip.account", string="Account", readonly=True)
    plan_id = fields.Many2one("voip.did.plan", string="Plan", readonly=True)
    month = fields.Date(readonly=True)
    revenue = fields.Monetary(string="Rental", **SUM)
    cost = fields.Monetary(**SUM)
    idle_cost = fields.Monetary(
        string="Idle Cost",
        help="The part of the cost that is of days until today on which no account had"
        " the number.",
        **SUM,
    )
    margin = fields.Monetary(**SUM)

    @property
    def _table_query(self):
        return SQL(MARGIN_SQL, today=fields.Date.context_today(self))


# Rows of rental have even numbers, of cost odd ones. Days to come are not idle yet.
MARGIN_SQL = """
SELECT 2 * c.id AS id, c.company_id, c.did_id, d.country_id, d.kind, d.block_id,
       d.supplier_id,
       c.account_id, c.plan_id, date_trunc('month', c.month_first)::date AS month,
       COALESCE(u.amount_company, u.amount) AS revenue, 0::numeric AS cost,
       0::numeric AS idle_cost, COALESCE(u.amount_company, u.amount) AS margin
  FROM voip_did_charge c
  JOIN voip_did d ON d.id = c.did_id
  JOIN voip_usage_summary s ON s.id = c.summary_id
  JOIN voip_usage_row u ON u.id = c.usage_id AND u.account_id = c.account_id
   AND u.started_at = s.local_day + interval '12 hours'
 UNION ALL
SELECT 2 * c.id + 1, c.company_id, c.did_id, d.country_id, d.kind, d.block_id,
       c.supplier_id,
       NULL, NULL, date_trunc('month', c.month_first)::date, 0, c.amount_company,
       CASE WHEN x.days > 0 AND c.fee = 'monthly'
            THEN round(c.amount_company * GREATEST(x.past - y.days, 0) / x.days, 8)
            ELSE 0 END,
       -c.amount_company
  FROM voip_did_cost c
  JOIN voip_did d ON d.id = c.did_id
 CROSS JOIN LATERAL (
       SELECT GREATEST(COALESCE(d.held_from, d.create_date::date), c.month_first) AS a,
              LEAST(COALESCE(d.returned_on - 1, c.month_last), c.month_last) AS z) h
 CROSS JOIN LATERAL (SELECT LEAST(h.z, %(today)s::date) AS t) n
 CROSS JOIN LATERAL (
       SELECT h.z - h.a + 1 AS days, GREATEST(n.t - h.a + 1, 0) AS past) x
 CROSS JOIN LATERAL (
       SELECT COALESCE(sum(LEAST(COALESCE(s.date_end, n.t), n.t)
                           - GREATEST(s.date_start, h.a) + 1), 0) AS days
         FROM voip_did_assignment s
        WHERE s.did_id = c.did_id AND s.date_start <= n.t
          AND COALESCE(s.date_end, n.t) >= h.a) y
"""
