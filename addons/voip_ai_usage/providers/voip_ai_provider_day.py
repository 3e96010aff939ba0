"""What a provider charged for a day, and what the day's usage comes to."""

import json
from datetime import UTC, datetime, time, timedelta

from odoo import api, fields, models

from odoo.addons.voip_billing_base.const import MONEY
from odoo.addons.voip_billing_base.fields import Amount

from .engine.openai_costs import SETTLES
from .pull.http import Refused

# So many of the last days are read again: they may still grow.
AGAIN = timedelta(days=3)
# Sessions of so many last days may be priced again.
COMPARED = timedelta(days=35)


class VoipAiProviderDay(models.Model):
    """A day of UTC of a provider whose usage and charges are told apart.

    Written by SQL where its import fetches.
    """

    _name = "voip.ai.provider.day"
    _inherit = ["voip.guard"]
    _description = "Day of an AI Provider"
    _log_access = False
    _order = "day desc, id desc"
    _rec_name = "day"
    _check_company_auto = True

    import_id = fields.Many2one(
        "voip.ai.provider.import",
        required=True,
        readonly=True,
        check_company=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True
    )
    day = fields.Date(required=True, readonly=True, help="From midnight UTC.")
    read_at = fields.Datetime(string="Read", required=True, readonly=True)
    unit = fields.Char(string="In", readonly=True, help="Currency of the charge.")
    charged = Amount(
        required=True,
        readonly=True,
        help="What the provider says that it charged, credits taken off.",
        **MONEY,
    )
    found = Amount(
        string="Its Usage",
        required=True,
        readonly=True,
        help="Tokens of the day's sessions at the costs in this currency.",
        **MONEY,
    )
    difference = Amount(required=True, readonly=True, **MONEY)
    is_final = fields.Boolean(
        string="Final", readonly=True, help="It ended 24 hours before it was read."
    )
    is_off = fields.Boolean(string="Differs", readonly=True)
    lines = fields.Json(required=True, readonly=True)
    lines_text = fields.Text(
        string="Lines of Its Invoice", compute="_compute_lines_text"
    )

    _once = models.UniqueIndex("(import_id, day)", "This day is there already.")
    _off = models.Index("(import_id, day) WHERE is_off")
    _bounds = models.Constraint(
        "CHECK (charged BETWEEN -1000000000 AND 1000000000"
        " AND found BETWEEN -1000000000000000 AND 1000000000000000)",
        "A charge or its usage is out of bounds.",
    )

    @api.depends("lines")
    def _compute_lines_text(self):
        for one in self:
            one.lines_text = "\n".join(f"{n}: {amount}" for n, amount in one.lines)


class VoipAiProviderImport(models.Model):
    _inherit = "voip.ai.provider.import"

    costs_message = fields.Char(
        string="Costs by Day",
        readonly=True,
        copy=False,
        help="Why the provider does not say what it charged.",
    )
    off_day_count = fields.Integer(
        string="Days That Differ", compute="_compute_off_day_count"
    )

    # === COMPUTE METHODS === #

    def _compute_off_day_count(self):
        days = self.env["voip.ai.provider.day"]._read_group(
            [("import_id", "in", self.ids), ("is_off", "=", True)],
            ["import_id"],
            ["__count"],
        )
        counts = {one.id: count for one, count in days}
        for one in self:
            one.off_day_count = counts.get(one._origin.id, 0)

    # === ACTION METHODS === #

    def action_view_days(self):
        """Days of these imports: what was charged beside what their usage comes to."""
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "voip_ai_usage.voip_ai_provider_day_action"
        )
        return {**action, "domain": [("import_id", "in", self.ids)], "context": {}}

    # === BUSINESS METHODS === #

    def _read_days(self, source):
        """Ask what was charged for each day, and compare it with its usage.

        A key that may not read it stops nothing else: that is kept as a message.
        """
        if not hasattr(source, "days"):
            return
        since, until = self._in_money("_days_to_read")
        try:
            days = source.days(since, until) if since < until else []
        except Refused as error:
            self._in_money("_keep_days", [], str(error))
        else:
            self._in_money("_keep_days", days, False)

    def _days_to_read(self):
        """(since, until) of whole days: from the first that was fetched as a whole."""
        last = self.env["voip.ai.provider.day"].search(
            [("import_id", "=", self.id)], limit=1
        )
        first = self.start_at.date()
        if self.start_at.time() > time.min:
            first += timedelta(days=1)
        if last:
            first = max(first, last.day - AGAIN)
        until = self.env.cr.now().date()
        return (
            datetime.combine(day, time.min, UTC) for day in (min(first, until), until)
        )

    def _keep_days(self, days, message):
        """Keep days as the provider told them, and compare the last ones anew."""
        self._lock()
        if self.costs_message != message:
            self.costs_message = message
        self.env.flush_all()
        rows = [
            (
                one.day,
                one.unit or None,
                one.charged,
                json.dumps([[name, f"{amount:f}"] for name, amount in one.lines]),
            )
            for one in days
        ]
        now = self.env.cr.now()
        if rows:
            columns = [list(column) for column in zip(*rows, strict=True)]
            self.env.cr.execute(
                KEEP_SQL, [self.id, self.company_id.id, SETTLES, now, *columns]
            )
        oldest = min([now.date() - COMPARED, *(one.day for one in days)])
        values = {"import": self.id, "oldest": oldest, "tolerance": self.tolerance}
        self.env.cr.execute(COMPARE_SQL, values)
        self.env["voip.ai.provider.day"].invalidate_model()


KEEP_SQL = """
INSERT INTO voip_ai_provider_day AS d (import_id, company_id, read_at, is_final, day,
                                       unit, charged, lines, found, difference, is_off)
SELECT %s, %s, r.at, r.at >= t.day + interval '1 day' + %s, t.*, 0, t.charged, false
  FROM (SELECT %s::timestamp AS at) r,
       unnest(%s::date[], %s::text[], %s::numeric[], %s::jsonb[])
       AS t (day, unit, charged, lines)
    ON CONFLICT (import_id, day) DO UPDATE
   SET read_at = EXCLUDED.read_at, is_final = EXCLUDED.is_final, unit = EXCLUDED.unit,
       charged = EXCLUDED.charged, lines = EXCLUDED.lines
"""
# A session's id is its record's, where that is no longer than a session's may be.
COMPARE_SQL = """
WITH told AS (
SELECT r.started_at::date AS day, s.id AS session_id
  FROM voip_ai_provider_record r
  JOIN voip_ai_session s ON s.company_id = r.company_id AND s.switch_id IS NULL
       AND s.session_ref = CASE WHEN length(r.ref) <= 128 THEN r.ref
           ELSE left(r.ref, 95) || '~'
                || left(encode(sha256(convert_to(r.ref, 'UTF8')), 'hex'), 32) END
 WHERE r.import_id = %(import)s AND r.started_at >= %(oldest)s),
spent AS (
SELECT t.day, k.name AS unit, sum(u.cost_amount) AS found
  FROM told t
  JOIN voip_ai_charge c ON c.session_id = t.session_id
  JOIN voip_usage_row u ON u.id = c.usage_id AND u.account_id = c.account_id
       AND u.started_at = c.started_at
  JOIN res_currency k ON k.id = u.cost_currency_id
 GROUP BY 1, 2),
now AS (
SELECT d.id, COALESCE(s.found, 0) AS found,
       d.charged - COALESCE(s.found, 0) AS difference
  FROM voip_ai_provider_day d
  LEFT JOIN spent s ON s.day = d.day AND s.unit = COALESCE(d.unit, 'USD')
 WHERE d.import_id = %(import)s AND d.day >= %(oldest)s)
UPDATE voip_ai_provider_day d
   SET found = now.found, difference = now.difference,
       is_off = d.is_final AND abs(now.difference) > %(tolerance)s
  FROM now WHERE now.id = d.id
"""
