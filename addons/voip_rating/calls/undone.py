"""Undone calls on invoice lines that are credited: plain SQL, no models.

A call that was undone before its invoice stands on the line with its reversal, and both
come to nothing. One that was undone later is given back by the next invoice, on a line
that has the reversal without the call.
"""

from odoo.addons.voip_billing_base.charge.line_rows import LINE_ROWS, reversed_sql


def given_back(env, line_ids):
    """Ids of those of these lines that have reversals of calls on other lines."""
    env.cr.execute(GIVEN_SQL, {"lines": list(line_ids)})
    return {row[0] for row in env.cr.fetchall()}


def charged_calls(env, line_ids):
    """Ids of the usage rows of these lines that were not undone.

    :return: None where none was, so that all are meant
    """
    values = {"lines": list(line_ids)}
    env.cr.execute(ANY_SQL, values)
    if not env.cr.fetchone()[0]:
        return None
    env.cr.execute(CHARGED_SQL, values)
    return [row[0] for row in env.cr.fetchall()]


ANY_SQL = f"SELECT EXISTS (SELECT {LINE_ROWS} WHERE u.reversal_of IS NOT NULL)"
CHARGED_SQL = f"""
SELECT u.id {LINE_ROWS} WHERE u.reversal_of IS NULL AND NOT {reversed_sql("u")}
 ORDER BY 1
"""
GIVEN_SQL = f"""
SELECT DISTINCT s.move_line_id {LINE_ROWS}
 WHERE u.reversal_of IS NOT NULL AND NOT EXISTS (
       SELECT FROM voip_usage_row o JOIN voip_usage_summary os ON os.id = o.summary_id
        WHERE o.id = u.reversal_of AND o.account_id = u.account_id
          AND o.started_at = u.started_at AND os.move_line_id = s.move_line_id)
"""
