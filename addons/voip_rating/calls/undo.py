"""Undo of a batch: every charge reversed, nothing deleted, records may come again."""

from odoo.exceptions import UserError

from odoo.addons.voip_billing_base.charge.bounds import SUMS
from odoo.addons.voip_billing_base.charge.columns import RENEWED, SIGNED, STORED
from odoo.addons.voip_billing_base.charge.regroup import (
    CREDITED_SQL,
    KEY_SQL,
    MOVED_SQL,
    charge_of,
    wide,
)
from odoo.addons.voip_billing_base.charge.transaction import lock_company
from odoo.addons.voip_billing_base.charge.writer import UsageWriter

GROUPS_SQL = f"""
SELECT {KEY_SQL},
       g.attempts, g.calls, g.units, g.seconds, g.amount, g.amount_company, g.cost
  FROM (SELECT u.summary_id, count(*) AS attempts,
               count(*) FILTER (WHERE answered) AS calls,
               sum(COALESCE(units, answered::int))::text AS units,
               sum(billed_seconds) AS seconds,
               (sum(amount) * 100000000)::numeric(40)::text AS amount,
               (sum(COALESCE(amount_company, amount)) * 100000000)::numeric(40)::text
                   AS amount_company,
               (sum(cost) * 100000000)::numeric(40)::text AS cost
          FROM voip_usage_row u
         WHERE u.batch_id = %(batch)s AND u.started_at BETWEEN %(first)s AND %(last)s
           AND u.reversal_of IS NULL
         GROUP BY 1) g
  JOIN voip_usage_summary s ON s.id = g.summary_id
 ORDER BY s.id
"""
ATTEMPTS = 12
COPIED = tuple(name for name in STORED if name not in (*RENEWED, *SIGNED))
REVERSE_SQL = f"""
INSERT INTO voip_usage_row (id, summary_id, reversal_of,
       {", ".join((*SIGNED, *COPIED))})
SELECT nextval('voip_usage_row_block_seq'), m.target, u.id,
       {", ".join([f"-u.{name}" for name in SIGNED] + [f"u.{n}" for n in COPIED])}
  FROM voip_usage_row u
  JOIN unnest(%(sources)s::int[], %(targets)s::int[]) AS m(source, target)
    ON m.source = u.summary_id
 WHERE u.batch_id = %(batch)s AND u.started_at BETWEEN %(first)s AND %(last)s
   AND u.reversal_of IS NULL
"""
# The key moves on within its call id's range: the leg may come again, and a search by
# call id still finds what was undone.
FREED_KEY = """
(k.key >> 32 << 32) | ('x' || left(md5('undone' || k.cdr_id), 8))::bit(32)::bigint"""
FREE_KEYS_SQL = f"""
UPDATE voip_cdr_key k SET key = {FREED_KEY}
  FROM voip_cdr_row r
 WHERE r.batch_id = %(batch)s AND r.start BETWEEN %(first)s AND %(last)s
   AND k.month = date_trunc('month', r.start)
   AND k.key = voip_cdr_key_of(r.call_id, %(switch)s, COALESCE(r.leg, 'a'))
   AND k.cdr_id = r.id AND k.switch_id = %(switch)s
"""


def undo(batch):
    """Reverse a rated batch in the caller's transaction.

    What was invoiced stays invoiced: its reversal opens a new summary, which is late,
    so the next invoice gives it back.

    :raises UserError: the batch is waiting or undone already, or its charges cannot be
        given back to who was charged
    """
    env = batch.env
    lock_company(env.cr, batch.company_id.id)
    env.cr.execute(
        "SELECT state FROM voip_cdr_batch WHERE id = %s FOR UPDATE", [batch.id]
    )
    if env.cr.fetchone()[0] == "undone":
        raise UserError(env._("Batch %s is undone already.", batch.name))
    span = {
        "batch": batch.id,
        "switch": batch.switch_id.id,
        "first": batch.first_start or None,
        "last": batch.last_start or None,
    }
    env.cr.execute(GROUPS_SQL, span)
    groups = env.cr.fetchall()
    summaries = [group[0] for group in groups]
    _refuse(batch, summaries, sum(group[ATTEMPTS] for group in groups))
    if groups:
        _reverse(batch, groups, span)
    env.cr.execute(FREE_KEYS_SQL, span)
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


def _refuse(batch, summaries, charges):
    _refuse_credited(batch, summaries)
    _refuse_moved(batch, summaries)
    _refuse_incomplete(batch, charges)


def _refuse_incomplete(batch, found):
    """A batch is undone whole, or nothing of it would be trusted any more."""
    if found != batch.rated + batch.zero_rated:
        raise UserError(
            batch.env._(
                "Batch %(batch)s is not undone: %(found)s of its %(count)s charges are"
                " where they should be. Somebody changed the database; have the checks"
                " run in full.",
                batch=batch.name,
                found=found,
                count=batch.rated + batch.zero_rated,
            )
        )


def _refuse_credited(batch, summaries):
    batch.env.cr.execute(CREDITED_SQL, [summaries])
    if credited := batch.env.cr.fetchall():
        raise UserError(
            batch.env._(
                "Batch %(batch)s is not undone, for its calls would be credited twice:"
                " %(documents)s. Credit what is left of it by a credit note.",
                batch=batch.name,
                documents=", ".join(f"{one} ({other})" for one, other in credited),
            )
        )


def _refuse_moved(batch, summaries):
    batch.env["voip.account"].flush_model(["payer_id"])
    batch.env.cr.execute(MOVED_SQL, [summaries])
    if moved := batch.env.cr.fetchall():
        raise UserError(
            batch.env._(
                "Batch %(batch)s is not undone, for others pay now than were charged:"
                " %(accounts)s. Let the account be paid as before, undo and invoice,"
                " then change it again; or credit by a credit note.",
                batch=batch.name,
                accounts=", ".join(
                    batch.env._("%(account)s was paid by %(payer)s")
                    % {"account": account, "payer": payer}
                    for account, payer in moved
                ),
            )
        )


def _reverse(batch, groups, span):
    columns = list(zip(*groups, strict=True))
    writer = UsageWriter(batch.env, batch.company_id, batch.id, f"undo {batch.name}")
    sums = {
        name: -wide(columns[place]) for place, name in enumerate(SUMS, ATTEMPTS)
    }
    targets = writer.assign(charge_of(groups, **sums))
    moved = {"sources": list(columns[0]), "targets": targets.tolist()}
    batch.env.cr.execute(REVERSE_SQL, span | moved)
    writer.finish()
