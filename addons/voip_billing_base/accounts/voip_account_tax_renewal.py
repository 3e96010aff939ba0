"""Estimated taxes follow when taxes, fiscal positions or addresses change."""

from decimal import Decimal

from odoo import api, models

from ..charge.transaction import lock_company, run_money

CRON = "voip_billing_base.ir_cron_renew_tax"
ACCOUNTS = 500
# Estimates were rounded with each batch; less than this is no other tax.
LEAST = Decimal("0.001")


class VoipAccount(models.Model):
    _inherit = "voip.account"

    @api.model
    def _renew_tax_soon(self):
        """Have estimated taxes renewed after the commit, once a transaction."""
        kept = self.env.cr.precommit.data
        cron = self.env.ref(CRON, raise_if_not_found=False)
        if cron and not kept.get(CRON):
            kept[CRON] = True
            cron.sudo()._trigger()

    @api.model
    def _cron_renew_tax(self):
        """Renew the estimated taxes of all usage that is not invoiced."""
        self.env.cr.execute(ACCOUNT_SQL)
        progress = self.env["ir.cron"]._commit_progress
        for company_id, account_ids in self.env.cr.fetchall():
            for start in range(0, len(account_ids), ACCOUNTS):
                some = account_ids[start : start + ACCOUNTS]
                run_money(
                    self.env,
                    lambda env, c=company_id, a=some: (
                        env["voip.account"].browse(a)._renew_tax(c)
                    ),
                )
                progress(len(some))

    def _renew_tax(self, company_id):
        """Recompute the estimated tax of these accounts' open usage.

        Wallets are moved by what changed. Doing it twice changes nothing.
        """
        lock_company(self.env.cr, company_id)
        cr = self.env.cr
        cr.execute(PAIR_SQL, [self.ids, company_id])
        sums = {(row[0], row[1]): row[2:] for row in cr.fetchall()}
        rates = self._tax_rates(set(sums))
        changed = {
            pair: rate
            for pair, rate in rates.items()
            if _is_other(rate, *map(Decimal, sums[pair]))
        }
        if not changed:
            return
        columns = zip(*((*pair, *rate) for pair, rate in changed.items()), strict=True)
        cr.execute(RENEW_SQL, [*map(list, columns), company_id])
        self.env["voip.usage.summary"].invalidate_model(["tax"], flush=False)
        self.env["voip.wallet"]._move(
            [
                {
                    "account_id": payer_id,
                    "kind": "adjustment",
                    "tax": Decimal(tax),
                    "origin": self.env._("Estimated tax renewed"),
                }
                for payer_id, tax in cr.fetchall()
            ]
        )


def _is_other(rate, amount, units, seconds, tax):
    new = rate.amount * amount + rate.units * units + rate.seconds * seconds
    return abs(new - tax) >= LEAST


ACCOUNT_SQL = """
SELECT company_id, array_agg(account_id ORDER BY account_id)
  FROM (SELECT DISTINCT company_id, account_id FROM voip_usage_summary
         WHERE move_line_id IS NULL AND COALESCE(seal_id, 0) = 0) s
 GROUP BY 1 ORDER BY 1
"""
PAIR_SQL = """
SELECT account_id, service_id, sum(amount)::text, sum(units)::text, sum(seconds)::text,
       sum(tax)::text
  FROM voip_usage_summary
 WHERE account_id = ANY(%s) AND company_id = %s AND move_line_id IS NULL
   AND COALESCE(seal_id, 0) = 0
 GROUP BY 1, 2
"""
# Summaries are locked by id. A wallet's share of what changed.
RENEW_SQL = """
WITH rate AS (
    SELECT * FROM unnest(%s::int[], %s::int[], %s::numeric[], %s::numeric[],
                         %s::numeric[])
             AS r(account_id, service_id, of_amount, of_unit, of_second)
), found AS (
    SELECT s.id, s.tax, round(s.amount * r.of_amount, 6)
           + round(s.units * r.of_unit, 6)
           + round(s.seconds * r.of_second, 6) AS renewed
      FROM rate r JOIN voip_usage_summary s USING (account_id, service_id)
     WHERE s.company_id = %s AND s.move_line_id IS NULL
       AND COALESCE(s.seal_id, 0) = 0
     ORDER BY s.id FOR UPDATE OF s
), renewed AS (
    UPDATE voip_usage_summary s SET tax = f.renewed FROM found f
     WHERE s.id = f.id AND f.renewed <> f.tax
    RETURNING s.payer_id, f.renewed - f.tax AS change
)
SELECT payer_id, sum(change)::text FROM renewed GROUP BY 1 HAVING sum(change) <> 0
"""
