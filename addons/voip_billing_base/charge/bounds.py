"""What a summary and a wallet can hold. Who would pass it is refused alone."""

from decimal import Decimal

import numpy as np

from odoo.exceptions import UserError
from odoo.tools.translate import LazyTranslate

from ..engine.exact import largest

_lt = LazyTranslate(__name__)
AMOUNT_LIMIT = 10**15  # of a sum of money, in currency units
COUNT_LIMIT = 2**63 - 1  # of a sum of seconds, calls or units
# Odoo rounds a float by adding a share of 2**-50 first: from some point behind 2**48
# units that is a unit.
DOCUMENT_UNITS = 2**48
COUNTS = ("attempts", "calls", "units", "seconds")
AMOUNTS = ("amount", "amount_company", "cost")
SUMS = (*COUNTS, *AMOUNTS)
MONEY = (*AMOUNTS, "tax")
SCALE = 8
WORDS = {
    "attempts": _lt("the attempts"),
    "calls": _lt("the calls"),
    "units": _lt("the units"),
    "seconds": _lt("the seconds"),
    "amount": _lt("the usage"),
    "tax": _lt("the estimated tax"),
    "amount_company": _lt("the usage in company currency"),
    "cost": _lt("the cost"),
    "ledger_balance": _lt("the ledger balance"),
    "unbilled": _lt("the unbilled usage"),
    "unbilled_tax": _lt("the estimated tax"),
    "balance": _lt("the balance"),
    "movement": _lt("one movement"),
}


class OutOfBounds(UserError):
    """Sums of some accounts would pass a limit; the caller takes everything back.

    :param reasons: {account id: sentence}
    """

    def __init__(self, reasons):
        super().__init__("\n".join(reasons.values()))
        self.reasons = reasons


def out_of_bounds(env, found):
    """The :class:`OutOfBounds` to raise.

    :param found: {account id: (what passes, its value)}; what is a key of
        :data:`WORDS`, money is Decimal
    """
    accounts = env["voip.account"].sudo().browse(found)
    return OutOfBounds(
        {
            account.id: _sentence(env, account, *found[account.id])
            for account in accounts
        }
    )


def beyond(columns):
    """{account id: (column, value)} of new sums that no summary can hold.

    :param columns: {name: array} of sums, money in units of 10**-8, and ``account_id``
    """
    found = {}
    for name in (*SUMS, "tax"):
        limit = COUNT_LIMIT if name in COUNTS else AMOUNT_LIMIT * 10**SCALE
        values = columns[name]
        if largest(values) <= limit:
            continue
        for slot in np.flatnonzero(np.abs(values) > limit).tolist():
            value = int(values[slot])
            if name in MONEY:
                value = Decimal(value).scaleb(-SCALE)
            found.setdefault(int(columns["account_id"][slot]), (name, value))
    return found


def lock_summaries(env):
    """Lock the summaries of ``voip_summary_delta``, in the order of their ids.

    :raises OutOfBounds: some would pass a limit with what is added to them
    """
    env.cr.execute(LOCK_SQL)
    # A float, so with a wide margin; nobody is near in a usual batch.
    if (env.cr.fetchone()[0] or 0) < AMOUNT_LIMIT // 2:
        return
    env.cr.execute(BEYOND_SQL)
    found = {
        account: (name, Decimal(value) if name in MONEY else int(value))
        for account, name, value in env.cr.fetchall()
    }
    if found:
        raise out_of_bounds(env, found)


def largest_of(currency):
    """The largest document (Decimal) whose every unit Odoo counts."""
    return Decimal(DOCUMENT_UNITS).scaleb(-currency.decimal_places)


def limit_of(value):
    """The limit that holds for a value: money is Decimal, counts are int."""
    return AMOUNT_LIMIT if isinstance(value, Decimal) else COUNT_LIMIT


def number_text(value):
    """A number for people to read, exact."""
    text = f"{value:,f}" if isinstance(value, Decimal) else f"{value:,}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _sentence(env, account, what, value):
    return env._(
        "Account %(account)s: %(what)s would be %(value)s, beyond %(limit)s.",
        account=account.code,
        what=WORDS[what],
        value=number_text(value),
        limit=number_text(limit_of(value)),
    )


def _greatest(table):
    return f"GREATEST({', '.join(f'abs({table}.{n})' for n in (*SUMS, 'tax'))})"


_TOTALS = ", ".join(
    f"('{name}', s.{name}::numeric + d.{name},"
    f" {COUNT_LIMIT if name in COUNTS else AMOUNT_LIMIT})"
    for name in (*SUMS, "tax")
)
LOCK_SQL = f"""
WITH locked AS (
    SELECT {_greatest("s")} + {_greatest("d")} AS size
      FROM voip_usage_summary s JOIN voip_summary_delta d USING (id)
     ORDER BY s.id FOR UPDATE OF s)
SELECT max(size) FROM locked
"""
BEYOND_SQL = f"""
SELECT s.account_id, x.name, x.value::text
  FROM voip_usage_summary s JOIN voip_summary_delta d USING (id)
 CROSS JOIN LATERAL (VALUES {_TOTALS}) AS x(name, value, most)
 WHERE abs(x.value) > x.most
 ORDER BY s.id DESC
"""
