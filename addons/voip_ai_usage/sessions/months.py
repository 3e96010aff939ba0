"""Sums of clients' months, brought up to date in the transaction that charges."""

from odoo.addons.voip_billing_base.charge.values import day_of

from ..engine.kinds import TOKENS

COLUMNS = {kind: kind.replace(".", "_") + "_tokens" for kind in TOKENS}
COUNTS = ("sessions", "connected", "tools", "seconds")
AMOUNTS = ("token_amount", "minute_amount", "fee_amount", "cost")
SUMS = (*COUNTS, "billed_seconds", *COLUMNS.values(), *AMOUNTS)
_FEES = ("fee", "slots")


def add_sessions(cr, company_id, sessions, sign=1):
    """Count sessions in their months.

    :param sessions: objects with account_id, local_day, connected, tools and seconds
    """
    sums = {}
    for one in sessions:
        own = sums.setdefault((one.account_id, one.local_day.replace(day=1)), {})
        found = (1, int(bool(one.connected)), one.tools, one.seconds or 0)
        for name, value in zip(COUNTS, found, strict=True):
            own[name] = own.get(name, 0) + sign * value
    _add(cr, company_id, sums)


def add_rows(cr, company_id, rows):
    """Add what :class:`~.charging.Row`s come to to their months."""
    sums = {}
    for row in rows:
        month = day_of(row.local_day).replace(day=1)
        own = sums.setdefault((row.account_id, month), {})
        if row.kind in COLUMNS:
            own[COLUMNS[row.kind]] = own.get(COLUMNS[row.kind], 0) + row.units
        own["billed_seconds"] = own.get("billed_seconds", 0) + row.seconds
        own[amount_of(row.kind)] = own.get(amount_of(row.kind), 0) + row.amount
        own["cost"] = own.get("cost", 0) + row.cost
    _add(cr, company_id, sums)


def amount_of(kind):
    """The column that a kind's amount is in."""
    if kind == "minute":
        return "minute_amount"
    return "fee_amount" if kind in _FEES else "token_amount"


def _add(cr, company_id, sums):
    """In the order of their keys, as all do."""
    if not sums:
        return
    keys = sorted(sums)
    columns = [[key[n] for key in keys] for n in range(2)]
    columns += [[str(sums[key].get(name, 0)) for key in keys] for name in SUMS]
    cr.execute(ADD_SQL, [company_id, *columns])


_SCALED = ", ".join(f"k.{n}::numeric / 100000000" for n in AMOUNTS)
_WHOLE = ", ".join(f"k.{n}::bigint" for n in SUMS if n not in AMOUNTS)
ADD_SQL = f"""
INSERT INTO voip_ai_month AS m (company_id, account_id, month, {", ".join(SUMS)})
SELECT %s, k.account_id, k.month, {_WHOLE}, {_SCALED}
  FROM unnest(%s::int[], %s::date[], {", ".join(["%s::text[]"] * len(SUMS))})
       AS k (account_id, month, {", ".join(SUMS)})
    ON CONFLICT (account_id, month) DO UPDATE
   SET {", ".join(f"{n} = m.{n} + EXCLUDED.{n}" for n in SUMS)}
"""
