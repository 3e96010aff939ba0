"""Undone calls on invoice lines that are credited: plain SQL, no models.

A call that was undone before its invoice stands on the line with its reversal, and both
come to nothing. One that was undone later is given back by the next invoice, on a line
that has the reversal without the call.
"""


def given_back(env, line_ids):
    """Ids of those of these lines that have reversals of calls on other lines."""
    env.cr.execute(GIVEN_SQL, {"lines": list(line_ids)})
    return {row[0] for row in env.cr.fetchall()}


def charged_calls(env, line_ids):
    """Ids of the usage rows of these lines that were not undone.

    :return: None where none was, so that all are meant
    """
    values = {"lines": list(line_ids)}
    reversals = f"SELECT EXISTS (SELECT {ROWS} AND u.reversal_of IS NOT NULL)"
    env.cr.execute(reversals, values)
    if not env.cr.fetchone()[0]:
        return None
    env.cr.execute(f"SELECT u.id {ROWS} AND {CHARGED} ORDER BY 1", values)
    return [row[0] for row in env.cr.fetchall()]


# Calls of a local day begin within a day of it in UTC.
ROWS = """
  FROM (SELECT account_id, min(local_day) AS first, max(local_day) AS last
          FROM voip_usage_summary WHERE move_line_id = ANY(%(lines)s)
         GROUP BY 1) d
  JOIN voip_usage_row u ON u.account_id = d.account_id
       AND u.started_at >= d.first - interval '1 day'
       AND u.started_at < d.last + interval '2 days'
  JOIN voip_usage_summary s ON s.id = u.summary_id
       AND s.move_line_id = ANY(%(lines)s)
 WHERE true
"""
CHARGED = """
u.reversal_of IS NULL AND NOT EXISTS (
    SELECT FROM voip_usage_row r
     WHERE r.reversal_of = u.id AND r.account_id = u.account_id
       AND r.started_at = u.started_at)
"""
GIVEN_SQL = f"""
SELECT DISTINCT s.move_line_id {ROWS}
   AND u.reversal_of IS NOT NULL AND NOT EXISTS (
       SELECT FROM voip_usage_row o JOIN voip_usage_summary os ON os.id = o.summary_id
        WHERE o.id = u.reversal_of AND o.account_id = u.account_id
          AND o.started_at = u.started_at AND os.move_line_id = s.move_line_id)
"""
