"""Tables that no model owns hold amounts up to 10^15; Odoo widens its models' own."""

BOUNDS = {
    ("voip_wallet_reservation", "amount"): 0,
    ("voip_wallet_pending", "ledger"): -(10**15),
    ("voip_wallet_pending", "unbilled"): -(10**15),
    ("voip_wallet_pending", "tax"): -(10**15),
}


def migrate(cr, version):
    for (table, column), low in BOUNDS.items():
        name = f"{table}_{column}_check"
        cr.execute("SELECT to_regclass(%s) IS NOT NULL", [table])
        if cr.fetchone()[0]:
            cr.execute(
                f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name},"
                f" ADD CONSTRAINT {name} CHECK ({column} BETWEEN {low} AND {10**15})"
            )
