"""The invariants: each one query, all in one run, all zero."""

import logging
from contextlib import nullcontext
from datetime import date

from odoo import api, models
from odoo.exceptions import AccessError

from ..charge import seal, wallet_seal
from ..charge.planner import few_groups

_logger = logging.getLogger(__name__)
BEGINNING = date(1900, 1, 1)


class VoipCheck(models.AbstractModel):
    """Recomputes what is cached and looks for what must not be.

    Movements kept for a busy wallet count as moved, so all holds at any instant.
    ``./voip check`` and a scheduled action run it; every fault drill ends with it.
    """

    _name = "voip.check"
    _description = "Invariants"

    @api.model
    def _checks(self, since, full):
        """(name, title, sql) of every invariant; sql returns the violations' count.

        :param since: first day that is not sealed everywhere
        :param full: whether everything is recomputed
        """
        return [
            ("usage_summary", "Sum of rated usage = its summary", USAGE_SQL),
            ("usage_orphan", "Every usage row has its summary", ORPHAN_SQL),
            ("links", "What a summary names exists", LINK_SQL),
            ("invoice_line", "Sum of the summaries = the invoice line", LINE_SQL),
            ("invoice_total", "Sum of the lines = the invoice", TOTAL_SQL),
            ("wallet_entries", "Wallet = sum of its entries", WALLET_SQL),
            ("wallet_unbilled", "Wallet = unbilled summaries", UNBILLED_SQL),
            ("wallet_reserved", "Wallet = reservations", RESERVED_SQL),
            ("entry_chain", "Each wallet entry starts where the last ended", STEP_SQL),
            ("balanced", "Every posted journal entry balances", BALANCED_SQL),
            ("one_invoice", "One invoice per account and period", ONCE_SQL),
            ("one_bill", "Billed usage is on a posted document", BILLED_SQL),
            ("wallet_kept", "Balances are kept by the database", KEPT_SQL),
            ("seal_links", "Every seal that a summary names exists", SEAL_SQL),
            ("append_only", "Append-only tables refuse changes", TRIGGER_SQL),
            ("audit_chain", "The audit chain verifies", self._audit_sql()),
        ]

    def _audit_sql(self):
        return self.env["voip.audit"]._chain_sql()

    @api.model
    def run(self, full=False):
        """Run all invariants.

        What is sealed does not change: by default its rows are left out and the chain
        of seals is verified.

        :param full: recompute every month, and compare each with its seal
        :return: list of ``{"name", "title", "violations"}``
        :raises AccessError: the user is no billing manager (``full``: no super
            administrator) of every company
        """
        self._check_right(full)
        self.env.flush_all()
        since = None if full else self.env["voip.seal"]._open_since()
        since = since or BEGINNING
        # Open months are few; all of them could need more memory than there is.
        with nullcontext() if full else few_groups(self.env.cr):
            results = self._run(since, full)
        if full:
            broken = len(self.env["voip.seal"].sudo()._broken())
            title = "Every sealed month is as it was sealed"
            results.append({"name": "seals", "title": title, "violations": broken})
        return results

    def _run(self, since, full):
        """What :meth:`run` answers, but for what only ``full`` looks at."""
        self._prepare(since, full)
        results = []
        for name, title, sql in self._checks(since, full):
            self.env.cr.execute(sql)
            violations = self.env.cr.fetchone()[0]
            results.append({"name": name, "title": title, "violations": violations})
        changed = len(self.env["voip.seal"].sudo()._changed_wallets())
        title = "Sums of sealed wallet entries are as they were sealed"
        results.append({"name": "wallet_seals", "title": title, "violations": changed})
        return results

    def _check_right(self, full):
        """Violations are counted over all companies, and counting is work."""
        if self.env.su:
            return
        group = "admin" if full else "manager"
        if not self.env.user.has_group(f"voip_billing_base.group_voip_{group}"):
            raise AccessError(
                self.env._("Only a super administrator recomputes sealed months.")
                if full
                else self.env._("Only a billing manager runs the invariants.")
            )
        own = self.env.user.company_ids.ids
        if self.env["res.company"].sudo().search_count([("id", "not in", own)], 1):
            raise AccessError(
                self.env._(
                    "The invariants count over all companies: only who works for each"
                    " of them runs them."
                )
            )

    @api.model
    def _prepare(self, since, full):
        """What the checks read: ``voip_open_summary``, ``voip_open_usage`` and sums of
        sealed wallet entries, ``voip_kept_wallet``.

        :param since: first day that is not sealed everywhere
        """
        self.env.cr.execute(PREPARE_SQL, {"since": since, "full": full})

    @api.model
    def _cron_check(self):
        """Log an error, which monitoring sees, when an invariant is broken."""
        for result in self.run():
            if result["violations"]:
                _logger.error(
                    "Invariant broken: %(title)s: %(violations)s violations", result
                )


# Sums of usage by summary: of all rows since the first open day, and of older summaries
# that are open the rows around their day. OFFSET keeps them found by account and day,
# month by month, whatever PostgreSQL expects of a table made just now.
SUMS = """
    SELECT u.summary_id, sum(u.sign) AS attempts,
           sum(u.answered::int * u.sign) AS calls,
           sum(u.answered::int * u.sign)
               + COALESCE(sum((u.units - u.answered::int) * u.sign), 0) AS units,
           sum(u.billed_seconds * u.sign) AS seconds, sum(u.amount) AS amount,
           sum(u.amount) + COALESCE(sum(u.amount_company - u.amount), 0) AS sale,
           sum(u.cost) AS cost,
           min(u.account_id) AS account_id, max(u.account_id) AS last_account_id,
           min(u.company_id) AS company_id, min(u.started_at) AS first,
           max(u.started_at) AS last
"""
SIGN = "CASE WHEN reversal_of IS NULL THEN 1 ELSE -1 END AS sign"
PREPARE_SQL = f"""
DROP TABLE IF EXISTS pg_temp.voip_open_summary, pg_temp.voip_open_usage,
                     pg_temp.voip_kept_wallet;
CREATE TEMP TABLE voip_kept_wallet ON COMMIT DROP AS
SELECT * FROM voip_wallet_sealed WHERE NOT %(full)s;
CREATE TEMP TABLE voip_open_summary ON COMMIT DROP AS
SELECT * FROM voip_usage_summary WHERE {seal.OPEN} OR %(full)s;
CREATE UNIQUE INDEX ON voip_open_summary (id);
ANALYZE voip_open_summary;
CREATE TEMP TABLE voip_open_usage ON COMMIT DROP AS
{SUMS}
  FROM (SELECT *, {SIGN} FROM voip_usage_row WHERE started_at >= %(since)s) u
 GROUP BY 1
UNION ALL
{SUMS}
  FROM (SELECT DISTINCT account_id, local_day FROM voip_open_summary
         WHERE local_day < %(since)s::date + 1) d
 CROSS JOIN LATERAL (
      SELECT *, {SIGN} FROM voip_usage_row r
       WHERE r.account_id = d.account_id
         AND r.started_at >= d.local_day - interval '1 day'
         AND r.started_at < LEAST(d.local_day + interval '2 days', %(since)s)
      OFFSET 0) u
  JOIN voip_open_summary s ON s.id = u.summary_id AND s.account_id = u.account_id
       AND s.local_day = d.local_day
 GROUP BY 1;
CREATE INDEX ON voip_open_usage (summary_id);
ANALYZE voip_open_usage
"""
USAGE_SQL = """
SELECT count(*) FROM (
    SELECT summary_id, sum(attempts) AS attempts, sum(calls) AS calls,
           sum(units) AS units, sum(seconds) AS seconds, sum(amount) AS amount,
           sum(sale) AS sale, sum(cost) AS cost
      FROM voip_open_usage GROUP BY 1
) u RIGHT JOIN voip_open_summary s ON s.id = u.summary_id
WHERE COALESCE(u.attempts, 0) <> COALESCE(s.attempts, 0)
   OR COALESCE(u.calls, 0) <> COALESCE(s.calls, 0)
   OR COALESCE(u.units, 0) <> COALESCE(s.units, 0)
   OR COALESCE(u.seconds, 0) <> COALESCE(s.seconds, 0)
   OR COALESCE(u.amount, 0) <> COALESCE(s.amount, 0)
   OR COALESCE(u.sale, 0) <> COALESCE(s.amount_company, 0)
   OR COALESCE(u.cost, 0) <> COALESCE(s.cost, 0)
"""
# Usage of sealed summaries stands at the edge of the first open day.
ORPHAN_SQL = """
SELECT count(*) FROM voip_open_usage u
  LEFT JOIN voip_open_summary s ON s.id = u.summary_id
 WHERE CASE WHEN s.id IS NULL
            THEN NOT EXISTS (SELECT FROM voip_usage_summary x
                              WHERE x.id = u.summary_id)
            ELSE s.account_id <> u.account_id OR s.account_id <> u.last_account_id
                 OR s.company_id <> u.company_id
                 OR u.first < s.local_day - interval '1 day'
                 OR u.last >= s.local_day + interval '2 days' END
"""
LINK_SQL = """
SELECT count(*) FROM (SELECT DISTINCT company_id, account_id, payer_id, service_id,
                             currency_id, deck_currency_id
                        FROM voip_open_summary) s
 WHERE NOT EXISTS (SELECT FROM res_company WHERE id = s.company_id)
    OR NOT EXISTS (SELECT FROM voip_account WHERE id = s.account_id)
    OR NOT EXISTS (SELECT FROM voip_account WHERE id = s.payer_id)
    OR NOT EXISTS (SELECT FROM voip_service WHERE id = s.service_id)
    OR NOT EXISTS (SELECT FROM res_currency WHERE id = s.currency_id)
    OR NOT EXISTS (SELECT FROM res_currency
                    WHERE id = COALESCE(s.deck_currency_id, s.currency_id))
"""
# Calls that are credited one by one round up more often than their line: the last one
# takes what is left of it.
LINE_SQL = """
SELECT count(*) FROM (
    SELECT l.id
      FROM voip_usage_summary s
      JOIN account_move_line l ON l.id = s.move_line_id
      JOIN account_move m ON m.id = l.move_id
      JOIN res_currency c ON c.id = m.currency_id
     WHERE s.move_line_id IN (SELECT move_line_id FROM voip_open_summary)
     GROUP BY l.id, m.move_type, m.id, c.decimal_places
    HAVING abs(round(sum(s.amount), c.decimal_places)
               * CASE WHEN m.move_type = 'out_refund' THEN -1 ELSE 1 END
               - round(l.price_unit * l.quantity, c.decimal_places)
               - COALESCE(l.voip_tax_off, 0))
           > CASE WHEN l.voip_credited_line_id IS NULL THEN 0
                  ELSE COALESCE((
               SELECT count(*) * 10.0 ^ -c.decimal_places FROM account_move_line n
                WHERE n.voip_credited_line_id = l.voip_credited_line_id
                  AND n.parent_state = 'posted'
               HAVING sum(n.price_unit * n.quantity) = (
                      SELECT o.price_unit * o.quantity FROM account_move_line o
                       WHERE o.id = l.voip_credited_line_id)), 0) END
        OR sum(s.amount) * CASE WHEN m.move_type = 'out_refund' THEN -1 ELSE 1 END
           <> l.voip_amount
        OR sum(s.calls) <> l.voip_calls OR sum(s.seconds) <> l.voip_seconds
        OR count(DISTINCT s.move_id) <> 1 OR min(s.move_id) <> m.id
) x
"""
# A document is its journal items. Where prices hold taxes, each line's part before tax
# is rounded by itself, the document's once, and so is each tax, also to none: half a
# unit for each tax of a line, and half for the line's own.
TOTAL_SQL = """
SELECT count(*) FROM (
    SELECT m.amount_untaxed, 10.0 ^ -c.decimal_places AS unit,
           sum(x.item) AS items,
           sum(CASE WHEN l.display_type = 'product' THEN l.price_subtotal
                    ELSE x.item END) AS lines,
           sum(CASE WHEN round(l.price_unit * l.quantity, c.decimal_places)
                         <> l.price_subtotal
                    THEN (SELECT count(*) FROM account_move_line_account_tax_rel t
                           WHERE t.account_move_line_id = l.id)
                    ELSE 0 END) AS included
      FROM account_move m JOIN res_currency c ON c.id = m.currency_id
      JOIN account_move_line l ON l.move_id = m.id
       AND (l.display_type = 'product' OR l.display_type = 'rounding'
            -- A tax that was rounded for cash is no line.
            AND l.tax_repartition_line_id IS NULL)
     CROSS JOIN LATERAL (SELECT l.amount_currency * CASE m.move_type
                                WHEN 'out_refund' THEN 1 ELSE -1 END AS item) x
     WHERE (m.voip_period_end IS NOT NULL OR m.voip_span_end IS NOT NULL)
       AND m.state = 'posted'
     GROUP BY m.id, c.decimal_places) d
 WHERE items <> amount_untaxed OR abs(lines - amount_untaxed)
       > CASE included WHEN 0 THEN 0 ELSE floor((included + 1) / 2.0) * unit END
"""
# Entries that no seal covers, found by their numbers.
OPEN_ENTRY = """
    (SELECT e.* FROM (
         SELECT c.id, COALESCE(max(k.entry_id), 0) AS last
           FROM res_company c LEFT JOIN voip_kept_wallet k ON k.company_id = c.id
          GROUP BY 1) c
      CROSS JOIN LATERAL (SELECT * FROM voip_wallet_entry
                           WHERE company_id = c.id AND id > c.last OFFSET 0) e)
"""
WALLET_SQL = f"""
SELECT count(*) FROM voip_wallet w
  LEFT JOIN (SELECT wallet_id, sum(ledger) AS ledger, sum(unbilled) AS unbilled,
                    sum(tax) AS tax
               FROM (SELECT wallet_id, ledger, unbilled, tax FROM voip_kept_wallet
                     UNION ALL
                     SELECT wallet_id, ledger_delta, unbilled_delta, tax_delta
                       FROM {OPEN_ENTRY} x) x
              GROUP BY 1) e ON e.wallet_id = w.id
 WHERE w.ledger_balance <> COALESCE(e.ledger, 0)
    OR w.unbilled <> COALESCE(e.unbilled, 0)
    OR w.unbilled_tax <> COALESCE(e.tax, 0)
"""
UNBILLED_SQL = """
SELECT count(*) FROM voip_wallet w
  LEFT JOIN (SELECT payer_id, sum(amount) AS amount, sum(tax) AS tax
               FROM (SELECT payer_id, amount, tax FROM voip_usage_summary
                      WHERE move_line_id IS NULL
                     UNION ALL
                     SELECT s.payer_id, s.amount, s.tax
                       FROM account_move m JOIN voip_usage_summary s ON s.move_id = m.id
                      WHERE m.state <> 'posted' AND s.move_line_id IS NOT NULL) x
              GROUP BY 1) u
    ON u.payer_id = w.account_id
  LEFT JOIN (SELECT account_id, sum(unbilled) AS amount, sum(tax) AS tax
               FROM voip_wallet_pending GROUP BY 1) p ON p.account_id = w.account_id
 WHERE w.unbilled + COALESCE(p.amount, 0) <> COALESCE(u.amount, 0)
    OR w.unbilled_tax + COALESCE(p.tax, 0) <> COALESCE(u.tax, 0)
"""
RESERVED_SQL = """
SELECT count(*) FROM voip_wallet w
  LEFT JOIN (SELECT wallet_id, sum(amount) AS amount FROM voip_wallet_reservation
              GROUP BY 1) r ON r.wallet_id = w.id
 WHERE w.reserved <> COALESCE(r.amount, 0)
"""
STEP_SQL = wallet_seal.steps_sql(OPEN_ENTRY, "voip_kept_wallet")
BALANCED_SQL = """
SELECT count(*) FROM (
    SELECT l.move_id FROM account_move_line l JOIN account_move m ON m.id = l.move_id
     WHERE m.state = 'posted' GROUP BY 1
    HAVING sum(l.balance) <> 0 OR sum(l.debit) <> sum(l.credit)) x
"""
ONCE_SQL = """
SELECT count(*) FROM (
    SELECT voip_account_id FROM account_move
     WHERE voip_period_end IS NOT NULL AND state <> 'cancel'
     GROUP BY voip_account_id, voip_period_start, voip_period_end
    HAVING count(*) > 1) x
"""
BILLED_SQL = """
SELECT count(*) FROM voip_open_summary s
  LEFT JOIN account_move_line l ON l.id = s.move_line_id
  LEFT JOIN account_move m ON m.id = l.move_id
 WHERE s.move_line_id IS NOT NULL
   AND (m.id IS NULL OR m.state <> 'posted' OR m.id <> s.move_id
        OR m.company_id <> s.company_id)
"""
KEPT_SQL = """
SELECT (SELECT count(*) FROM voip_wallet w JOIN voip_account a ON a.id = w.account_id
         WHERE w.balance IS DISTINCT FROM
               w.ledger_balance - w.unbilled - w.unbilled_tax
            OR w.available IS DISTINCT FROM w.ledger_balance - w.unbilled
               - w.unbilled_tax - w.reserved + w.limit_amount
            OR w.currency_id <> a.currency_id OR w.company_id <> a.company_id)
     + (SELECT count(*) FROM pg_attribute
         WHERE attrelid = 'voip_wallet'::regclass
           AND attname IN ('balance', 'available') AND attgenerated <> 's')
"""
# From seal to seal by the index, not from summary to summary; all days of a seal are of
# its month when the first and the last are.
SEAL_SQL = """
WITH RECURSIVE sealed AS (
    (SELECT seal_id, company_id FROM voip_usage_summary
      WHERE seal_id > 0 ORDER BY seal_id, company_id LIMIT 1)
    UNION ALL
    SELECT n.seal_id, n.company_id
      FROM sealed s
     CROSS JOIN LATERAL (
          SELECT seal_id, company_id FROM voip_usage_summary
           WHERE seal_id > 0 AND (seal_id, company_id) > (s.seal_id, s.company_id)
           ORDER BY seal_id, company_id LIMIT 1) n
)
SELECT count(*) FROM sealed s
 CROSS JOIN LATERAL (
      SELECT date_trunc('month', min(local_day))::date::text AS first,
             date_trunc('month', max(local_day))::date::text AS last
        FROM voip_usage_summary
       WHERE seal_id = s.seal_id AND company_id = s.company_id AND seal_id > 0) m
 WHERE NOT EXISTS (
    SELECT FROM voip_audit a
     WHERE a.id = s.seal_id AND a.company_id = s.company_id
       AND a.event = 'month_sealed' AND a.data::json ->> 'month' = m.first
       AND a.data::json ->> 'month' = m.last)
"""
# Row and truncate triggers, of a partitioned table on each partition too.
REFUSING_SQL = """
SELECT count(*)
  FROM (SELECT to_regclass(name) AS tab FROM unnest(ARRAY[{tables}]) name
        UNION ALL
        SELECT inhrelid FROM unnest(ARRAY[{tables}]) name
          JOIN pg_inherits ON inhparent = to_regclass(name)) t,
       unnest(ARRAY['voip_no_change', 'voip_no_truncate']) AS trigger
 WHERE NOT EXISTS (
    SELECT FROM pg_trigger g JOIN pg_proc p ON p.oid = g.tgfoid
     WHERE g.tgrelid = t.tab AND g.tgname = trigger AND p.proname = 'voip_refuse_change'
       AND g.tgenabled IN ('O', 'A') AND g.tgqual IS NULL)
"""


def refusing_sql(*tables):
    """SQL that counts triggers missing from append-only tables and their partitions."""
    return REFUSING_SQL.format(tables=", ".join(f"'{table}'" for table in tables))


TRIGGER_SQL = refusing_sql("voip_usage_row", "voip_wallet_entry", "voip_audit")
