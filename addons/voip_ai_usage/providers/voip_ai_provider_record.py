"""Calls as their providers told them, and what became of each."""

import json
from datetime import UTC

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.voip_billing_base.charge.transaction import run_money
from odoo.addons.voip_billing_base.const import MONEY
from odoo.addons.voip_billing_base.fields import Amount
from odoo.addons.voip_billing_base.notice import notice

from .engine.told import BadRecord
from .store import read_record

PIECE = 1000


class VoipAiProviderRecord(models.Model):
    """One call of a provider: what of it is kept, its charge, and whether it agrees."""

    _name = "voip.ai.provider.record"
    _inherit = ["voip.guard"]
    _description = "Call of an AI Provider"
    _order = "id desc"
    _rec_name = "ref"
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
    provider = fields.Selection(related="import_id.provider")
    ref = fields.Char(string="Provider's ID", required=True, readonly=True)
    call_ref = fields.Char(
        string="Call ID",
        readonly=True,
        help="Of the telephone call, by which its call record is found.",
    )
    raw = fields.Json(required=True, readonly=True)
    raw_text = fields.Text(string="As It Was Told", compute="_compute_raw_text")
    sha256 = fields.Char(string="SHA-256", required=True, readonly=True)
    read_at = fields.Datetime(string="Read", required=True, readonly=True)
    revision = fields.Integer(
        readonly=True,
        aggregator=None,
        help="How often it was told otherwise after it had been handed over.",
    )
    started_at = fields.Datetime(string="Started", readonly=True, index=True)
    seconds = fields.Float(
        string="Billed (s)", digits=(16, 3), readonly=True, aggregator="sum"
    )
    measured = fields.Float(
        string="Duration (s)",
        digits=(16, 3),
        readonly=True,
        aggregator="sum",
        help="From its start to its end.",
    )
    unit = fields.Char(
        string="In",
        readonly=True,
        help="Currency of the charge, or credits; empty where there is no charge.",
    )
    charged = Amount(
        readonly=True,
        aggregator=None,
        help="What the provider says that it charged.",
        **MONEY,
    )
    added = Amount(
        string="Its Fields",
        readonly=True,
        aggregator=None,
        help="What its own parts, totals or prices make; of several the one that is"
        " furthest off.",
        **MONEY,
    )
    difference = Amount(readonly=True, aggregator=None, **MONEY)
    is_off = fields.Boolean(string="Differs", readonly=True)
    breakdown = fields.Json(readonly=True)
    breakdown_text = fields.Text(string="Parts", compute="_compute_breakdown_text")
    notes = fields.Text(readonly=True)
    account_id = fields.Many2one(
        "voip.account",
        readonly=True,
        check_company=True,
        ondelete="restrict",
        index=True,
    )
    is_taken = fields.Boolean(string="Handed Over", readonly=True)
    state = fields.Selection(
        [
            ("provisional", "Not Final"),
            ("waiting", "Waiting"),
            ("taken", "Taken"),
            ("unused", "Nothing Used"),
            ("error", "Error"),
        ],
        required=True,
        readonly=True,
        help="Not final: the provider will tell more, and is asked again. Waiting: it"
        " is handed over as a session within minutes.",
    )
    error = fields.Selection(
        [
            ("unreadable", "Unreadable"),
            ("no_account", "No account"),
            ("refused", "Refused"),
            ("never_final", "Never final"),
            ("gone", "Gone at the provider"),
        ],
        readonly=True,
    )
    detail = fields.Char(readonly=True)
    message = fields.Text(compute="_compute_message", string="What to Do")

    _once = models.UniqueIndex("(import_id, ref)", "This call is there already.")
    _open = models.Index("(import_id, id) WHERE state IN ('waiting', 'provisional')")
    _errors = models.Index("(import_id, id) WHERE state = 'error'")
    _off = models.Index("(import_id, id) WHERE is_off")
    _bounds = models.Constraint(
        "CHECK (charged BETWEEN -1000000 AND 1000000"
        " AND added BETWEEN -1000000000 AND 1000000000"
        " AND difference BETWEEN -1001000000 AND 1001000000"
        " AND seconds BETWEEN 0 AND 10000000"
        " AND measured BETWEEN -10000000000 AND 10000000000)",
        "A charge, its sum or its seconds are out of bounds.",
    )
    _whole = models.Constraint(
        "CHECK ((state = 'error') = (error IS NOT NULL))",
        "A call with an error has its reason.",
    )

    # === COMPUTE METHODS === #

    def _compute_raw_text(self):
        for record in self:
            record.raw_text = json.dumps(record.raw, indent=2, ensure_ascii=False)

    def _compute_breakdown_text(self):
        for record in self:
            told = record.breakdown or {}
            lines = []
            for part in told.get("parts") or ():
                of = f" ({part['units']} {part['unit']}s)" if part["units"] else ""
                lines.append(f"{part['name']}: {part['amount']}{of}")
            lines += [f"Σ {name}: {amount}" for name, amount in told.get("sums") or ()]
            record.breakdown_text = "\n".join(lines)

    def _compute_message(self):
        words = self._error_words()
        for record in self:
            names = {
                "ref": record.ref,
                "detail": record.detail or "",
                "name": record.import_id.name,
            }
            record.message = record.error and words[record.error] % names

    @api.model
    def _error_words(self):
        """{error: what is to be done}."""
        _ = self.env._
        return {
            "unreadable": _(
                "What the provider told cannot be read: %(detail)s. Ask the provider,"
                " or correct it there; then try again."
            ),
            "no_account": _(
                "%(name)s has no account for it (%(detail)s). Enter the provider's ID"
                " of its agent, project or number there, or an account for all, then"
                " try again."
            ),
            "refused": _("It was refused: %(detail)s. Mend it, then try again."),
            "never_final": _(
                "Two weeks after its start the provider still does not say what it"
                " cost. Ask the provider, then try again."
            ),
            "gone": _(
                "The provider had it and has it no more, and never said what it cost."
                " Nothing of it is charged."
            ),
        }

    # === ACTION METHODS === #

    def action_again(self):
        """Look at calls with an error again, now."""
        self.check_access("read")
        if not self.env.user.has_group("voip_billing_base.group_voip_user"):
            raise UserError(self.env._("Billing staff try calls again."))
        again = self.filtered(lambda record: record.state == "error")
        for one in again.import_id:
            own = again.filtered(lambda record, one=one: record.import_id == one)
            one.sudo()._read_again(own.sudo())
        errors = [("id", "in", again.ids), ("state", "=", "error")]
        # The caller's transaction may not see what others have committed.
        left = run_money(
            self.env, lambda env: env[self._name].sudo().search_count(errors)
        )
        self.env.invalidate_all()
        words = self.env._(
            "%(done)s looked at, %(left)s still in error.",
            done=len(again) - left,
            left=left,
        )
        return notice(words, "warning" if left else "success")

    def action_view_session(self):
        """The session that a call became."""
        self.check_access("read")
        self.ensure_one()
        sessions = self.env["voip.ai.session"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("switch_id", "=", False),
                ("session_ref", "=", self._told().session["session_id"]),
            ]
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Session"),
            "res_model": "voip.ai.session",
            "res_id": sessions[:1].id,
            "view_mode": "form",
        }

    # === BUSINESS METHODS === #

    @api.model
    def _hand_over(self, source):
        """Hand waiting calls of an import over as sessions; how many were looked at.

        :param source: ``voip.ai.provider.import``
        """
        self.env.cr.execute(TAKE_SQL, [source.id, PIECE])
        records = self.browse(row[0] for row in self.env.cr.fetchall())
        if not records:
            return 0
        outcome, told = {}, {}
        for record in records:
            try:
                told[record] = record._told()
            except BadRecord as error:
                outcome[record] = ("error", "unreadable", str(error)[:500])
        sessions, accounts = source._sessions(told, outcome)
        refused = source._take_sessions([session for _record, session in sessions])
        for place, (record, _session) in enumerate(sessions):
            why = refused.get(place)
            taken = ("taken", None, None)
            outcome[record] = ("error", "refused", why[:500]) if why else taken
        self._keep_outcome(outcome, accounts)
        return len(records)

    def _told(self):
        """:class:`~.engine.told.Told` of one call.

        :raises BadRecord: it cannot be read
        """
        return read_record(self.provider, self.raw, self.read_at.replace(tzinfo=UTC))

    @api.model
    def _keep_outcome(self, outcome, accounts):
        """Keep what became of calls: (state, error, detail) by record."""
        rows = [
            (record.id, *told, accounts[record].id if record in accounts else None)
            for record, told in outcome.items()
        ]
        columns = [list(column) for column in zip(*rows, strict=True)]
        self.env.flush_all()
        self.env.cr.execute(DONE_SQL, columns)
        self.invalidate_model()

    def _give_up(self, error):
        """Calls that never become final have an error."""
        self.env.execute_query(
            SQL(
                "UPDATE voip_ai_provider_record SET state = 'error', error = %s"
                " WHERE id = ANY(%s) AND state = 'provisional' RETURNING id",
                error,
                self.ids,
            )
        )
        self.invalidate_recordset()


TAKE_SQL = """
SELECT id FROM voip_ai_provider_record
 WHERE import_id = %s AND state = 'waiting'
 ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
"""
DONE_SQL = """
UPDATE voip_ai_provider_record r
   SET state = d.state, error = d.error, detail = d.detail,
       account_id = COALESCE(d.account_id, r.account_id),
       is_taken = COALESCE(r.is_taken, false) OR d.state = 'taken'
  FROM unnest(%s::int[], %s::text[], %s::text[], %s::text[], %s::int[])
       AS d (id, state, error, detail, account_id)
 WHERE r.id = d.id
"""
