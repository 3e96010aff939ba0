"""Stock of numbers: how many are held, in use and idle, and what idle ones cost."""

from odoo import fields, models, tools

from odoo.addons.voip_billing_base.const import MONEY
from odoo.addons.voip_billing_base.fields import Amount

from ..numbers.voip_did import KINDS

COUNT = {"readonly": True, "aggregator": "sum"}


class VoipDidStock(models.Model):
    """One row for each country, kind, supplier and currency of costs."""

    _name = "voip.did.stock"
    _inherit = ["voip.guard"]
    _description = "Stock of Numbers"
    _auto = False
    _order = "held desc, id"
    _rec_name = "country_id"

    company_id = fields.Many2one("res.company", readonly=True)
    country_id = fields.Many2one("res.country", readonly=True)
    kind = fields.Selection(KINDS, readonly=True)
    supplier_id = fields.Many2one("res.partner", readonly=True)
    held = fields.Integer(help="All but those that went back.", **COUNT)
    used = fields.Integer(string="Assigned", help="Suspended ones, too.", **COUNT)
    free = fields.Integer(**COUNT)
    waiting = fields.Integer(
        string="Waiting", help="Reserved, quarantined or being ported.", **COUNT
    )
    utilisation = fields.Float(
        string="Utilisation %",
        digits=(16, 1),
        readonly=True,
        aggregator=None,
        help="Assigned ones of those that are held.",
    )
    currency_id = fields.Many2one("res.currency", readonly=True)
    cost = Amount(
        string="Monthly Cost",
        readonly=True,
        aggregator=None,
        **{name: value for name, value in MONEY.items() if name != "aggregator"},
    )
    idle_cost = Amount(
        string="Cost of Idle",
        readonly=True,
        aggregator=None,
        help="Monthly cost of the numbers that are at no account.",
        **{name: value for name, value in MONEY.items() if name != "aggregator"},
    )

    def init(self):
        tools.drop_view_if_exists(self.env.cr, self._table)
        self.env.cr.execute(VIEW_SQL)


VIEW_SQL = """
CREATE VIEW voip_did_stock AS
SELECT min(id) AS id, company_id, country_id, kind, supplier_id,
       cost_currency_id AS currency_id,
       count(*) AS held,
       count(*) FILTER (WHERE state IN ('assigned', 'suspended')) AS used,
       count(*) FILTER (WHERE state = 'free') AS free,
       count(*) FILTER (WHERE state NOT IN ('assigned', 'suspended', 'free'))
           AS waiting,
       round(100.0 * count(*) FILTER (WHERE state IN ('assigned', 'suspended'))
             / count(*), 1) AS utilisation,
       sum(cost_monthly) AS cost,
       COALESCE(sum(cost_monthly)
                FILTER (WHERE state NOT IN ('assigned', 'suspended')), 0) AS idle_cost
  FROM voip_did
 WHERE active AND state <> 'returned'
 GROUP BY company_id, country_id, kind, supplier_id, cost_currency_id
"""
