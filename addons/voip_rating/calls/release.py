"""Release of billed calls: taken back on a credit note, then rated again.

Sealed summaries stay: what is taken back has summaries of its own, which the credit
note bills; what is rated again opens new ones. The reversals are those of an undo.
"""

import io
from contextlib import contextmanager

import numpy as np

from odoo.exceptions import UserError

from odoo.addons.voip_billing_base.charge.columns import RENEWED, SIGNED, STORED
from odoo.addons.voip_billing_base.charge.line_rows import LINE_ROWS, reversed_sql
from odoo.addons.voip_billing_base.charge.seal import CLOSING

from .context import RatingContext
from .copy_queue import DirectQueue
from .rate import Rater
from .read import read_csv
from .work import READ, records_of

SHOWN = 5


def take(env, line_ids, usage_ids=None):
    """Note the rows to release in ``voip_release``, of these invoice lines.

    :param usage_ids: only these rows; all without
    :raises UserError: some are no calls, or were taken back before
    """
    values = {"lines": line_ids, "usage": usage_ids}
    env.cr.execute(TAKE_SQL, values)
    env.cr.execute(UNFIT_SQL)
    if names := [row[0] for row in env.cr.fetchall()]:
        raise UserError(
            env._(
                "Usage of %s is of no call record, as rental and events are, or was"
                " taken back before: it cannot be rated again. Let it stay credited, or"
                " choose other lines or the calls.",
                "; ".join(names),
            )
        )


def take_back(env, note):
    """Reverse the noted rows; the lines of the credit note bill the reversals."""
    cr = env.cr
    cr.execute(SUMS_SQL)
    cr.execute(SUMMARY_SQL, {"note": note.id})
    cr.execute(REVERSE_SQL)
    cr.execute(MOVED_SQL)
    movements = [
        {
            "account_id": account_id,
            "kind": "usage",
            "unbilled": unbilled,
            "tax": tax,
            "origin": note.invoice_origin,
        }
        for account_id, unbilled, tax in cr.fetchall()
    ]
    env["voip.usage.summary"].invalidate_model()
    return movements


def rate_again(env, deck_id=None):
    """Rate the records of the noted rows as of now.

    :param deck_id: rate deck of the customer side, instead of the records' own
    :return: ids of the summaries that were charged
    :raises UserError: a record finds no price
    """
    env.cr.execute(
        "SELECT batch_id, min(started_at), max(started_at) FROM voip_release"
        " GROUP BY 1 ORDER BY 1"
    )
    summaries = set()
    for batch_id, first, last in env.cr.fetchall():
        batch = env["voip.cdr.batch"].browse(batch_id)
        context = ReleaseContext(env, batch, deck_id)
        rater = Rater(context, batch, DirectQueue(env.cr))
        for records, ids in _records(batch, first, last):
            _refuse_unrated(env, records, rater.rate(records, ids))
        rater.finish()
        summaries.update(rater.writer.summary_ids)
    return sorted(summaries)


@contextmanager
def apart(env, account):
    """Rate what was noted into summaries of its own, to bill it without other usage.

    Open summaries of the days of all that ``account`` is invoiced for take nothing
    meanwhile; other transactions see no change of them. What is charged to others goes
    where their calls go.

    :return: list that takes the ids of the summaries that were charged
    """
    env.flush_all()
    env.cr.execute(ASIDE_SQL, {"account": account.id})
    aside, made = [row[0] for row in env.cr.fetchall()], []
    yield made
    env.flush_all()
    # Attempts that no invoice names close as in a month that ends.
    env.cr.execute(CLOSE_SQL, {"made": made, "account": account.id})
    env.cr.execute(BACK_SQL, [aside])
    env["voip.usage.summary"].invalidate_model()


class ReleaseContext(RatingContext):
    """Rates with one deck where one is given."""

    def __init__(self, env, batch, deck_id):
        super().__init__(env, batch.company_id, batch.switch_id)
        self.deck_id = deck_id

    def refuse(self, resolved, errors):
        result = super().refuse(resolved, errors)
        if self.deck_id:
            resolved.deck_id[:] = self.deck_id
        return result


def _records(batch, first, last):
    """(records, ids) as they were rated: as stored, or as staff corrected them."""
    cr, span = batch.env.cr, [batch.id, first, last]
    cr.execute(CORRECTED_SQL, [batch.id])
    corrected = batch.env["voip.cdr.error"].browse(row[0] for row in cr.fetchall())
    selected = ", ".join(f"{sql} AS {name}" for name, (sql, _kind) in READ.items())
    query = cr.mogrify(
        f"SELECT {selected} FROM voip_cdr_row"
        " WHERE batch_id = %s AND start BETWEEN %s AND %s"
        " AND id IN (SELECT source_id FROM voip_release WHERE batch_id = %s)"
        " AND id <> ALL(%s::bigint[]) ORDER BY position",
        [*span, batch.id, corrected.mapped("cdr_id")],
    )
    stream = io.BytesIO()
    cr._obj.copy_expert(f"COPY ({query.decode()}) TO STDOUT (FORMAT csv)", stream)
    if stream.tell():
        kinds = {name: kind for name, (_sql, kind) in READ.items()}
        yield records_of(read_csv(stream.getbuffer(), kinds))
    if corrected:
        bases = corrected._bases(batch)
        records, problems = corrected._corrected(batch, bases)
        _refuse_unrated(batch.env, records, problems)
        yield records, np.array(corrected.mapped("cdr_id"), np.int64)


def _refuse_unrated(env, records, errors):
    if not errors:
        return
    shown = [
        f"{records.text('call_id', row)}: {why}"
        for row, (_code, why) in sorted(errors.items())[:SHOWN]
    ]
    raise UserError(
        env._(
            "Calls that cannot be rated again: %(count)s (%(reasons)s). Mend that, or"
            " let them stay credited.",
            count=len(errors),
            reasons="; ".join(shown),
        )
    )


TAKE_SQL = f"""
DROP TABLE IF EXISTS pg_temp.voip_release;
CREATE TEMP TABLE voip_release ON COMMIT DROP AS
SELECT u.*, s.move_line_id
{LINE_ROWS} WHERE %(usage)s::bigint[] IS NULL OR u.id = ANY(%(usage)s::bigint[]);
ANALYZE voip_release
"""
UNFIT_SQL = f"""
SELECT l.name FROM account_move_line l
 WHERE EXISTS (
       SELECT FROM voip_release v
        WHERE v.move_line_id = l.id
          AND (v.reversal_of IS NOT NULL OR v.source_id IS NULL OR v.batch_id IS NULL
               OR {reversed_sql("v")}))
   AND l.id IN (SELECT move_line_id FROM voip_release)
 ORDER BY l.sequence, l.id LIMIT {SHOWN}
"""
SUMS_SQL = """
DROP TABLE IF EXISTS pg_temp.voip_release_sum;
CREATE TEMP TABLE voip_release_sum ON COMMIT DROP AS
SELECT nextval('voip_usage_summary_id_seq') AS target, summary_id, move_line_id,
       count(*) AS attempts, count(*) FILTER (WHERE answered) AS calls,
       sum(COALESCE(units, answered::int)) AS units, sum(billed_seconds) AS seconds,
       sum(amount) AS amount, sum(COALESCE(amount_company, amount)) AS amount_company,
       sum(cost) AS cost
  FROM voip_release GROUP BY summary_id, move_line_id;
ANALYZE voip_release_sum
"""
SUMMARY_SQL = """
INSERT INTO voip_usage_summary (
       id, company_id, account_id, payer_id, service_id, local_day, unit_price,
       currency_id, late, deck_currency_id, destination_id, label, facets, attempts,
       calls, units, seconds, amount, tax, amount_company, cost, move_line_id, move_id)
SELECT g.target, s.company_id, s.account_id, s.payer_id, s.service_id, s.local_day,
       s.unit_price, s.currency_id, s.late, s.deck_currency_id, s.destination_id,
       s.label, s.facets, -g.attempts, -g.calls, -g.units, -g.seconds, -g.amount,
       -COALESCE(round(s.tax * g.amount / NULLIF(s.amount, 0), 8), 0),
       -g.amount_company, -g.cost, l.id, l.move_id
  FROM voip_release_sum g
  JOIN voip_usage_summary s ON s.id = g.summary_id
  JOIN account_move_line l ON l.voip_credited_line_id = g.move_line_id
       AND l.move_id = %(note)s
"""
COPIED = tuple(name for name in STORED if name not in (*RENEWED, *SIGNED))
REVERSE_SQL = f"""
INSERT INTO voip_usage_row (id, summary_id, reversal_of,
       {", ".join((*SIGNED, *COPIED))})
SELECT nextval('voip_usage_row_block_seq'), g.target, v.id,
       {", ".join([f"-v.{name}" for name in SIGNED] + [f"v.{n}" for n in COPIED])}
  FROM voip_release v JOIN voip_release_sum g ON g.summary_id = v.summary_id
"""
MOVED_SQL = """
SELECT s.payer_id, sum(s.amount)::text, sum(s.tax)::text
  FROM voip_release_sum g JOIN voip_usage_summary s ON s.id = g.target
 GROUP BY 1 ORDER BY 1
"""
# A time zone moves a call by a day at most.
ASIDE_SQL = f"""
UPDATE voip_usage_summary s SET seal_id = {CLOSING}
  FROM voip_account a
 WHERE a.id = s.account_id AND a.bill_account_id = %(account)s
   AND s.local_day BETWEEN (SELECT min(started_at)::date - 1 FROM voip_release)
                       AND (SELECT max(started_at)::date + 1 FROM voip_release)
   AND s.move_line_id IS NULL AND s.seal_id IS NULL
RETURNING s.id
"""
CLOSE_SQL = f"""
UPDATE voip_usage_summary s SET seal_id = {CLOSING}
  FROM voip_account a
 WHERE a.id = s.account_id AND a.bill_account_id = %(account)s
   AND s.id = ANY(%(made)s) AND s.move_line_id IS NULL
   AND s.calls = 0 AND s.amount = 0
"""
BACK_SQL = "UPDATE voip_usage_summary SET seal_id = NULL WHERE id = ANY(%s)"
CORRECTED_SQL = """
SELECT e.id FROM voip_cdr_error e
  JOIN voip_release v ON v.source_id = e.cdr_id AND v.batch_id = e.batch_id
 WHERE e.batch_id = %s AND e.state = 'fixed' ORDER BY e.position
"""
