"""Which rental the wallets of prepaid accounts can pay."""

from decimal import Decimal

import numpy as np

from odoo.addons.voip_billing_base.accounts.voip_account_credit import AVAILABLE
from odoo.addons.voip_billing_base.charge.tax import estimated_taxes

SCALE = 8


def unaffordable(env, holdings, rows, difference):
    """Rows (bool array) that are not charged, because a wallet has too little.

    An assignment is paid with all its fees and months or not at all, a block with all
    its numbers. The oldest come first; what is given back goes through in any case.

    :param rows: :class:`~..rental.holdings.Rows` that would be charged
    :param difference: what each would be charged, scaled by 10**8
    """
    left = np.zeros(len(rows), bool)
    payers = {a.id: a.payer_id for a in holdings.accounts.values()}
    strict = {account for account, p in payers.items() if p.mode != "postpaid"}
    held = [holdings.held[place] for place in rows.holding.tolist()]
    asked = np.array([one.account_id in strict for one in held], bool)
    if not asked.any():
        return left
    costs = difference + _taxes(env, holdings, held, difference)
    places = np.flatnonzero(asked).tolist()
    groups, totals = {}, {}
    for place in places:
        one = held[place]
        key = payers[one.account_id].id, one.block_id or -one.id
        groups.setdefault(key, []).append(place)
        totals[key] = totals.get(key, 0) + int(costs[place])
    budget = _budgets(env, {payer for payer, _group in groups})
    for key, total in totals.items():
        if total > 0 and total > budget[key[0]]:
            left[groups[key]] = True
        else:
            budget[key[0]] -= total
    return left


def _taxes(env, holdings, held, difference):
    services = {plan.id: plan.service_id.id for plan in holdings.plans.values()}
    pairs = [(one.account_id, services[one.plan_id]) for one in held]
    rates = env["voip.account"]._tax_rates(set(pairs))
    numbers = {pair: number for number, pair in enumerate(rates)}
    group = np.array([numbers[pair] for pair in pairs], np.int64)
    none = np.zeros(len(held), np.int64)
    charged = {"amount": difference, "units": none, "seconds": none}
    return estimated_taxes(list(rates.values()), group, charged)


def _budgets(env, payers):
    """{payer: what his wallet may still spend, scaled by 10**8}."""
    env.cr.execute(
        f"SELECT w.account_id, ({AVAILABLE})::text FROM voip_wallet w"
        " WHERE w.account_id = ANY(%s)",
        [list(payers)],
    )
    found = {payer: Decimal(amount) for payer, amount in env.cr.fetchall()}
    return {p: int(found.get(p, Decimal(0)).scaleb(SCALE)) for p in payers}
