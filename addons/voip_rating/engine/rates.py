"""The rates of a deck as columns, checked once."""

from dataclasses import dataclass

import numpy as np

from .columns import build, check_digits
from .money import NONE, ONE, PRICE_LIMIT
from .number_rules import MAX_DIGITS
from .parse import INT64_MAX
from .seconds import GRACE_LIMIT, INCREMENT_LIMIT

OPEN_END = INT64_MAX  # effective_to of a rate without end
ALWAYS = -INT64_MAX  # effective_from of a rate without beginning

_TOP = PRICE_LIMIT * ONE - 1
_INT32_MAX = 2**31 - 1

# column: (dtype, default, lowest, highest); no default = required
_COLUMNS = {
    "rate_id": (np.int64, None, 0, INT64_MAX),
    "prefix": (np.int64, None, 0, 10**MAX_DIGITS - 1),
    "prefix_len": (np.int8, None, 0, MAX_DIGITS),
    "price": (np.int64, None, 0, _TOP),
    "origin": (np.int64, 0, 0, 10**MAX_DIGITS - 1),
    "origin_len": (np.int8, 0, 0, MAX_DIGITS),
    "price_intra": (np.int64, NONE, NONE, _TOP),
    "price_local": (np.int64, NONE, NONE, _TOP),
    "price_indeterminate": (np.int64, NONE, NONE, _TOP),
    "first_price": (np.int64, NONE, NONE, _TOP),
    "connect_fee": (np.int64, 0, 0, _TOP),
    "min_charge": (np.int64, 0, 0, _TOP),
    "max_charge": (np.int64, NONE, NONE, _TOP),
    "attempt_fee": (np.int64, 0, 0, _TOP),
    "initial": (np.int64, 1, 1, INCREMENT_LIMIT),
    "next": (np.int64, 1, 1, INCREMENT_LIMIT),
    "grace": (np.int64, 0, 0, GRACE_LIMIT),
    "effective_from": (np.int64, ALWAYS, ALWAYS, INT64_MAX),
    "effective_to": (np.int64, OPEN_END, ALWAYS, INT64_MAX),
    "blocked": (bool, False, 0, 1),
    "payback": (bool, False, 0, 1),
    "destination_id": (np.int32, 0, 0, _INT32_MAX),
    "service_id": (np.int32, 0, 0, _INT32_MAX),
}


@dataclass(frozen=True, slots=True, eq=False)
class Rates:
    """Columns of one length, one row per rate version; build with :meth:`of`.

    Prefixes and origins are E.164 digits as an int and their count (0 digits matches
    every number, or is no origin). Money is scaled by 10^8, prices per minute, ``-1``
    = none; ``first_price`` is of the first increment. Times are microseconds since
    1970; a rate counts while ``effective_from <= t < effective_to``. A payback rate has
    a positive price, negates the amount and has no fee of the attempt.
    """

    rate_id: np.ndarray
    prefix: np.ndarray
    prefix_len: np.ndarray
    price: np.ndarray
    origin: np.ndarray
    origin_len: np.ndarray
    price_intra: np.ndarray
    price_local: np.ndarray
    price_indeterminate: np.ndarray
    first_price: np.ndarray
    connect_fee: np.ndarray
    min_charge: np.ndarray
    max_charge: np.ndarray
    attempt_fee: np.ndarray
    initial: np.ndarray
    next: np.ndarray
    grace: np.ndarray
    effective_from: np.ndarray
    effective_to: np.ndarray
    blocked: np.ndarray
    payback: np.ndarray
    destination_id: np.ndarray
    service_id: np.ndarray

    @classmethod
    def of(cls, **columns):
        """Check the columns given and fill the others with their defaults.

        :raise ValueError: for a missing column, a length or a value out of bounds
        """
        rates = cls(**build(_COLUMNS, columns))
        check_digits(rates.prefix, rates.prefix_len, "prefix")
        check_digits(rates.origin, rates.origin_len, "origin")
        if (rates.effective_from >= rates.effective_to).any():
            raise ValueError("a rate must end after it begins")
        if (rates.payback & (rates.attempt_fee > 0)).any():
            raise ValueError("a payback rate has no attempt fee")
        return rates

    def __len__(self):
        return len(self.rate_id)
