"""Holds the database against the reference: counts, sums, lines, wallets."""

from decimal import Decimal

import expected as reckoning

ZERO = Decimal(0)


def rows_of(env, sql, *values):
    """Rows of a query; money must be selected as text, which Odoo leaves exact."""
    env.cr.execute(sql, values)
    return env.cr.fetchall()


def statuses(env, story, world, told):
    """Every record sent is in exactly one place, with the expected reason."""
    counts = rows_of(env, COUNT_SQL, env.company.id)[0]
    product = dict(zip(("received", "duplicate", "rated", "zero"), counts, strict=True))
    codes = rows_of(env, CODE_SQL, env.company.id)
    product |= dict(codes)
    wanted = dict(told.statuses, received=world.calls)
    story.same_all("records", product, wanted, default=0)
    return {name: product[name] for name in product if name != "received"}


def sums(env, story, accounts, lines):
    """Totals per account, and per account, destination and price."""
    by_account = {
        code: (*measures, Decimal(amount), Decimal(cost))
        for code, *measures, amount, cost in rows_of(env, ACCOUNT_SQL, env.company.id)
    }
    story.same_all("account", by_account, {c: figures(t) for c, t in accounts.items()})
    by_line = {
        (code, label, Decimal(price)): (*counts, Decimal(amount), Decimal(cost))
        for code, label, price, *counts, amount, cost in rows_of(
            env, LINE_SQL, env.company.id
        )
    }
    story.same_all("line", by_line, {key: figures(t) for key, t in lines.items()})
    return by_account


def figures(total):
    return total.attempts, total.calls, total.seconds, total.amount, total.cost


def wallets(env, story, ledgers, unbilled, percents):
    """Ledger and unbilled usage to the last digit, the tax on it to its rounding.

    :param ledgers, unbilled, percents: {payer code: Decimal}
    :return: {payer code: (ledger, unbilled, tax, balance)}
    """
    product = {}
    for code, entries, *money in rows_of(env, WALLET_SQL, env.company.id):
        ledger, usage, tax, balance = map(Decimal, money)
        product[code] = ledger, usage, tax, balance
        story.same(f"ledger {code}", ledger, ledgers.get(code, ZERO))
        story.same(f"unbilled {code}", usage, unbilled.get(code, ZERO))
        story.same(f"balance {code}", balance, ledger - usage - tax)
        estimate = unbilled.get(code, ZERO) * percents.get(code, ZERO) / 100
        # Estimated per summary and batch, each rounded to a millionth.
        off = abs(tax - estimate) > Decimal("0.0000005") * max(entries, 1)
        story.same(f"tax estimate {code} off", off, False)
    return product


def invoice(env, story, world, told, move):
    """Lines of an invoice: sums of calls, each rounded once; tax and total."""
    payer = move.voip_account_id.code
    product = {}
    for code, label, rate, calls, seconds, exact, rounded in rows_of(
        env, INVOICE_SQL, move.id
    ):
        product[code, label, Decimal(rate)] = (
            calls,
            seconds,
            Decimal(exact),
            Decimal(rounded),
        )
    lines = reckoning.invoice_lines(world, told.fixed_lines, payer)
    story.same_all(f"invoice {move.name}", product, lines)
    totals = rows_of(env, TOTAL_SQL, move.id)[0]
    wanted = reckoning.invoice_total(world, told.fixed_lines, payer)
    story.same(f"total {move.name}", tuple(map(Decimal, totals)), wanted)


COUNT_SQL = """
SELECT sum(received)::int, sum(duplicates)::int, sum(rated)::int, sum(zero_rated)::int
  FROM voip_cdr_batch WHERE company_id = %s
"""
CODE_SQL = """
SELECT code, count(*) FROM voip_cdr_error WHERE company_id = %s GROUP BY 1
"""
ACCOUNT_SQL = """
SELECT a.code, sum(s.attempts)::int, sum(s.calls)::int, sum(s.seconds)::bigint,
       sum(s.amount)::text, sum(s.cost)::text
  FROM voip_usage_summary s JOIN voip_account a ON a.id = s.account_id
 WHERE s.company_id = %s GROUP BY 1 ORDER BY 1
"""
LINE_SQL = """
SELECT a.code, s.label, s.unit_price::text, sum(s.attempts)::int, sum(s.calls)::int,
       sum(s.seconds)::bigint, sum(s.amount)::text, sum(s.cost)::text
  FROM voip_usage_summary s JOIN voip_account a ON a.id = s.account_id
 WHERE s.company_id = %s GROUP BY 1, 2, 3
"""
# Roundings of the estimated tax: one per summary of every batch that touched it.
WALLET_SQL = """
SELECT a.code,
       (SELECT count(*) FROM (
            SELECT DISTINCT u.batch_id, u.summary_id
              FROM voip_usage_row u JOIN voip_usage_summary s ON s.id = u.summary_id
             WHERE s.payer_id = a.id) x)::int,
       w.ledger_balance::text, w.unbilled::text, w.unbilled_tax::text,
       (w.ledger_balance - w.unbilled - w.unbilled_tax)::text
  FROM voip_wallet w JOIN voip_account a ON a.id = w.account_id
 WHERE w.company_id = %s ORDER BY 1
"""
INVOICE_SQL = """
SELECT a.code, l.name, l.voip_rate::text, l.voip_calls, l.voip_seconds,
       l.voip_amount::text, l.price_subtotal::text
  FROM account_move_line l
  JOIN LATERAL (SELECT DISTINCT account_id FROM voip_usage_summary
                 WHERE move_line_id = l.id) s ON true
  JOIN voip_account a ON a.id = s.account_id
 WHERE l.move_id = %s AND l.display_type = 'product'
"""
TOTAL_SQL = """
SELECT amount_untaxed::text, amount_total::text FROM account_move WHERE id = %s
"""
