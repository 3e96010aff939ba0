"""What was charged at an installation before: it outlives the module.

The usage of AI voice is the books' and stays when the module is uninstalled; here stays
what it was charged for. After another installation it explains that usage; days whose
fee was paid and sessions that were charged are not charged again.
"""

from odoo.addons.voip_billing_base.charge.append_only import install_append_only

# One row for each charge: of a session (by its switch and id), or of the days of a fee.
TABLE = """
CREATE TABLE IF NOT EXISTS voip_ai_charge_kept (
    id bigserial PRIMARY KEY,
    company_id integer NOT NULL,
    account_id integer NOT NULL,
    switch_id integer,
    session_ref text,
    revision integer,
    kind text NOT NULL,
    local_day date NOT NULL,
    month date NOT NULL,
    first_day date,
    last_day date,
    started_at timestamp NOT NULL,
    currency_id integer NOT NULL,
    is_back boolean NOT NULL,
    amount numeric NOT NULL
           CHECK (amount BETWEEN -1000000000000000 AND 1000000000000000),
    cost numeric NOT NULL
         CHECK (cost BETWEEN -1000000000000000 AND 1000000000000000),
    summary_id bigint NOT NULL,
    usage_id bigint NOT NULL,
    CHECK ((session_ref IS NULL) = (first_day IS NOT NULL AND last_day IS NOT NULL))
);
CREATE INDEX IF NOT EXISTS voip_ai_charge_kept_of_session
    ON voip_ai_charge_kept (session_ref) WHERE session_ref IS NOT NULL;
CREATE INDEX IF NOT EXISTS voip_ai_charge_kept_of_fee
    ON voip_ai_charge_kept (account_id, month) WHERE session_ref IS NULL;
CREATE INDEX IF NOT EXISTS voip_ai_charge_kept_of_summary
    ON voip_ai_charge_kept (summary_id)
"""
KEEP_SQL = """
INSERT INTO voip_ai_charge_kept (
       company_id, account_id, switch_id, session_ref, revision, kind, local_day, month,
       first_day, last_day, started_at, currency_id, is_back, amount, cost, summary_id,
       usage_id)
SELECT c.company_id, c.account_id, s.switch_id, s.session_ref, s.revision, c.kind,
       c.local_day, c.month,
       CASE WHEN p.prorate = 'whole' THEN c.month
            WHEN b.id IS NOT NULL THEN GREATEST(c.month, b.date_start) END,
       CASE WHEN p.prorate = 'whole' THEN m.last
            WHEN b.id IS NOT NULL THEN LEAST(m.last, b.date_end) END,
       c.started_at, c.currency_id, c.reversal_of IS NOT NULL, c.amount, c.cost,
       c.summary_id, c.usage_id
  FROM voip_ai_charge c
  LEFT JOIN voip_ai_session s ON s.id = c.session_id
  LEFT JOIN voip_ai_subscription b ON b.id = c.subscription_id
  LEFT JOIN voip_ai_plan p ON p.id = b.plan_id
 CROSS JOIN LATERAL (
       SELECT (c.month + interval '1 month' - interval '1 day')::date AS last) m
 ORDER BY c.id
"""
# Days of fees of subscriptions that were paid before, by month and kind.
PAID_SQL = """
SELECT b.id, f.kind, f.month, count(DISTINCT d.day)
  FROM voip_ai_subscription b
  JOIN (SELECT account_id, kind, month, first_day, last_day
          FROM voip_ai_charge_kept
         WHERE session_ref IS NULL
         GROUP BY 1, 2, 3, 4, 5
        HAVING sum(amount) > 0) f ON f.account_id = b.account_id
 CROSS JOIN LATERAL generate_series(
       GREATEST(f.first_day, b.date_start),
       LEAST(f.last_day, b.date_end), interval '1 day') AS d (day)
 WHERE b.id = ANY(%s)
 GROUP BY 1, 2, 3
"""
SESSIONS_SQL = """
SELECT session_ref, max(revision) FROM voip_ai_charge_kept
 WHERE company_id = %s AND COALESCE(switch_id, 0) = %s AND session_ref = ANY(%s)
 GROUP BY session_ref
HAVING sum(CASE WHEN is_back THEN -1 ELSE 1 END) > 0
"""


def make_table(cr):
    """Make the table, append-only, where it is not there from an uninstall before."""
    cr.execute(TABLE)
    install_append_only(cr, "voip_ai_charge_kept")


def keep(cr):
    """Keep all that was charged, because the tables of the module go."""
    make_table(cr)
    cr.execute(KEEP_SQL)


def paid_days(cr, subscriptions):
    """{(subscription id, kind, month): days that were paid at an installation before}.

    :param list subscriptions: their ids
    """
    cr.execute(PAID_SQL, [subscriptions])
    return {tuple(key): days for *key, days in cr.fetchall()}


def charged_sessions(cr, company_id, switch_id, ids):
    """{session id: revision} of those charged at an installation before.

    :param list ids: as senders name them
    """
    cr.execute(SESSIONS_SQL, [company_id, switch_id or 0, ids])
    return dict(cr.fetchall())
