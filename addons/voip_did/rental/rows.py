"""COPY lines of rental: rated usage, and the charge that it is."""

import numpy as np

from odoo.addons.voip_billing_base.engine import copy_lines as text

from ..engine.rental import held

DAY_US = 86_400_000_000
USAGE_COLUMNS = (
    "id",
    "started_at",
    "called_number",
    "company_id",
    "account_id",
    "summary_id",
    "answered",
    "amount",
    "amount_company",
    "units",
)
CHARGE_COLUMNS = (
    "company_id",
    "account_id",
    "plan_id",
    "assignment_id",
    "did_id",
    "fee",
    "month_first",
    "month_last",
    "turn",
    "days",
    "through",
    "tier",
    "unit_price",
    "currency_id",
    "amount",
    "month_price",
    "summary_id",
    "usage_id",
)


def usage_lines(company_id, ids, holdings, rows, charge, summaries):
    """COPY lines of :data:`USAGE_COLUMNS`; the start is noon (UTC) of the day.

    :param ids, summaries: int64 arrays
    """
    one = [holdings.held[place] for place in rows.holding.tolist()]
    same = charge.amount_company == charge.amount
    return text.lines(
        [
            text.integers(ids),
            text.moments(charge.local_day * DAY_US + DAY_US // 2),
            text.integers(np.array([int(held_.number) for held_ in one], np.int64)),
            str(company_id),
            text.integers(charge.account_id),
            text.integers(summaries),
            "t",
            text.money(charge.amount),
            text.only(~same, text.money(charge.amount_company)),
            text.only(charge.units != 1, text.integers(charge.units)),
        ]
    )


def charge_lines(company_id, ids, holdings, rows, charge, summaries, days, prices):
    """COPY lines of :data:`CHARGE_COLUMNS`.

    :param days: days of each month that are paid for now
    :param prices: what each month comes to now, scaled by 10**8
    """
    one = [holdings.held[place] for place in rows.holding.tolist()]
    first, last = held(rows.terms)
    through = np.where(days > 0, last, np.minimum(first, rows.terms.first) - 1)
    return text.lines(
        [
            str(company_id),
            text.integers(charge.account_id),
            *(
                text.integers(np.array([getattr(x, name) for x in one], np.int64))
                for name in ("plan_id", "id", "did_id")
            ),
            text.picked(holdings.fees, rows.fee),
            text.days(rows.terms.first),
            text.days(rows.terms.last),
            text.integers(rows.turn + 1),
            text.integers(days),
            text.days(through),
            text.integers(rows.tier),
            text.few_money(charge.unit_price),
            text.integers(charge.currency_id),
            text.money(charge.amount),
            text.few_money(prices),
            text.integers(summaries),
            text.integers(ids),
        ]
    )
