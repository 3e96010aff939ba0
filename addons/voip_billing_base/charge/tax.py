"""Estimated taxes of what is charged."""

from decimal import Decimal

import numpy as np

from ..engine.exact import add_at
from ..engine.rounding import tax_estimates

SCALE = 8


def estimated_taxes(rates, group, charged):
    """Scaled estimates (int array) of n charges.

    :param rates: list of ``TaxRate``
    :param group: int array of n, the rate of each charge
    :param charged: {field of a rate: int array of n}, amounts in units of 10**-8
    """
    taxes = np.zeros(len(group), np.int64)
    for name, values in charged.items():
        known = [getattr(rate, name) for rate in rates]
        for ratio in set(known) - {Decimal(0)}:
            rows = np.array([one == ratio for one in known])[group]
            some = values[rows]
            if name != "amount":
                some = some.astype(object) * 10**SCALE
            found = tax_estimates(some, ratio, SCALE)
            taxes = add_at(taxes, np.flatnonzero(rows), found)
    return taxes
