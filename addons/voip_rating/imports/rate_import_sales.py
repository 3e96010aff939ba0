"""What customer decks sell below the new cost of a supplier's sheet."""

from datetime import timedelta

from odoo import fields, models

from odoo.addons.voip_billing_base.charge.exchange import lacking_rate, rate_between
from odoo.addons.voip_billing_base.charge.planner import no_nested_loops

DAYS = 30
# What a code costs from a moment on: its new price, or the one of the shorter code that
# takes over from it.
_COST = """
told AS (
    SELECT prefix, label, price, starts FROM voip_rate_import_row
     WHERE import_id = %(id)s AND status IN ('new', 'increased', 'changed')
       AND origin_prefix IS NULL AND price > 0
    UNION ALL
    SELECT prefix, label, falls_price, ends FROM voip_rate_import_row
     WHERE import_id = %(id)s AND status = 'closed'
       AND origin_prefix IS NULL AND falls_price > 0),
cost AS (
    SELECT DISTINCT ON (prefix) prefix, label, price,
           GREATEST(starts, %(now)s) AS starts
      FROM told ORDER BY prefix, price DESC)
"""
_INSERT = """
INSERT INTO voip_rate_import_sale
    (import_id, company_id, deck_id, prefix, label, sold_prefix, cost, price, margin,
     calls)
"""
# Of each customer deck the price of the longest code, when the new cost begins.
_SOLD = f"""
{_INSERT}
WITH {_COST},
part AS (
    SELECT c.prefix, c.starts, left(c.prefix, n) AS sold
      FROM cost c JOIN generate_series(1, 15) n ON n <= length(c.prefix)),
sale AS (
    SELECT DISTINCT ON (p.prefix) p.prefix, r.prefix AS sold, r.blocked,
           r.price_per_minute * %(factor)s AS price
      FROM part p
      JOIN voip_rate r ON r.deck_id = %(deck)s AND r.prefix = p.sold
       AND r.origin_prefix IS NULL AND r.effective_from <= p.starts
       AND (r.effective_to IS NULL OR r.effective_to > p.starts)
     ORDER BY p.prefix, length(r.prefix) DESC, r.effective_from DESC)
SELECT %(id)s, %(company)s, %(deck)s, c.prefix, c.label, s.sold, c.price,
       round(s.price, 8), round(s.price, 8) - c.price, 0
  FROM cost c JOIN sale s USING (prefix)
 WHERE s.price < c.price AND s.blocked IS NOT TRUE
"""
# Longer codes of a customer deck cost what the longest code of the supplier's does, and
# are found by the index of their deck, in which they follow the shorter one.
_SOLD_LONGER = f"""
{_INSERT}
WITH {_COST},
sale AS (
    SELECT DISTINCT ON (r.prefix) r.prefix AS sold, r.blocked, c.prefix, c.label,
           c.price AS cost, c.starts, r.price_per_minute * %(factor)s AS price
      FROM cost c JOIN voip_rate r
        ON r.deck_id = %(deck)s AND r.prefix >= c.prefix
       AND r.prefix <= c.prefix || '999999999999999'
     WHERE starts_with(r.prefix, c.prefix) AND r.origin_prefix IS NULL
       AND r.effective_from <= c.starts
       AND (r.effective_to IS NULL OR r.effective_to > c.starts)
     ORDER BY r.prefix, length(c.prefix) DESC, r.effective_from DESC),
loss AS (
    SELECT * FROM sale
     WHERE sold <> prefix AND price < cost AND blocked IS NOT TRUE),
own AS (
    SELECT prefix, effective_from AS starts, effective_to AS ends
      FROM voip_rate r
     WHERE deck_id = %(supplier)s AND origin_prefix IS NULL AND NOT EXISTS (
           SELECT FROM voip_rate_import_row w
            WHERE w.import_id = %(id)s AND w.status = 'closed'
              AND w.prefix = r.prefix AND w.origin_prefix IS NULL)
    UNION ALL
    SELECT prefix, starts, ends FROM voip_rate_import_row
     WHERE import_id = %(id)s AND origin_prefix IS NULL
       AND status IN ('new', 'increased', 'decreased', 'changed', 'unchanged')),
elsewhere AS (
    SELECT DISTINCT l.sold
      FROM loss l JOIN generate_series(2, 15) n
        ON n > length(l.prefix) AND n <= length(l.sold)
      JOIN own o ON o.prefix = left(l.sold, n) AND o.starts <= l.starts
       AND (o.ends IS NULL OR o.ends > l.starts))
SELECT %(id)s, %(company)s, %(deck)s, prefix, label, sold, cost, round(price, 8),
       round(price, 8) - cost, 0
  FROM loss l WHERE NOT EXISTS (SELECT FROM elsewhere e WHERE e.sold = l.sold)
"""
_CALLS = """
WITH carried AS (
    SELECT b.prefix, s.deck_id, s.prefix AS sold, count(*) AS calls
      FROM voip_usage_row u
      JOIN voip_rate b ON b.id = u.cost_rate_id AND b.deck_id = %(supplier)s
      JOIN voip_rate s ON s.id = u.rate_id
     WHERE u.started_at >= %(since)s
     GROUP BY b.prefix, s.deck_id, s.prefix)
UPDATE voip_rate_import_sale l SET calls = c.calls
  FROM carried c
 WHERE l.import_id = %(id)s AND l.prefix = c.prefix AND l.deck_id = c.deck_id
   AND l.sold_prefix = c.sold
"""


class VoipRateImport(models.Model):
    _inherit = "voip.rate.import"

    sale_problem = fields.Text(
        string="Not Compared",
        readonly=True,
        copy=False,
        help="Customer decks whose currency has no exchange rate of today or before.",
    )

    def _find_sales(self):
        """List the codes that are sold below their new cost."""
        if self.side != "supplier":
            return
        now, cr = fields.Datetime.now(), self.env.cr
        params = {"id": self.id, "company": self.company_id.id, "now": now}
        params |= {"supplier": self.deck_id.id}
        decks = self.env["voip.rate.deck"].search(
            [("side", "=", "customer"), ("company_id", "=", self.company_id.id)]
        )
        since, problems, compared = now - timedelta(days=DAYS), [], []
        self.env["res.currency.rate"].flush_model()
        with no_nested_loops(cr):
            for deck in decks:
                pair = deck.currency_id, self.currency_id, self.company_id, now.date()
                if lacking := lacking_rate(*pair):
                    problems.append(self._not_compared(deck, lacking))
                    continue
                values = {"deck": deck.id, "factor": rate_between(*pair)}
                cr.execute(_SOLD, params | values)
                compared.append(values)
        for values in compared:
            cr.execute(_SOLD_LONGER, params | values)
        with no_nested_loops(cr):
            cr.execute(_CALLS, params | {"since": since})
        found = self.env["voip.rate.import.sale"]
        found.invalidate_model()
        count = found.search_count([("import_id", "=", self.id)])
        problem = "\n".join(problems)
        self._keep({"sale_count": count, "sale_problem": problem})

    def _not_compared(self, deck, currency):
        return self.env._(
            "%(deck)s cannot be compared with the new costs: %(currency)s has no "
            "exchange rate of today or before.",
            deck=deck.display_name,
            currency=currency.name,
        )
