"""What the demo must come to, by the independent reference; runs without Odoo."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal

import decks
import rating
from world import MENDED, correction, mended_decks

CENT = Decimal("0.01")
SAMPLES = 40


@dataclass(frozen=True)
class Expected:
    """Totals of one company, before and after the error queue was worked off.

    :param statuses: {status or error code: records} as first sent
    :param accounts, lines: {account} and {(account, destination, price)} to
        :class:`rating.Totals` of the first rating
    :param fixed_accounts, fixed_lines: the same once the corrections are rated
    :param still_wrong: {error code: records} of corrections that fail again
    :param late: a rated record of the first account, as dict, and its amount
    :param samples: some rated records of that account in whole seconds, and amounts
    """

    statuses: dict
    accounts: dict
    lines: dict
    fixed_accounts: dict
    fixed_lines: dict
    fixed: int
    still_wrong: dict
    late: dict
    late_amount: Decimal
    samples: list


def compute(world, month):
    """Return :class:`Expected` of a company's month."""
    zones = decks.load_zones()
    rates = world.decks(month, zones)
    records = world.records(month, rates, zones)
    report, outcomes = rater(world, month, rates).rate_all(records)
    accounts = world.account_dicts()
    repaired = [
        records[o.index] | correction(records[o.index], o.status, accounts)
        for o in outcomes
        if o.status in MENDED
    ]
    for code, more in mended_decks(world, month, zones).items():
        rates[code] = rates[code] + more
    again, _outcomes = rater(world, month, rates).rate_all(repaired)
    rated = again.statuses["rated"] + again.statuses["zero"]
    first = accounts[0]["account_code"]
    late = next(o for o in outcomes if o.status == "rated" and o.account == first)
    return Expected(
        statuses=dict(report.statuses),
        accounts=dict(report.by_account),
        lines=dict(report.by_line),
        fixed_accounts=added(report.by_account, again.by_account),
        fixed_lines=added(report.by_line, again.by_line),
        fixed=rated,
        still_wrong={
            code: count
            for code, count in again.statuses.items()
            if code not in ("rated", "zero")
        },
        late=records[late.index],
        late_amount=late.amount,
        samples=[
            (records[o.index], o.amount)
            for o in outcomes
            if o.status == "rated"
            and o.account == first
            and records[o.index]["duration"].isdigit()
        ][:SAMPLES],
    )


def rater(world, month, rates):
    currencies = {party["deck"]: party["currency"] for party in world.supplier_dicts()}
    return rating.Reference(
        world.account_dicts(),
        world.supplier_dicts(),
        {
            code: (
                rows,
                rating.Settings(currency=currencies.get(code, world.currency)),
            )
            for code, rows in rates.items()
        },
        rating.Limits(now=datetime.now(UTC)),
        company_currency=world.currency,
        exchange=world.exchange(month),
    )


def added(*groups):
    """Totals of several {key: Totals} by key."""
    totals = defaultdict(rating.Totals)
    for group in groups:
        for key, part in group.items():
            whole = totals[key]
            for name in vars(part):
                setattr(whole, name, getattr(whole, name) + getattr(part, name))
    return dict(totals)


def cents(amount):
    return amount.quantize(CENT, ROUND_HALF_UP)


def by_payer(world, totals):
    """{payer code: exact amount} of {account: Totals}."""
    amounts = Counter()
    for account in world.account_dicts():
        part = totals.get(account["account_code"])
        amounts[account["payer"]] += part.amount if part else Decimal(0)
    return dict(amounts)


def invoice_lines(world, totals, payer):
    """{(account, destination, price): (calls, seconds, exact, rounded once)}."""
    members = {a["account_code"] for a in world.account_dicts() if a["payer"] == payer}
    return {
        key: (line.calls, line.seconds, line.amount, cents(line.amount))
        for key, line in totals.items()
        if key[0] in members and (line.calls or line.amount)
    }


def tax_percent(world, payer):
    rows = {a["account_code"]: a["tax_percent"] for a in world.account_dicts()}
    return Decimal(rows[payer])


def invoice_total(world, totals, payer):
    """Untaxed and taxed total of the invoice: each line rounded once, and the tax
    once on their sum, as the chart of accounts sets it."""
    lines = invoice_lines(world, totals, payer).values()
    percent = tax_percent(world, payer)
    untaxed = sum((line[3] for line in lines), Decimal(0))
    return untaxed, untaxed + cents(untaxed * percent / 100)
