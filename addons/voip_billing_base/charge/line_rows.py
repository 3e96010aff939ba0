"""SQL of the usage behind invoice lines.

Calls of a local day begin within a day of it in UTC: so few months are read.
"""

# Rows ``u`` of the summaries ``s`` of the invoice lines %(lines)s.
LINE_ROWS = """
  FROM (SELECT account_id, min(local_day) AS first, max(local_day) AS last
          FROM voip_usage_summary WHERE move_line_id = ANY(%(lines)s)
         GROUP BY 1) d
  JOIN voip_usage_row u ON u.account_id = d.account_id
       AND u.started_at >= d.first - interval '1 day'
       AND u.started_at < d.last + interval '2 days'
  JOIN voip_usage_summary s ON s.id = u.summary_id
       AND s.move_line_id = ANY(%(lines)s)
"""


def reversed_sql(alias):
    """SQL condition: the row ``alias`` was taken back."""
    return f"""EXISTS (
        SELECT FROM voip_usage_row r
         WHERE r.reversal_of = {alias}.id AND r.account_id = {alias}.account_id
           AND r.started_at = {alias}.started_at)"""
