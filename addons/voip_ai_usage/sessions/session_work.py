"""Waiting sessions find account, call and prices, are charged, and join their month."""

from datetime import timedelta

import numpy as np

from odoo import api, models

from odoo.addons.voip_billing_base.charge.bounds import OutOfBounds
from odoo.addons.voip_billing_base.charge.transaction import lock_company, run_money
from odoo.addons.voip_billing_base.engine.exact import largest

from .calls import find_calls
from .charging import session_rows, write_rows, write_volumes
from .months import add_rows, add_sessions
from .pricing import Pricer, Waiting

PIECE = 10_000
MOST = 10**15 * 10**8
# A call that is not there is looked for again after so long.
NEXT_LOOK = timedelta(minutes=5)
# One that was charged alone is looked for so long, and so seldom.
LONE_DAYS = 31
NEXT_LONE_LOOK = timedelta(hours=6)


class VoipAiSession(models.Model):
    _inherit = "voip.ai.session"

    # === CRON METHODS === #

    @api.model
    def _cron_charge(self):
        """Charge what waits, in every company, some thousands a transaction; then look
        for calls of sessions that were charged alone."""
        progress = self.env["ir.cron"]._commit_progress
        self.env.cr.execute(COMPANIES_SQL)
        for (company,) in self.env.cr.fetchall():
            for work in (self._charge_waiting, self._link_lone):
                name = work.__name__
                while done := run_money(
                    self.env,
                    lambda env, own=company, do=name: getattr(env[self._name], do)(own),
                ):
                    if not progress(done):
                        self._wake_charging()
                        return

    # === BUSINESS METHODS === #

    @api.model
    def _charge_waiting(self, company_id, ids=None, alone=False):
        """Charge waiting sessions of a company; how many were looked at.

        :param ids: only these, else the oldest :data:`PIECE` that are due
        :param alone: wait for no calls any more
        """
        cr = self.env.cr
        lock_company(cr, company_id)
        now = cr.now()
        values = {"company": company_id, "ids": ids, "now": now, "alone": alone}
        cr.execute(TAKE_SQL, {**values, "piece": PIECE})
        taken = cr.dictfetchall()
        if not taken:
            return 0
        asked = [
            (row["id"], row["call_ref"], row["switch_id"], row["started_at"])
            for row in taken
            if row["call_ref"]
        ]
        calls = find_calls(cr, company_id, asked)
        errors, sessions, waits = {}, [], []
        for row in taken:
            call = calls.get(row["id"])
            if row["error"]:
                errors[row["id"]] = row["error"], ""
            elif row["call_ref"] and not (call or alone) and now < row["deadline"]:
                waits.append(row["id"])
                continue
            sessions.append(_waiting(row, call))
        good = [one for one in sessions if one.id not in errors]
        priced = self._charge_sessions(company_id, good, errors)
        self._keep_waiting(waits, now)
        self._keep_charged(sessions, calls, priced, errors, now)
        return len(taken)

    @api.model
    def _charge_sessions(self, company_id, sessions, errors):
        """Charge sessions; ``errors`` is filled with those that cannot be.

        What no row or sum can hold is left out and the rest is tried again.

        :return: the :class:`~.pricing.Priced` that was written, None where nothing was
        """
        company = self.env["res.company"].browse(company_id)
        pricer = Pricer(self.env, company)
        while sessions:
            found = {}
            priced = pricer.price(sessions, found)
            errors.update(found)
            out = beyond(priced) or self._written(company, priced)
            if not out:
                return priced
            errors.update(dict.fromkeys(out, ("out_of_bounds", "")))
            sessions = [one for one in sessions if one.id not in errors]
        return None

    def _written(self, company, priced):
        """Ids of the sessions for which nothing was written; none: all is."""
        plans = {one.plan_id for one in priced.sessions if one.plan_id}
        plans = {plan.id: plan for plan in self.env["voip.ai.plan"].browse(plans)}
        rows = session_rows(self.env, priced, plans)
        try:
            with self.env.cr.savepoint():
                write_rows(self.env, company, rows)
                write_volumes(self.env.cr, company.id, priced.volumes)
                add_rows(self.env.cr, company.id, rows)
                add_sessions(self.env.cr, company.id, priced.sessions)
        except OutOfBounds as error:
            self.env.invalidate_all(flush=False)
            return {e.id for e in priced.sessions if e.account_id in error.reasons}
        return set()

    @api.model
    def _keep_waiting(self, ids, now):
        if ids:
            self.env.cr.execute(WAIT_SQL, [now + NEXT_LOOK, ids])
            self.invalidate_model()

    @api.model
    def _keep_charged(self, sessions, calls, priced, errors, now):
        """Keep what became of sessions."""
        costs = {}
        if priced:
            pairs = zip(priced.sessions, priced.found, strict=True)
            costs = {one.id: (one.cost, x) for one, x in pairs if x is not None}
        rows = []
        for one in sessions:
            call = calls.get(one.id)
            error, about = errors.get(one.id, (None, None))
            stated, found = costs.get(one.id, ("", None))
            rows.append(
                (
                    one.id,
                    error,
                    about or None,
                    None if error == "no_account" else one.account_id,
                    one.plan_id,
                    one.local_day,
                    one.connected,
                    one.seconds,
                    call and call.id,
                    call and call.start,
                    now + NEXT_LONE_LOOK,
                    stated or None,
                    found,
                )
            )
        if rows:
            columns = [list(column) for column in zip(*rows, strict=True)]
            self.env.cr.execute(DONE_SQL, columns)
            self.invalidate_model()

    @api.model
    def _link_lone(self, company_id):
        """Look for calls of sessions that were charged alone; how many were looked at.

        Where the call says that it never connected, and the plan does not charge such
        ones, or the other way round, the session is priced again.
        """
        cr = self.env.cr
        lock_company(cr, company_id)
        now = cr.now()
        oldest = now - timedelta(days=LONE_DAYS)
        cr.execute(LONE_SQL, [company_id, now, oldest, PIECE])
        lone = cr.fetchall()
        calls = find_calls(cr, company_id, [row[:4] for row in lone])
        again = [n for n, *_r, was in lone if n in calls and calls[n].answered != was]
        if again:
            self._take_back(company_id, again)
        found = [(n, calls[n].id, calls[n].start) for n, *_r in lone if n in calls]
        columns = [list(c) for c in zip(*found, strict=True)] or [[], [], []]
        cr.execute(LINK_SQL, columns)
        cr.execute(LATER_SQL, [now + NEXT_LONE_LOOK, [n for n, *_r in lone]])
        self.invalidate_model()
        if again:
            self._charge_waiting(company_id, again, alone=True)
        return len(lone)


def _waiting(row, call):
    said = row["said_connected"]
    connected = call.answered if call else (said is None or said)
    seconds = row["seconds"]
    if seconds is None and call:
        seconds = call.seconds
    return Waiting(
        id=row["id"],
        ref=row["session_ref"],
        account_id=row["account_id"],
        plan_id=row["plan_id"],
        started_at=row["started_at"],
        local_day=row["local_day"],
        seconds=seconds,
        connected=connected,
        tools=row["tools"],
        parts=row["parts"],
        cost=row["cost_text"] or "",
        cost_parts=row["cost_parts_text"] or "",
        cost_currency=row["cost_currency"] or "",
    )


def beyond(priced):
    """Ids of sessions whose amount or cost no row can hold."""
    wide = set()
    if largest(priced.slices.amount) > MOST:
        rows = np.flatnonzero(np.abs(priced.slices.amount) > MOST)
        wide |= {priced.sessions[n].id for n in priced.slices.session[rows].tolist()}
    return wide | {
        priced.sessions[line.session].id
        for line in priced.lines
        if abs(line.cost_company) > MOST or line.cost > MOST
    }


COMPANIES_SQL = """
SELECT id FROM res_company c
 WHERE EXISTS (SELECT FROM voip_ai_session s
                WHERE s.company_id = c.id AND s.state IN ('waiting', 'call'))
    OR EXISTS (SELECT FROM voip_ai_session s
                WHERE s.company_id = c.id AND s.state = 'charged' AND s.call_ref <> ''
                  AND s.cdr_id IS NULL AND s.look_at <= now() AT TIME ZONE 'UTC')
 ORDER BY id
"""
TAKE_SQL = """
SELECT s.id, s.session_ref, s.call_ref, s.switch_id, s.started_at, s.seconds,
       s.said_connected, s.tools, s.parts, s.cost_text, s.cost_parts_text,
       s.cost_currency, a.id AS account_id, p.plan_id,
       COALESCE(d.day, s.started_at::date) AS local_day,
       s.received_at + COALESCE(a.ai_wait_hours, 0) * interval '1 hour' AS deadline,
       CASE WHEN a.id IS NULL THEN 'no_account'
            WHEN a.state = 'closed' THEN 'account_closed' END AS error
  FROM (SELECT * FROM voip_ai_session
         WHERE company_id = %(company)s AND state IN ('waiting', 'call')
           AND CASE WHEN %(ids)s::int[] IS NULL
                    THEN %(alone)s OR look_at IS NULL OR look_at <= %(now)s
                    ELSE id = ANY(%(ids)s::int[]) END
         ORDER BY id LIMIT %(piece)s FOR UPDATE SKIP LOCKED) s
  LEFT JOIN voip_account a
         ON a.company_id = s.company_id AND a.code = s.account_code
 CROSS JOIN LATERAL (
       SELECT (s.started_at AT TIME ZONE 'UTC' AT TIME ZONE a.tz)::date AS day) d
  LEFT JOIN voip_ai_subscription p
         ON p.account_id = a.id AND p.date_start <= d.day
        AND (p.date_end IS NULL OR p.date_end >= d.day)
 ORDER BY s.id
"""
WAIT_SQL = """
UPDATE voip_ai_session s SET state = 'call', look_at = %s, account_id = a.id
  FROM voip_account a
 WHERE s.id = ANY(%s) AND a.company_id = s.company_id AND a.code = s.account_code
"""
DONE_SQL = """
UPDATE voip_ai_session s
   SET state = CASE WHEN j.error IS NULL THEN 'charged' ELSE 'error' END,
       error = j.error, error_about = j.about, account_id = j.account_id,
       plan_id = j.plan_id, local_day = j.local_day, is_connected = j.connected,
       seconds = j.seconds, cdr_id = j.cdr_id, cdr_start = j.cdr_start,
       look_at = j.look_at, stated_cost = j.stated, found_cost = j.found,
       cost_difference = j.stated - j.found
  FROM unnest(%s::int[], %s::text[], %s::text[], %s::int[], %s::int[], %s::date[],
              %s::bool[], %s::int[], %s::bigint[], %s::timestamp[], %s::timestamp[],
              %s::numeric[], %s::numeric[])
       AS j (id, error, about, account_id, plan_id, local_day, connected, seconds,
             cdr_id, cdr_start, look_at, stated, found)
 WHERE s.id = j.id
"""
LONE_SQL = """
SELECT id, call_ref, switch_id, started_at, COALESCE(is_connected, false)
  FROM voip_ai_session
 WHERE company_id = %s AND state = 'charged' AND call_ref <> '' AND cdr_id IS NULL
   AND look_at <= %s AND started_at > %s
 ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
"""
LINK_SQL = """
UPDATE voip_ai_session s SET cdr_id = l.cdr_id, cdr_start = l.start
  FROM unnest(%s::int[], %s::bigint[], %s::timestamp[]) AS l (id, cdr_id, start)
 WHERE s.id = l.id
"""
LATER_SQL = "UPDATE voip_ai_session SET look_at = %s WHERE id = ANY(%s)"
