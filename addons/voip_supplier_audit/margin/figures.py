"""Sums of what sells for too little: from summaries, then of those calls alone."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from .restore import Billed, charge_of, restoring_price
from .terms import Sums

EXACT = (
    "price",
    "sale",
    "cost",
    "deck_sale",
    "price_per_minute",
    "first_price",
    "connect_fee",
    "min_charge",
    "max_charge",
    "attempt_fee",
)


@dataclass(frozen=True, slots=True)
class Cause:
    """What an alert is about; ids, and the name of the destination."""

    account: int
    deck: int
    label: str
    destination: int


@dataclass(frozen=True, slots=True)
class Line:
    """Calls of one day that one rate version sold at one price.

    ``deck_sale`` is what they came to in the deck's currency; ``rate`` the row of the
    version with its deck's decimals and rounding.
    """

    rate: dict
    price: Decimal
    sums: Sums
    deck_sale: Decimal
    billed: Billed

    def restoring(self, terms, factor):
        """The price that restores the margin, or None; see :func:`restoring_price`.

        :param factor: units of the deck's currency for one of the company's, a
            Fraction, where the calls themselves do not say it
        """
        needed = self.sums.needed(terms)
        if self.sums.sale and self.deck_sale:
            factor = Fraction(self.deck_sale) / Fraction(self.sums.sale)
        if needed is None or factor is None:
            return None
        charge = charge_of(self.rate, self.price)
        return restoring_price(
            self.price, self.deck_sale, needed * factor, charge, self.billed
        )


def low_keys(cr, company, days, terms):
    """{(account, destination name, destination or 0)} with a summary below ``terms``.

    What a deck sells is below only where some summary of it is.

    :param days: (first, last) local days
    :param terms: with the highest threshold of all that may apply
    """
    params = {
        "company": company,
        "first": days[0],
        "last": days[1],
        "share": _decimal(terms.share_left),
        "minute": terms.overhead_minute,
    }
    cr.execute(LOW_SQL, params)
    return set(cr.fetchall())


def lines_of(cr, company, days, keys):
    """{Cause: {day: [Line]}} of the calls of these keys of :func:`low_keys`.

    Calls are found by their accounts, from the first day to the last.
    """
    if not keys:
        return {}
    accounts, labels, destinations = zip(*sorted(keys), strict=True)
    params = {
        "company": company,
        "first": days[0],
        "last": days[1],
        "accounts": list(accounts),
        "labels": list(labels),
        "destinations": list(destinations),
    }
    cr.execute(LINES_SQL, params)
    found = defaultdict(lambda: defaultdict(list))
    for row in cr.dictfetchall():
        names = ("account_id", "deck_id", "label", "destination_id")
        cause = Cause(*(row[name] for name in names))
        found[cause][row["local_day"]].append(_line(row))
    return found


def _line(row):
    # Odoo reads numeric as float; text keeps each digit.
    row |= {name: Decimal(row[name]) for name in EXACT}
    sums = Sums(row["sale"], row["cost"], row["billed_total"], row["answered_calls"])
    billed = Billed(row["seconds"], row["free"], row["numbers"])
    return Line(row, row["price"], sums, row["deck_sale"], billed)


def _decimal(share):
    """A Fraction of hundredths of a percent is a Decimal without rest."""
    return Decimal(share.numerator) / Decimal(share.denominator)


LOW_SQL = """
SELECT DISTINCT account_id, label, COALESCE(destination_id, 0)
  FROM voip_usage_summary
 WHERE company_id = %(company)s AND local_day BETWEEN %(first)s AND %(last)s
   AND amount_company >= 0 AND (amount_company > 0 OR cost > 0 OR seconds > 0)
   AND 60 * (amount_company * %(share)s - cost) < %(minute)s * seconds
"""
# Calls of a local day begin within a day of it in UTC: so few months are read.
LINES_SQL = """
WITH low AS (
    SELECT * FROM unnest(%(accounts)s, %(labels)s, %(destinations)s)
        AS k (account_id, label, destination_id)),
chosen AS (
    SELECT s.id, s.account_id, s.local_day, s.label, k.destination_id, s.unit_price
      FROM voip_usage_summary s
      JOIN low k ON k.account_id = s.account_id AND k.label = s.label
       AND k.destination_id = COALESCE(s.destination_id, 0)
     WHERE s.company_id = %(company)s AND s.local_day BETWEEN %(first)s AND %(last)s),
span AS (SELECT DISTINCT account_id FROM chosen),
length AS (
    SELECT s.account_id, s.local_day, s.label, s.destination_id, u.rate_id,
           COALESCE(u.unit_price, s.unit_price) AS price, u.billed_seconds,
           NOT u.answered OR (u.billed_seconds = 0 AND r.grace_seconds > 0
                              AND d.grace_kind = 'threshold') AS free,
           sum(CASE WHEN u.reversal_of IS NULL THEN 1 ELSE -1 END) AS number,
           sum(CASE WHEN NOT u.answered THEN 0
                    WHEN u.reversal_of IS NULL THEN 1 ELSE -1 END) AS answered,
           sum(COALESCE(u.amount_company, u.amount)) AS sale, sum(u.cost) AS cost,
           sum(COALESCE(u.deck_amount, u.amount)) AS deck_sale
      FROM span a
      JOIN voip_usage_row u ON u.account_id = a.account_id
       AND u.started_at >= %(first)s::date - interval '1 day'
       AND u.started_at < %(last)s::date + interval '2 days'
      JOIN chosen s ON s.id = u.summary_id
      JOIN voip_rate r ON r.id = u.rate_id AND r.payback IS NOT TRUE
      JOIN voip_rate_deck d ON d.id = r.deck_id
     GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
    UNION ALL
    -- Cost that was accepted of suppliers beside that of the calls.
    SELECT s.account_id, s.local_day, s.label, s.destination_id, c.rate_id, c.price, 0,
           true, 0, 0, 0, sum(c.cost), 0
      FROM chosen s
      JOIN voip_supplier_correction_row c ON c.summary_id = s.id
      JOIN voip_rate r ON r.id = c.rate_id AND r.payback IS NOT TRUE
     GROUP BY 1, 2, 3, 4, 5, 6),
line AS (
    SELECT account_id, local_day, label, destination_id, rate_id, price,
           array_agg(billed_seconds) AS seconds, array_agg(free) AS free,
           array_agg(number::bigint) AS numbers, sum(answered) AS answered_calls,
           sum(billed_seconds::bigint * number) AS billed_total,
           sum(sale) AS sale, sum(cost) AS cost, sum(deck_sale) AS deck_sale
      FROM length GROUP BY 1, 2, 3, 4, 5, 6)
SELECT l.account_id, l.local_day, l.label, l.destination_id, l.rate_id, l.seconds,
       l.free, l.numbers, l.answered_calls::bigint, l.billed_total::bigint,
       l.price::text, l.sale::text, l.cost::text, l.deck_sale::text,
       r.deck_id, r.prefix, r.price_per_minute::text, r.first_price::text,
       r.connect_fee::text, r.min_charge::text, r.max_charge::text,
       r.attempt_fee::text, r.initial_increment, d.decimals, d.rounding
  FROM line l
  JOIN voip_rate r ON r.id = l.rate_id
  JOIN voip_rate_deck d ON d.id = r.deck_id
 ORDER BY l.account_id, r.deck_id, l.label, l.local_day, r.prefix, l.rate_id, l.price
"""
