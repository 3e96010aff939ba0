"""Records and accounts out of bounds go to the error queue; others are charged."""

from decimal import Decimal

from odoo.addons.voip_billing_base.charge.bounds import OutOfBounds
from odoo.addons.voip_billing_base.charge.values import day_of

from ..engine.money import AMOUNT_LIMIT, ONE, to_text

RATE_LIMIT = 10**9
LEAST_RATE = Decimal("1e-12")


class Unfit(Exception):
    """Amounts of some records cannot be written.

    :param rows: {row: sentence}
    :param code: error code of these records
    """

    def __init__(self, rows, code="out_of_bounds"):
        super().__init__(f"{len(rows)} records: {code}")
        self.rows = rows
        self.code = code


def refuse_missing(keys, rates, group, rows):
    """Refuse conversions for which there is no exchange rate.

    :param keys: (currency from, currency to, days since 1970) of each rate
    :param rates: Decimals, or the name of the currency that has none
    :param group: the position of the rate of each row
    :param rows: row numbers to name
    :raises Unfit: naming the rows, the currency and the day
    """
    missing = {
        n: f"{rate} has no exchange rate of {day_of(keys[n][2])} or before"
        for n, rate in enumerate(rates)
        if isinstance(rate, str)
    }
    if missing:
        found = zip(rows.tolist(), group.tolist(), strict=True)
        raise Unfit(
            {row: missing[n] for row, n in found if n in missing}, "no_exchange_rate"
        )


def refuse_rates(rates, group, rows):
    """Refuse exchange rates that cannot be written, or that leave nothing.

    :param rates: Decimals; ``group`` is the position of the one of each row
    :param rows: row numbers to name
    :raises Unfit: naming the rows of such rates
    """
    unfit = {
        n: rate
        for n, rate in enumerate(rates)
        if not LEAST_RATE <= rate <= RATE_LIMIT
    }
    if unfit:
        raise Unfit(
            {
                row: f"the exchange rate {unfit[number]:f} of this day is not within"
                f" {LEAST_RATE:f} and {RATE_LIMIT:,}"
                for row, number in zip(rows.tolist(), group.tolist(), strict=True)
                if number in unfit
            }
        )


def refuse_amounts(amounts, rows):
    """Refuse converted amounts beyond the limit.

    :param amounts: scaled integers; those of int64 are always below it
    :param rows: row numbers to name
    :raises Unfit: naming the rows of such amounts
    """
    if amounts.dtype != object:
        return
    unfit = {
        row: f"the converted amount {to_text([amount])[0]} is beyond {AMOUNT_LIMIT:,}"
        for row, amount in zip(rows.tolist(), amounts.tolist(), strict=True)
        if abs(amount) > AMOUNT_LIMIT * ONE
    }
    if unfit:
        raise Unfit(unfit)


def without_refused(env, work):
    """Run ``work``; where accounts pass a limit take all back and work without them.

    :param work: callable of {account id: sentence}, the accounts whose records it sends
        to the error queue
    :return: what ``work`` returns
    """
    refused = {}
    savepoint = env.cr.savepoint()
    while True:
        try:
            result = work(dict(refused))
        except OutOfBounds as error:
            if not error.reasons.keys() - refused.keys():
                raise
            savepoint.rollback()
            refused |= error.reasons
        else:
            savepoint.close(rollback=False)
            return result
