"""What numbers were charged at an installation before: it outlives the module.

The usage of a rental is the books' and stays when the module is uninstalled; here stays
what it was charged for. After another installation it explains that usage, and its days
are not charged again.
"""

from odoo.addons.voip_billing_base.charge.append_only import install_append_only

# One row for each charge, with what its assignment and its number were.
TABLE = """
CREATE TABLE IF NOT EXISTS voip_did_charge_kept (
    id bigserial PRIMARY KEY,
    company_id integer NOT NULL,
    account_id integer NOT NULL,
    number text NOT NULL,
    fee text NOT NULL,
    date_start date NOT NULL,
    month_first date NOT NULL,
    month_last date NOT NULL,
    turn integer NOT NULL,
    days integer NOT NULL,
    through date NOT NULL,
    amount numeric NOT NULL
           CHECK (amount BETWEEN -1000000000000000 AND 1000000000000000),
    summary_id bigint NOT NULL,
    usage_id bigint NOT NULL
);
CREATE INDEX IF NOT EXISTS voip_did_charge_kept_of_number
    ON voip_did_charge_kept (number, account_id);
CREATE INDEX IF NOT EXISTS voip_did_charge_kept_of_summary
    ON voip_did_charge_kept (summary_id)
"""
KEEP_SQL = """
INSERT INTO voip_did_charge_kept (
       company_id, account_id, number, fee, date_start, month_first, month_last, turn,
       days, through, amount, summary_id, usage_id)
SELECT c.company_id, c.account_id, d.number, c.fee, a.date_start, c.month_first,
       c.month_last, c.turn, c.days, c.through, c.amount, c.summary_id, c.usage_id
  FROM voip_did_charge c
  JOIN voip_did_assignment a ON a.id = c.assignment_id
  JOIN voip_did d ON d.id = c.did_id
 ORDER BY c.id
"""
# Days of assignments ``s`` that were paid for, as far as is known from the last turn.
PAID_SQL = """
SELECT s.id, s.account_id, s.plan_id, 'kept', k.first, k.last
  FROM voip_did_assignment s
  JOIN voip_did d ON d.id = s.did_id
 CROSS JOIN LATERAL (
       SELECT GREATEST(x.month_first, x.date_start) AS first, x.through AS last
         FROM (SELECT DISTINCT ON (date_start, month_first) *
                 FROM voip_did_charge_kept
                WHERE number = d.number AND account_id = s.account_id
                  AND fee = 'monthly'
                ORDER BY date_start, month_first, turn DESC) x
        WHERE x.days > 0) k
 WHERE s.id = ANY(%s) AND k.last >= s.date_start
"""
# The number was at the account on the day before: no second setup.
GOES_ON = """EXISTS (
       SELECT FROM voip_did_charge_kept k
        WHERE k.number = d.number AND k.account_id = s.account_id
          AND k.through >= s.date_start - 1 AND k.date_start <= s.date_start)"""


def make_table(cr):
    """Make the table, append-only, where it is not there from an uninstall before."""
    cr.execute(TABLE)
    install_append_only(cr, "voip_did_charge_kept")


def keep(cr):
    """Keep all that was charged, because the tables of the module go."""
    make_table(cr)
    cr.execute(KEEP_SQL)
