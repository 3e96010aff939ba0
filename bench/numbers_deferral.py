"""A month-end of deferred revenue over the rental of all numbers.

What the rental run charged is put on one posted entry of last month, a line for each
account, fee, country, kind and price as billing makes them, by SQL: what is measured is
the month-end, not the invoices. It is done twice: all of it waits, then all is earned.
"""

from datetime import date, timedelta

import common


def measure(env, charge):
    """Print what month-ends take.

    :param charge: callable of ``env`` that charges the rental of all numbers
    """
    charge(env)
    last = date.today().replace(day=1) - timedelta(days=1)
    following = (date.today().replace(day=1) + timedelta(days=32)).replace(day=1)
    invoice(env, last)
    env.cr.execute("ANALYZE")
    env.cr.commit()
    common.show("charges on invoice lines", count(env, "voip_did_charge"), digits=0)
    months = ((last, "defers"), (following - timedelta(days=1), "recognises"))
    for day, what in months:
        with common.Clock() as clock:
            env["voip.did.deferral"]._close(env.company.id, day)
            env.cr.commit()
        common.show(f"month-end that {what} all", clock.wall, "s", 2)
        common.show("  cpu", clock.cpu, "s", 2)
    spans = count(env, "voip_did_deferral_line") // 2
    common.show("spans of invoice lines", spans, digits=0)
    found = env["voip.did.deferral"].search([], order="date_end")
    # Where the next month has begun already, its rental is charged and stays deferred.
    ahead = count(env, "voip_did_charge", f"month_first >= '{following}'") > 0
    if [bool(one.closing) for one in found] != [True, ahead]:
        raise SystemExit("the month-ends do not come out")
    with common.Clock() as clock:
        results = env["voip.check"].run()
    common.show("all invariants", clock.wall, "s", 2)
    broken = [r for r in results if r["violations"]]
    if any(r["name"].startswith("deferral") for r in broken):
        raise SystemExit(f"invariants are broken: {broken}")


def count(env, table, where="true"):
    env.cr.execute(f"SELECT count(*) FROM {table} WHERE {where}")
    return env.cr.fetchone()[0]


def invoice(env, day):
    """Put all open summaries on lines of one posted entry of ``day``."""
    accounts = env["account.account"]
    income = accounts.search([("account_type", "=", "income")], limit=1)
    env.company.voip_deferral_account_id = accounts.create(
        {"name": "Deferred", "code": "DEFER", "account_type": "liability_current"}
    )
    lines = [{"account_id": income.id, side: 1.0} for side in ("credit", "debit")]
    move = env["account.move"].create(
        {"move_type": "entry", "date": day, "line_ids": [(0, 0, x) for x in lines]}
    )
    move._post(soft=False)
    env.flush_all()
    env.cr.execute(LINES_SQL, [move.line_ids[0].id])
    env.invalidate_all()


# Summaries of one line as billing groups them; their sum is what the line earns.
LINES_SQL = """
WITH groups AS MATERIALIZED (
    SELECT nextval('account_move_line_id_seq') AS id, sum(amount) AS amount,
           array_agg(id) AS summaries
      FROM voip_usage_summary WHERE move_line_id IS NULL
     GROUP BY account_id, service_id, label, unit_price, late, facets
), made AS (
    INSERT INTO account_move_line
    SELECT x.* FROM groups g
     CROSS JOIN (SELECT to_jsonb(l) AS old FROM account_move_line l WHERE id = %s) l
     CROSS JOIN LATERAL jsonb_populate_record(
           null::account_move_line,
           old || jsonb_build_object(
               'id', g.id, 'balance', -round(g.amount, 2), 'debit', 0,
               'credit', round(g.amount, 2), 'amount_currency', -round(g.amount, 2))) x
    RETURNING id, move_id
)
UPDATE voip_usage_summary s SET move_line_id = m.id, move_id = m.move_id
  FROM groups g JOIN made m USING (id)
 WHERE s.id = ANY(g.summaries)
"""
