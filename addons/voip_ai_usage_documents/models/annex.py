"""SQL of the annex: a row for each AI session that an invoice charges.

A session stands there with what this invoice charges of it. Of one that was priced
again after its invoice that is the difference, on the next invoice.
"""

from odoo.addons.voip_ai_usage.engine.kinds import TOKENS
from odoo.addons.voip_documents.calls.calls_file import harmless

COUNT_SQL = """
SELECT l.move_id, count(DISTINCT c.session_id)
  FROM account_move_line l
  JOIN voip_usage_summary s ON s.move_line_id = l.id
  JOIN voip_ai_charge c ON c.summary_id = s.id
 WHERE l.move_id = ANY(%s) AND c.session_id IS NOT NULL
 GROUP BY l.move_id
"""
# Heading: kind of which the units are shown. Tokens lie apart, so they add up.
_COUNTED = {
    **{f"{kind} tokens".replace(".", " ").title(): kind for kind in TOKENS},
    "Speech To Text (s)": "speech_to_text",
    "Text To Speech (characters)": "text_to_speech",
    "Platform (s)": "platform",
    "Billed (s)": "minute",
}
_UNITS = "".join(
    f"""
       sum(c.units) FILTER (WHERE c.kind = '{kind}') AS "{kind}","""
    for kind in _COUNTED.values()
)
_SHOWN = "".join(
    f"""
       COALESCE(p."{kind}", 0) AS "{heading}","""
    for heading, kind in _COUNTED.items()
)
ANNEX_SQL = f"""
WITH part AS (
SELECT c.session_id, c.account_id, c.currency_id,
       min(c.started_at) AS started_at,{_UNITS}
       string_agg(DISTINCT m.code, ', ' ORDER BY m.code) AS models,
       COALESCE(sum(c.amount) FILTER (WHERE c.kind = 'minute'), 0) AS minutes,
       COALESCE(sum(c.amount) FILTER (WHERE c.kind = 'minimum'), 0) AS minimum,
       sum(c.amount) AS amount
  FROM account_move_line l
  JOIN voip_usage_summary s ON s.move_line_id = l.id
  JOIN voip_ai_charge c ON c.summary_id = s.id
  LEFT JOIN voip_ai_model m ON m.id = c.model_id
 WHERE l.move_id = %(move)s AND c.session_id IS NOT NULL
 GROUP BY c.session_id, c.account_id, c.currency_id)
SELECT {harmless("x.session_ref")} AS "Session ID",
       {harmless("x.call_ref")} AS "Call ID",
       {harmless("a.code")} AS "Account",
       to_char(p.started_at AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s,
               'YYYY-MM-DD HH24:MI:SS') AS "Start",
       x.seconds AS "Duration (s)",
       x.is_connected AS "Connected",
       {harmless("p.models")} AS "Models",
       x.tools AS "Tools",{_SHOWN}
       p.minutes AS "Minutes Amount",
       p.amount - p.minutes - p.minimum AS "Tokens and Parts Amount",
       p.minimum AS "Minimum Amount",
       p.amount AS "Amount",
       k.name AS "Currency"
  FROM part p
  JOIN voip_ai_session x ON x.id = p.session_id
  JOIN voip_account a ON a.id = p.account_id
  JOIN res_currency k ON k.id = p.currency_id
 ORDER BY p.started_at, x.id
"""
