"""Undo of a batch: every charge reversed, nothing deleted, records may come again."""

import numpy as np

from odoo.exceptions import UserError

from odoo.addons.voip_billing_base.charge.transaction import lock_company
from odoo.addons.voip_billing_base.charge.writer import (
    Charge,
    UsageWriter,
    day_number,
)
from odoo.addons.voip_billing_base.engine.exact import narrow

GROUPS_SQL = """
SELECT s.id, s.account_id, s.payer_id, s.service_id, s.local_day,
       (s.unit_price * 100000000)::bigint, s.currency_id, s.late, s.label,
       COALESCE(s.destination_id, 0), g.attempts, g.calls, g.units, g.seconds,
       g.amount, g.amount_company, g.cost
  FROM (SELECT u.summary_id, count(*) AS attempts,
               count(*) FILTER (WHERE answered) AS calls, sum(units) AS units,
               sum(billed_seconds) AS seconds,
               (sum(amount) * 100000000)::numeric(40)::text AS amount,
               (sum(amount_company) * 100000000)::numeric(40)::text AS amount_company,
               (sum(cost) * 100000000)::numeric(40)::text AS cost
          FROM voip_usage_row u WHERE u.batch_id = %s AND u.kind <> 'reversal'
         GROUP BY 1) g
  JOIN voip_usage_summary s ON s.id = g.summary_id
 ORDER BY s.id
"""
COPIED = (
    "started_at, company_id, account_id, payer_id, service_id, batch_id, source_id,"
    " source_ref, local_day, late, direction, caller, called, trunk_id, destination_id,"
    " label, prefix, answered, duration_ms, billed_seconds, units, rate_id, unit_price,"
    " connect_fee, initial_increment, next_increment, jurisdiction, currency_id,"
    " deck_currency_id, exchange_rate, supplier_id, supplier_trunk_id, cost_rate_id,"
    " cost_prefix, cost_price, cost_billed_seconds, cost_currency_id,"
    " cost_exchange_rate"
)
REVERSE_SQL = f"""
INSERT INTO voip_usage_row (id, summary_id, kind, sign, amount, deck_amount,
       amount_company, cost_amount, cost, reversal_of, {COPIED})
SELECT nextval('voip_usage_row_block_seq'), m.target, 'reversal', -1, -u.amount,
       -u.deck_amount, -u.amount_company, -u.cost_amount, -u.cost, u.id,
       {", ".join("u." + name.strip() for name in COPIED.split(","))}
  FROM voip_usage_row u
  JOIN unnest(%s::int[], %s::int[]) AS m(source, target) ON m.source = u.summary_id
 WHERE u.batch_id = %s AND u.kind <> 'reversal'
"""
FREE_KEYS_SQL = """
DELETE FROM voip_cdr_key k USING voip_cdr_row r
 WHERE r.batch_id = %s AND k.key = r.key AND k.cdr_id = r.id
"""


def undo(batch):
    """Reverse a rated batch in the caller's transaction.

    What was invoiced stays invoiced: its reversal opens a new summary, so the next
    invoice gives it back.

    :raises UserError: the batch is waiting or undone already
    """
    env = batch.env
    lock_company(env.cr, batch.company_id.id)
    env.cr.execute(
        "SELECT state FROM voip_cdr_batch WHERE id = %s FOR UPDATE", [batch.id]
    )
    if env.cr.fetchone()[0] == "undone":
        raise UserError(env._("Batch %s is undone already.", batch.name))
    env.cr.execute(GROUPS_SQL, [batch.id])
    groups = env.cr.fetchall()
    if groups:
        _reverse(batch, groups)
    env.cr.execute(FREE_KEYS_SQL, [batch.id])
    batch.error_ids.filtered(lambda e: e.state == "open").write(
        {"state": "dismissed", "note": env._("The batch was undone.")}
    )
    batch.write({"state": "undone"})
    env["voip.audit"]._log(
        "batch_undone",
        batch,
        {"rated": batch.rated, "zero_rated": batch.zero_rated},
        company=batch.company_id,
    )


def _reverse(batch, groups):
    columns = list(zip(*groups, strict=True))

    def array(index, sign=1):
        # Odoo reads numeric columns as float; sums of money come as text.
        values = [sign * int(value) for value in columns[index]]
        return narrow(np.array(values, object))

    writer = UsageWriter(batch.env, batch.company_id, batch.id, f"undo {batch.name}")
    targets = writer.assign(
        Charge(
            account_id=array(1),
            payer_id=array(2),
            service_id=array(3),
            local_day=np.array([day_number(day) for day in columns[4]], np.int64),
            unit_price=array(5),
            currency_id=array(6),
            late=array(7),
            label=np.arange(len(groups)),
            labels=list(columns[8]),
            destination_id=array(9),
            attempts=array(10, -1),
            calls=array(11, -1),
            units=array(12, -1),
            seconds=array(13, -1),
            amount=array(14, -1),
            amount_company=array(15, -1),
            cost=array(16, -1),
        )
    )
    batch.env.cr.execute(
        REVERSE_SQL, [list(columns[0]), targets.tolist(), batch.id]
    )
    writer.finish()
