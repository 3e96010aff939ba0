"""Suppliers by month: how well they bill, how disputes with them end, their calls."""

from odoo import fields, models

from odoo.addons.voip_billing_base.const import MONEY
from odoo.addons.voip_billing_base.fields import Amount, BigInteger, ExactFloat

READ = {"readonly": True}
SHARE = {"digits": (16, 2), "readonly": True, "aggregator": "avg"}


class VoipSupplierScore(models.Model):
    """One supplier, currency and month, by the last day of the invoices' periods.

    Money is of reconciled invoices, in the invoices' currency. Calls are those that we
    rated at the supplier's decks in the month (UTC).
    """

    _name = "voip.supplier.score"
    _description = "Supplier's Scorecard"
    _inherit = ["voip.guard", "voip.currency.sums"]
    _auto = False
    _log_access = False
    _order = "month desc, theirs desc, id"
    _rec_name = "partner_id"

    company_id = fields.Many2one("res.company", **READ)
    partner_id = fields.Many2one("res.partner", string="Supplier", **READ)
    currency_id = fields.Many2one("res.currency", **READ)
    month = fields.Date(help="First day of the month in which the periods end.", **READ)
    invoices = BigInteger(**READ)
    theirs = Amount(string="Invoiced", help="Usage, before tax.", **MONEY, **READ)
    ours = Amount(**MONEY, **READ)
    difference = Amount(help="Theirs minus ours.", **MONEY, **READ)
    accuracy = ExactFloat(
        string="Bill Accuracy (%)",
        help="Of what was invoiced for usage, the part on lines within the tolerance.",
        **SHARE,
    )
    disputed = Amount(**MONEY, **READ)
    dispute_rate = ExactFloat(
        string="Disputed (%)", help="Of what was invoiced for usage.", **SHARE
    )
    credited = Amount(help="By claims that are closed.", **MONEY, **READ)
    credit_rate = ExactFloat(
        string="Won (%)",
        help="What the supplier credited of the claims that are closed.",
        **SHARE,
    )
    credit_days = ExactFloat(
        string="Days to Credit",
        help="From the opening of a claim to the supplier's credit, on average.",
        **SHARE,
    )
    notices_late = BigInteger(
        string="Late Notices",
        help="Price changes of the month that the supplier stated for an earlier day"
        " than the agreed term of notice gives.",
        **READ,
    )
    attempts = BigInteger(
        help="Calls that we sent at the supplier's rates, answered or not.", **READ
    )
    asr = ExactFloat(string="ASR (%)", help="Answered calls of all attempts.", **SHARE)
    quality = Amount(
        help="Debits to the supplier for poor quality that are confirmed, minus his"
        " credits for good one.",
        **MONEY,
        **READ,
    )
    calls = BigInteger(help="Answered calls at the supplier's rates.", **READ)
    minutes = fields.Float(digits=(16, 1), **READ)
    acd = ExactFloat(
        string="ACD (s)", help="Average duration of an answered call.", **SHARE
    )

    @property
    def _table_query(self):
        return SCORE_SQL

    def action_view_invoices(self):
        """The invoices of the row."""
        self.check_access("read")
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "voip_supplier_audit.voip_supplier_invoice_action"
        )
        following = fields.Date.add(self.month, months=1)
        return action | {
            "domain": [
                ("company_id", "=", self.company_id.id),
                ("partner_id", "=", self.partner_id.id),
                ("currency_id", "=", self.currency_id.id),
                ("period_end", ">=", self.month),
                ("period_end", "<", following),
            ],
            "context": {},
        }


SCORE_SQL = """
WITH line AS (
    SELECT invoice_id, sum(amount) AS theirs, sum(ours_amount) AS ours,
           sum(amount) FILTER (WHERE within) AS within,
           sum(disputed_amount) AS disputed
      FROM voip_supplier_invoice_line WHERE kind = 'usage' GROUP BY 1),
claim AS (
    SELECT invoice_id, sum(amount) AS closed, sum(credited_amount) AS credited,
           sum(closed_on - opened_on) FILTER (WHERE state = 'credited') AS days,
           count(*) FILTER (WHERE state = 'credited') AS credits
      FROM voip_supplier_claim WHERE state <> 'open' GROUP BY 1),
bill AS (
    SELECT i.company_id, p.commercial_partner_id AS partner_id, i.currency_id,
           date_trunc('month', i.period_end)::date AS month, min(i.id) AS id,
           count(*) AS invoices, sum(l.theirs) AS theirs,
           sum(l.ours + COALESCE(i.ours_unbilled, 0)) AS ours,
           COALESCE(sum(l.within), 0) AS within, sum(l.disputed) AS disputed,
           COALESCE(sum(c.closed), 0) AS closed,
           COALESCE(sum(c.credited), 0) AS credited,
           sum(c.days) AS days, sum(c.credits) AS credits
      FROM voip_supplier_invoice i
      JOIN res_partner p ON p.id = i.partner_id
      JOIN line l ON l.invoice_id = i.id
      LEFT JOIN claim c ON c.invoice_id = i.id
     WHERE i.state <> 'imported' GROUP BY 1, 2, 3, 4),
called AS (
    SELECT k.company_id, p.commercial_partner_id AS partner_id,
           date_trunc('month', k.slot)::date AS month,
           sum(k.attempts)::bigint AS attempts, sum(k.calls)::bigint AS calls,
           sum(k.duration_ms) AS duration_ms,
           sum(k.billed_seconds) AS seconds
      FROM voip_supplier_cost_row k
      JOIN res_partner p ON p.id = k.supplier_id GROUP BY 1, 2, 3),
late AS (
    SELECT d.company_id, p.commercial_partner_id AS partner_id,
           date_trunc('month', r.stated_from)::date AS month,
           count(DISTINCT (d.id, r.stated_from)) AS notices
      FROM voip_rate r JOIN voip_rate_deck d ON d.id = r.deck_id
      JOIN res_partner p ON p.id = d.partner_id
     WHERE d.side = 'supplier' AND r.stated_from IS NOT NULL GROUP BY 1, 2, 3),
quality AS (
    SELECT q.company_id, q.partner_id, q.month, q.currency_id,
           sum(CASE q.kind WHEN 'penalty' THEN q.amount ELSE -q.amount END) AS money
      FROM voip_supplier_proposal q WHERE q.state = 'confirmed' GROUP BY 1, 2, 3, 4)
SELECT b.id, b.company_id, b.partner_id, b.currency_id, b.month, b.invoices, b.theirs,
       b.ours, b.theirs - b.ours AS difference, b.disputed, b.credited,
       round(100 * b.within / NULLIF(b.theirs, 0), 2) AS accuracy,
       round(100 * b.disputed / NULLIF(b.theirs, 0), 2) AS dispute_rate,
       round(100 * b.credited / NULLIF(b.closed, 0), 2) AS credit_rate,
       round(b.days::numeric / NULLIF(b.credits, 0), 2) AS credit_days,
       COALESCE(l.notices, 0) AS notices_late, COALESCE(q.money, 0) AS quality,
       COALESCE(c.attempts, 0) AS attempts,
       round(100.0 * c.calls / NULLIF(c.attempts, 0), 2) AS asr,
       COALESCE(c.calls, 0) AS calls, COALESCE(c.seconds, 0) / 60.0 AS minutes,
       round(c.duration_ms / 1000.0 / NULLIF(c.calls, 0), 2) AS acd
  FROM bill b LEFT JOIN called c USING (company_id, partner_id, month)
  LEFT JOIN late l USING (company_id, partner_id, month)
  LEFT JOIN quality q USING (company_id, partner_id, month, currency_id)
"""
