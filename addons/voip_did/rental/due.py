"""Which assignments a run of the rental has to look at.

Where nothing has changed since the last look and no day has come on which something
falls due, there is nothing to find. A look leaves two things at the assignment: the day
of the next one (``due_on``) and the digest of all that its rental follows from
(``looked_for``): its days, its number, its plan and prices, its account's months and
zone, its suspensions. Any change, by whatever way, makes another digest.
"""

from .kept import GOES_ON

# Digests of plans and accounts are made once each, not once for each assignment: the
# planner would put them where they are used. Of chosen accounts (``accounts``, else
# null) nothing else is read. The moment comes from the caller, because a test may have
# another one than the server. A last day that is found late may be that of the last
# month that is settled: what was charged of the months after it is given back.
DUE_SQL = """
WITH plans AS MATERIALIZED (
    SELECT p.id, hashtextextended(ROW(
               p.advance, p.prorate, p.gives_back, p.charges_suspended,
               (SELECT array_agg(ROW(r.fee, r.kind, r.country_id, r.account_id,
                                     r.min_numbers, r.price, r.effective_from)::text
                                 ORDER BY r.id)
                  FROM voip_did_price r WHERE r.plan_id = p.id))::text, 0) AS terms
      FROM voip_did_plan p WHERE p.company_id = %(company)s
), holders AS MATERIALIZED (
    SELECT a.id, (%(now)s::timestamp AT TIME ZONE 'UTC' AT TIME ZONE a.tz)::date
                 AS today,
           hashtextextended(ROW(a.cycle, a.invoice_day, a.start_date, a.tz)::text, 0)
           AS terms
      FROM voip_account a
     WHERE a.company_id = %(company)s
       AND (%(accounts)s::int[] IS NULL OR a.id = ANY(%(accounts)s::int[]))
), pauses AS (
    SELECT u.assignment_id,
           array_agg(ROW(u.cause, u.date_start, u.date_end)::text ORDER BY u.id)
           AS terms
      FROM voip_did_suspension u WHERE u.company_id = %(company)s GROUP BY 1
), looks AS (
    SELECT s.*, a.today, hashtextextended(ROW(
               s.plan_id, s.date_start, s.date_end, COALESCE(s.is_continued, false),
               d.country_id, d.kind, d.channels, p.terms, a.terms, u.terms)::text, 0)
           AS digest
      FROM voip_did_assignment s
      JOIN voip_did d ON d.id = s.did_id
      JOIN holders a ON a.id = s.account_id
      JOIN plans p ON p.id = s.plan_id
      LEFT JOIN pauses u ON u.assignment_id = s.id
     WHERE s.date_end IS NULL OR s.settled_until IS NULL OR s.settled_until < s.date_end
        OR s.due_on IS NULL
), due AS (
    SELECT * FROM looks
     WHERE due_on IS NULL OR due_on <= today OR looked_for IS DISTINCT FROM digest
)"""
ACCOUNTS_SQL = f"""{DUE_SQL}
SELECT DISTINCT account_id FROM due ORDER BY 1
"""
HELD_SQL = f"""{DUE_SQL}
SELECT s.id, s.did_id, d.number, s.account_id, s.plan_id, s.date_start, s.date_end,
       s.settled_until, COALESCE(d.country_id, 0), d.kind, d.channels,
       COALESCE(d.block_id, 0), s.unpaid_since,
       COALESCE(s.is_continued, false) OR {GOES_ON}, s.digest,
       c.month_first, c.month_last
  FROM due s JOIN voip_did d ON d.id = s.did_id
  LEFT JOIN LATERAL (
       SELECT month_first, month_last FROM voip_did_charge
        WHERE assignment_id = s.id ORDER BY month_first DESC LIMIT 1) c ON true
 WHERE s.account_id = ANY(%(accounts)s::int[])
 ORDER BY s.id
"""
LOOKED_SQL = """
UPDATE voip_did_assignment s
   SET settled_until = COALESCE(x.settled, s.settled_until), due_on = x.due,
       looked_for = x.digest
  FROM unnest(%s::int[], %s::date[], %s::date[], %s::bigint[])
       AS x (id, settled, due, digest)
 WHERE s.id = x.id
"""
