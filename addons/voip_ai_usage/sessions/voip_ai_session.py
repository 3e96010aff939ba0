"""AI sessions: the door of who sends them, and what became of each."""

from datetime import UTC
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.voip_billing_base.charge.transaction import lock_company, run_money
from odoo.addons.voip_billing_base.const import MONEY
from odoo.addons.voip_billing_base.events.store import MOST_NOTE
from odoo.addons.voip_billing_base.fields import Amount, BigInteger, Link
from odoo.addons.voip_billing_base.notice import notice

from ..engine.session import LIMITS
from .store import read_sessions, replace_session, store_sessions
from .words import WHAT_TO_DO

LIMIT = 10_000
CRON = "voip_ai_usage.ir_cron_charge_sessions"
FORMATS = ("generic",)
SENDERS = (
    "voip_billing_base.group_voip_switch",
    "voip_billing_base.group_voip_user",
)
VIEWER = "voip_billing_base.group_voip_viewer"


class VoipAiSession(models.Model):
    """What an AI call used, recorded once by its switch and session id.

    It is kept in its sender's words at once and waits; the scheduled action finds its
    account, call and prices and charges it, or says what is wrong with it.
    """

    _name = "voip.ai.session"
    _inherit = ["voip.price.again", "voip.dismissed"]
    _description = "AI Session"
    _order = "id desc"
    _rec_name = "session_ref"
    _check_company_auto = True
    _dismissed_audit = "ai_dismissed"
    _voip_longest = {"account_code": LIMITS["account"], "note": MOST_NOTE}

    company_id = Link("res.company", required=True, readonly=True)
    switch_id = Link("voip.switch", readonly=True, check_company=True)
    session_ref = fields.Char(
        string="Session ID",
        required=True,
        readonly=True,
        help="Unique for its switch: sent again it is charged once.",
    )
    revision = fields.Integer(
        required=True,
        readonly=True,
        aggregator=None,
        help="Of what was sent: a higher one takes the place of one before.",
    )
    account_code = fields.Char(
        required=True, help="As the sender named the account."
    )
    call_ref = fields.Char(
        string="Call ID", readonly=True, help="The call that it belongs to."
    )
    account_id = Link("voip.account", readonly=True, check_company=True)
    plan_id = Link("voip.ai.plan", readonly=True, check_company=True)
    started_at = fields.Datetime(string="Started", required=True, readonly=True)
    local_day = fields.Date(
        readonly=True, help="Day in the account's time zone, on which it counts."
    )
    seconds = fields.Integer(string="Duration (s)", readonly=True)
    said_connected = fields.Boolean(
        readonly=True, help="Whether the call connected, as the sender said."
    )
    is_connected = fields.Boolean(
        string="Connected",
        readonly=True,
        help="As the call record says, else the sender; who says nothing means yes.",
    )
    tools = fields.Integer(string="Tools Used", required=True, readonly=True)
    parts = fields.Json(string="Parts (JSON)", readonly=True)
    cost_text = fields.Char(string="Cost as Sent", readonly=True, groups=VIEWER)
    cost_parts_text = fields.Char(
        string="Cost Fields as Sent", readonly=True, groups=VIEWER
    )
    cost_currency = fields.Char(
        string="Currency of the Provider", readonly=True, groups=VIEWER
    )
    stated_cost = Amount(
        string="Provider Charged", readonly=True, groups=VIEWER, **MONEY
    )
    found_cost = Amount(
        string="Its Fields Come To",
        readonly=True,
        groups=VIEWER,
        help="What the provider's own fields of the session add up to: what it said of"
        " them, else its units at its prices.",
        **MONEY,
    )
    cost_difference = Amount(
        string="Difference", readonly=True, groups=VIEWER, **MONEY
    )
    metadata = fields.Json(string="Metadata (JSON)", readonly=True)
    digest = fields.Char(required=True, readonly=True)
    received_at = fields.Datetime(string="Received", required=True, readonly=True)
    look_at = fields.Datetime(
        readonly=True, help="When its call is looked for again."
    )
    cdr_id = BigInteger(string="Call Record", readonly=True, aggregator=None)
    cdr_start = fields.Datetime(readonly=True)
    state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("call", "Waits for its call"),
            ("charged", "Charged"),
            ("error", "Error"),
            ("dismissed", "Dismissed"),
        ],
        required=True,
        readonly=True,
    )
    error = fields.Selection(
        [
            ("no_account", "No account"),
            ("account_closed", "Account closed"),
            ("unknown_provider", "Unknown provider"),
            ("unknown_model", "Unknown model"),
            ("ambiguous_model", "Model of several providers"),
            ("no_price", "No price"),
            ("no_cost_price", "No provider's price"),
            ("missing_duration", "No duration"),
            ("no_exchange_rate", "No exchange rate"),
            ("out_of_bounds", "Out of bounds"),
        ],
        readonly=True,
    )
    error_about = fields.Char(readonly=True, help="What the error is about.")
    message = fields.Text(compute="_compute_message", string="What to Do")

    _once = models.UniqueIndex(
        "(company_id, COALESCE(switch_id, 0), session_ref)",
        "This session is recorded already.",
    )
    _waiting = models.Index("(company_id, id) WHERE state IN ('waiting', 'call')")
    _errors = models.Index("(company_id, id) WHERE state = 'error'")
    _lone = models.Index(
        "(company_id, look_at) WHERE state = 'charged' AND call_ref <> ''"
        " AND cdr_id IS NULL"
    )
    _of_account = models.Index("(account_id, local_day)")
    _of_call = models.Index("(cdr_id) WHERE cdr_id IS NOT NULL")
    _differing = models.Index("(company_id, id) WHERE cost_difference <> 0")
    _bounds = models.Constraint(
        "CHECK (COALESCE(seconds, 0) BETWEEN 0 AND 360000"
        " AND tools BETWEEN 0 AND 100000000 AND revision BETWEEN 0 AND 1000000)",
        "Seconds, tools or revision of a session are out of bounds.",
    )
    _whole = models.Constraint(
        "CHECK ((state IN ('error', 'dismissed')) = (error IS NOT NULL) AND"
        " (state <> 'charged' OR (account_id IS NOT NULL AND local_day IS NOT NULL)))",
        "A charged session has account and day, one with an error its reason.",
    )

    # === COMPUTE METHODS === #

    def _compute_message(self):
        for session in self:
            session.message = session.error and session._what_to_do(
                session.error,
                account=session.account_code,
                currency=session.account_id.currency_id.name or "",
                company=session.company_id.name,
                about=session.error_about or "",
                parts=session.parts,
                day=session.local_day or session.started_at.date(),
            )

    @api.model
    def _what_to_do(self, error, *, about, parts, **said):
        """The sentence of an error.

        :param about: code of a kind, name of a model, provider or currency
        :param parts: of the session, as it keeps them
        :param said: ``account``, ``currency``, ``company`` and ``day``
        """
        if error in ("no_price", "no_cost_price"):
            about = self._kind_of(about, parts)
        return self.env._(WHAT_TO_DO[error]) % {**said, "about": about}

    # === CRUD METHODS === #

    def write(self, vals):
        if not self.env.su and vals.keys() & {"account_code", "note"}:
            fixed = self.filtered(lambda session: session.state != "error")
            if fixed:
                raise UserError(
                    self.env._(
                        "Session %s has no error: account and note stay.",
                        fixed[0].session_ref,
                    )
                )
        return super().write(vals)

    # === ACTION METHODS === #

    def action_again(self):
        """Let sessions with an error, dismissed ones too, be looked at again, now."""
        self.check_access("write")
        again = self.filtered("error")
        again.sudo().write(
            {"state": "waiting", "error": False, "error_about": False, "note": False}
        )
        self.env.flush_all()
        for company in again.company_id:
            again.sudo()._charge_waiting(company.id, again.ids)
        self.env.invalidate_all()
        left = len(again.filtered("error"))
        words = self.env._(
            "%(done)s charged or waiting for their call, %(left)s still in error.",
            done=len(again) - left,
            left=left,
        )
        return notice(words)

    # === BUSINESS METHODS === #

    def _dismissed_about(self):
        return {"session": self.session_ref}

    # === MACHINE DOOR === #

    @api.model
    def ingest(self, sessions=None, format="generic", switch=None):
        """Keep AI sessions; each is charged within seconds, or once its call is there.

        Sent again, what was accepted is a duplicate; with a higher ``revision`` it
        takes the place of what was sent before, whose charges are taken back.

        :param list sessions: at most 10,000 objects as ``docs/ai.md`` says
        :param str format: "generic"
        :param str switch: code; of staff, where the sessions are of a switch. A
            switch's key sends for its switch
        :return: ``{received, accepted, corrected, duplicates, conflicts, errors:
            [{index, session_id, code, message}]}``; what has an error is not kept
        :raises AccessError: the caller may not send sessions
        :raises UserError: the call itself is malformed
        """
        self._check_ingest(sessions, format)
        sender = self._sender(switch)
        company = (sender.company_id or self.env.company).id
        zone = ZoneInfo(sender.tz) if sender else UTC
        return run_money(
            self.env,
            lambda env: env[self._name]
            .sudo()
            ._keep(company, sender.id, sessions, zone),
        )

    @api.model
    def _check_ingest(self, sessions, format):
        user = self.env.user
        if not (self.env.su or any(map(user.has_group, SENDERS))):
            raise AccessError(self.env._("This needs the key of a switch, or staff."))
        if format not in FORMATS:
            raise UserError(
                self.env._("format: known are %s.", ", ".join(FORMATS))
            )
        if not isinstance(sessions, list):
            raise UserError(self.env._("sessions must be a list."))
        if len(sessions) > LIMIT:
            raise UserError(
                self.env._(
                    "At most %(limit)s sessions a call, not %(count)s.",
                    limit=LIMIT,
                    count=len(sessions),
                )
            )

    @api.model
    def _sender(self, code):
        """The switch that sends, an empty record where there is none."""
        if code is not None:
            return self.env["voip.cdr"]._ingest_switch(code)
        own = [("user_id", "=", self.env.uid)]
        return self.env["voip.switch"].sudo().search(own, limit=1)

    @api.model
    def _keep(self, company_id, switch_id, sessions, zone=UTC):
        """Keep sessions in this transaction; the answer of :meth:`ingest`."""
        conflict = self.env._(
            "session_id: it was sent before with other content; correct it with a"
            " higher revision."
        )
        cr = self.env.cr
        sent = read_sessions(sessions, cr.now(), zone, conflict)
        accepted, corrections = store_sessions(
            cr, company_id, switch_id, sent, conflict
        )
        corrected = self._correct(company_id, corrections, sent) if corrections else 0
        if accepted or corrected:
            cr.postcommit.add(self._wake_charging)
        return {
            "received": len(sessions),
            "accepted": accepted,
            "corrected": corrected,
            "duplicates": sent.duplicates,
            "conflicts": sent.conflicts,
            "errors": sent.errors,
        }

    @api.model
    def _correct(self, company_id, corrections, sent):
        """Let later revisions take the place of what was kept; how many did.

        What cannot be taken back any more is refused in ``sent``, alone.
        """
        lock_company(self.env.cr, company_id)
        numbers = sorted(corrections)
        try:
            return self._replace(company_id, {n: corrections[n] for n in numbers})
        except UserError:
            done = 0
        for number in numbers:
            one = corrections[number]
            try:
                done += self._replace(company_id, {number: one})
            except UserError as error:
                place = sent.places[one.session_id]
                sent.refuse(place, one.session_id, "conflict", str(error))
        return done

    @api.model
    def _replace(self, company_id, corrections):
        with self.env.cr.savepoint():
            self._take_back(company_id, sorted(corrections))
            for number, session in corrections.items():
                replace_session(self.env.cr, number, session)
            self.invalidate_model()
        return len(corrections)

    @api.model
    def _wake_charging(self):
        self.env["voip.job"]._wake_once(CRON)
