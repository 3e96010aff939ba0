"""The cost run: what numbers cost by today, less what was counted, becomes cost."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.voip_billing_base.charge.exchange import (
    rate_between,
    refuse_unconverted,
)
from odoo.addons.voip_billing_base.charge.transaction import lock_company, run_money


class VoipDidCost(models.Model):
    _inherit = "voip.did.cost"

    # === CRON METHODS === #

    @api.model
    def _cron_accrue(self):
        """Count what is due in every company."""
        groups = self.env["voip.did"]._read_group([], ["company_id"])
        for (company,) in groups:
            run_money(
                self.env, lambda env, own=company: env[self._name]._accrue(own.id)
            )

    # === BUSINESS METHODS === #

    @api.model
    def _accrue(self, company_id):
        """Count what the company's numbers cost by today; how many rows were written.

        A month counts from its first day on, wholly; a number that goes back within it
        gives back its days, where the supplier counts by the day. A second call writes
        nothing. What is in a currency without an exchange rate on the first day of its
        month is left for a later call, and the billing managers are told.
        """
        lock_company(self.env.cr, company_id)
        self.env.flush_all()
        values = {"company": company_id, "today": fields.Date.context_today(self)}
        self.env.cr.execute(f"{OWED_SQL} {PAIRS_SQL}", values)
        company = self.env["res.company"].browse(company_id)
        rates, lacking = {}, {}
        for currency, day in self.env.cr.fetchall():
            try:
                rates[currency, day] = self._company_rate(company, currency, day)
            except UserError as error:
                lacking.setdefault(currency, str(error))
        company._tell_uncounted(lacking)
        if not rates:
            return 0
        values |= {
            "currencies": [currency for currency, _day in rates],
            "days": [day for _currency, day in rates],
            "rates": [str(rate) for rate in rates.values()],
        }
        self.env.cr.execute(f"{OWED_SQL} {INSERT_SQL}", values)
        return self.env.cr.rowcount

    @api.model
    def _company_rate(self, company, currency_id, day):
        currency, own = (
            self.env["res.currency"].browse(currency_id),
            company.currency_id,
        )
        if currency == own:
            return 1
        refuse_unconverted(company, currency, day)
        return rate_between(currency, own, company, day)


# Months begin on the supplier's day. A new supplier's begin after those that were
# counted for the one before. The cost of a month is the one it was first counted by.
# Months that ended more than 400 days ago are looked at once.
OWED_SQL = """
WITH held AS (
    SELECT d.id, d.company_id, d.supplier_id, d.cost_currency_id AS currency_id,
           d.cost_monthly, d.cost_setup, COALESCE(t.invoice_day, 1) - 1 AS shift,
           COALESCE(t.prorate, 'day') = 'whole' AS whole,
           GREATEST(COALESCE(d.held_from, d.create_date::date),
                    x.others + 1) AS first,
           COALESCE(d.returned_on - 1, DATE '9999-12-31') AS last, x.counted
      FROM voip_did d
      LEFT JOIN voip_did_supplier t
        ON t.partner_id = d.supplier_id AND t.company_id = d.company_id
     CROSS JOIN LATERAL (
           SELECT min(c.month_first) FILTER (WHERE c.supplier_id = d.supplier_id)
                  AS counted,
                  max(c.month_last) FILTER (WHERE c.supplier_id <> d.supplier_id)
                  AS others
             FROM voip_did_cost c WHERE c.did_id = d.id) x
     WHERE d.company_id = %(company)s AND d.supplier_id IS NOT NULL
), months AS (
    SELECT h.*, m.first::date AS month_first,
           (m.first + interval '1 month')::date - 1 AS month_last
      FROM held h
     CROSS JOIN LATERAL (
           SELECT CASE WHEN h.counted IS NULL THEN h.first
                       ELSE GREATEST(LEAST(h.first, h.counted),
                                     %(today)s::date - 400) END AS day) b
     CROSS JOIN LATERAL generate_series(
           date_trunc('month', (b.day - h.shift)::timestamp)
           + make_interval(days => h.shift), %(today)s::timestamp,
           interval '1 month') AS m (first)
), known AS (
    SELECT m.*, f.fee, c.turn, COALESCE(c.unit_cost, f.cost) AS unit,
           COALESCE(c.amount, 0) AS counted_amount,
           COALESCE(c.currency_id, m.currency_id) AS own_currency_id,
           GREATEST(LEAST(m.last, m.month_last)
                    - GREATEST(m.first, m.month_first) + 1, 0) AS days
      FROM months m
     CROSS JOIN LATERAL (VALUES ('monthly', m.cost_monthly), ('setup', m.cost_setup))
           AS f (fee, cost)
     CROSS JOIN LATERAL (
           SELECT max(c.turn) AS turn, sum(c.amount) AS amount,
                  (array_agg(c.unit_cost ORDER BY c.turn))[1] AS unit_cost,
                  (array_agg(c.currency_id ORDER BY c.turn))[1] AS currency_id
             FROM voip_did_cost c
            WHERE c.did_id = m.id AND c.supplier_id = m.supplier_id
              AND c.fee = f.fee AND c.month_first = m.month_first) c
), owed AS (
    SELECT k.*, CASE
           WHEN k.fee = 'setup' THEN
                CASE WHEN k.first BETWEEN k.month_first AND k.month_last
                      AND k.days > 0 THEN k.unit ELSE 0 END
           WHEN k.whole THEN CASE WHEN k.days > 0 THEN k.unit ELSE 0 END
           ELSE round(k.unit * k.days / (k.month_last - k.month_first + 1), 8)
           END - k.counted_amount AS difference
      FROM known k
)"""
PAIRS_SQL = """
SELECT DISTINCT own_currency_id, month_first FROM owed WHERE difference <> 0
 ORDER BY 1, 2
"""
INSERT_SQL = """
INSERT INTO voip_did_cost
       (company_id, did_id, supplier_id, fee, month_first, month_last, turn, days,
        unit_cost, currency_id, amount, amount_company)
SELECT o.company_id, o.id, o.supplier_id, o.fee, o.month_first, o.month_last,
       COALESCE(o.turn, 0) + 1, o.days, o.unit, o.own_currency_id, o.difference,
       round(o.difference * r.rate::numeric, 8)
  FROM owed o
  JOIN unnest(%(currencies)s::integer[], %(days)s::date[], %(rates)s::text[])
       AS r (currency_id, day, rate)
    ON r.currency_id = o.own_currency_id AND r.day = o.month_first
 WHERE o.difference <> 0
 ORDER BY o.id, o.month_first, o.fee
"""
