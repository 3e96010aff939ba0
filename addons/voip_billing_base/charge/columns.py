"""The columns of rated usage, named once: table, view, copies and upgrades follow them.

A row keeps what nothing immutable says. What its summary, the rate version that rated
it or the call record says is not written again: such a column is null and the view
``voip_usage`` fills it in. A row whose value differs has it of its own.
"""

MONEY = "numeric(24, 8) CHECK ({} BETWEEN -1000000000000000 AND 1000000000000000)"
PRICE = "numeric(18, 8) CHECK ({} BETWEEN 0 AND 1000000000)"
# As many digits as it was applied with: 1/42000 has no last one.
RATIO = "numeric CHECK ({} BETWEEN 0 AND 1000000000)"

# Of every row, the widest first: no byte is lost to alignment.
OWN = {
    "id": "bigint NOT NULL",
    "started_at": "timestamp NOT NULL",
    "source_id": "bigint",
    "called_number": "bigint",
    "caller_number": "bigint",
    "company_id": "integer NOT NULL",
    "account_id": "integer NOT NULL",
    "summary_id": "integer NOT NULL",
    "batch_id": "integer",
    "trunk_id": "integer",
    "supplier_trunk_id": "integer",
    "supplier_id": "integer",
    "rate_id": "integer",
    "cost_rate_id": "integer",
    "duration_ms": "integer NOT NULL DEFAULT 0 CHECK ({} BETWEEN 0 AND 360000000)",
    "billed_seconds": "integer NOT NULL DEFAULT 0 CHECK ({} BETWEEN 0 AND 400000)",
    "cost_billed_seconds": "integer CHECK ({} BETWEEN 0 AND 400000)",
    "answered": "boolean NOT NULL DEFAULT true",
    "amount": f"{MONEY} NOT NULL",
    "cost": f"{MONEY} NOT NULL DEFAULT 0",
    "reversal_of": "bigint",
}
# Of a row that differs from what is said elsewhere.
DIFFERENT = {
    "amount_company": MONEY,
    "deck_amount": MONEY,
    "exchange_rate": RATIO,
    "cost_amount": MONEY,
    "cost_exchange_rate": RATIO,
    "cost_price": PRICE,
    "cost_prefix": "text",
    "cost_currency_id": "integer",
    "units": "bigint CHECK ({} BETWEEN 0 AND 1000000000000000)",
    "source_ref": "text",
    "caller": "text",
    "called": "text",
    "direction": "text",
    "jurisdiction": "text",
    "label": "text",
    "destination_id": "integer",
    "prefix": "text",
    "unit_price": PRICE,
    "connect_fee": PRICE,
    "initial_increment": "integer",
    "next_increment": "integer",
    "deck_currency_id": "integer",
}
STORED = OWN | DIFFERENT
# What a reversal writes with the other sign, and what it does not take over.
SIGNED = ("amount", "cost", "amount_company", "deck_amount", "cost_amount")
RENEWED = ("id", "summary_id", "reversal_of")

# What the view shows where a row has no value of its own.
SAID = {
    "amount_company": "u.amount",
    "deck_amount": "u.amount",
    "cost_amount": "CASE WHEN u.cost_billed_seconds IS NOT NULL THEN u.cost END",
    "units": "u.answered::int",
    "caller": "u.caller_number::text",
    "called": "u.called_number::text",
    "direction": "s.facets ->> 'direction'",
    "jurisdiction": "s.facets ->> 'jurisdiction'",
    "label": "s.label",
    "destination_id": "s.destination_id",
    "unit_price": "s.unit_price",
    "connect_fee": "0",
    "deck_currency_id": "s.deck_currency_id",
}
# What only the summary says, and what follows from a row.
SHOWN = {
    "payer_id": "s.payer_id",
    "service_id": "s.service_id",
    "local_day": "s.local_day",
    "late": "s.late",
    "currency_id": "s.currency_id",
    "kind": "CASE WHEN u.reversal_of IS NOT NULL THEN 'reversal'"
    " WHEN u.answered OR u.amount <> 0 THEN 'rated' ELSE 'zero' END",
    "sign": "CASE WHEN u.reversal_of IS NULL THEN 1 ELSE -1 END",
    "duration_seconds": "u.duration_ms / 1000.0",
    "billed_minutes": "u.billed_seconds / 60.0",
    "margin": "COALESCE(u.amount_company, u.amount) - u.cost",
}


def table_sql():
    """CREATE TABLE of rated usage, partitioned by the month of its start."""
    columns = ",\n".join(
        f"{name} {kind.format(name)}" for name, kind in STORED.items()
    )
    return (
        f"CREATE TABLE IF NOT EXISTS voip_usage_row ({columns})"
        " PARTITION BY RANGE (started_at)"
    )


def shown(said):
    """{column: SQL} of a view on the rows ``u`` and their summaries ``s``.

    :param said: {column: SQL} as :data:`SAID`
    """
    columns = {name: f"u.{name}" for name in OWN}
    for name in DIFFERENT:
        own = f"u.{name}"
        columns[name] = f"COALESCE({own}, {said[name]})" if name in said else own
    return columns | SHOWN


def view_sql(said, joins):
    """CREATE VIEW of rated usage.

    :param said: {column: SQL} as :data:`SAID`
    :param joins: tables that ``said`` names, each joined by its key
    """
    selected = ", ".join(f"{sql} AS {name}" for name, sql in shown(said).items())
    joined = " ".join(f"LEFT JOIN {join}" for join in joins)
    return f"CREATE VIEW voip_usage AS SELECT {selected} FROM voip_usage_row u {joined}"
