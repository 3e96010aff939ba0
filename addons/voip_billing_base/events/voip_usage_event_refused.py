"""Events that were refused: kept as they were sent, corrected, taken after all."""

import json

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..charge.transaction import in_money
from ..notice import notice
from .store import MOST_KEPT, MOST_NOTE, read_events, store_events

LIMIT = 10_000
EDITED = {"fix", "note"}
CODES = [
    ("missing_field", "Missing field"),
    ("bad_value", "Bad value"),
    ("bad_units", "Bad units"),
    ("bad_time", "Bad time"),
    ("future", "In the future"),
    ("too_old", "Too old"),
    ("bad_metadata", "Bad metadata"),
    ("conflict", "Conflict"),
]


class VoipUsageEventRefused(models.Model):
    """An event that its sender was told is wrong, as it was sent.

    The same sent again is listed once. Whatever the sender does, staff correct it here
    and it becomes an event, or they dismiss it and say why.
    """

    _name = "voip.usage.event.refused"
    _inherit = ["voip.dismissed"]
    _description = "Refused Event"
    _log_access = False
    _order = "id desc"
    _rec_name = "event_ref"
    _check_company_auto = True
    _dismissed_from = "open"
    _dismissed_audit = "event_dismissed"
    _voip_longest = {"fix": MOST_KEPT, "note": MOST_NOTE}

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True
    )
    received_at = fields.Datetime(string="Received", required=True, readonly=True)
    source = fields.Char(readonly=True)
    event_ref = fields.Char(string="Event ID", readonly=True)
    account_code = fields.Char(readonly=True)
    occurred_at = fields.Datetime(
        string="Occurred", readonly=True, help="Where it could be read."
    )
    code = fields.Selection(CODES, string="Reason", required=True, readonly=True)
    message = fields.Char(string="Why", required=True, readonly=True)
    payload = fields.Text(string="Event as Sent", required=True, readonly=True)
    content = fields.Char(required=True, readonly=True)
    fix = fields.Text(
        string="Correction",
        help='JSON object with the corrected fields, for example {"units": 2}; null'
        " leaves a field out.",
    )
    state = fields.Selection(
        [("open", "Open"), ("taken", "Taken"), ("dismissed", "Dismissed")],
        required=True,
        readonly=True,
    )

    _once = models.UniqueIndex("(company_id, content)")
    _open = models.Index("(company_id, id) WHERE state = 'open'")

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):  # pylint: disable=method-required-super
        raise UserError(self.env._("Refused events are listed by the intake."))

    def write(self, vals):
        self.check_access("write")
        if not self.env.su and vals.keys() & EDITED:
            if any(refused.state != "open" for refused in self):
                raise UserError(self.env._("Only open refusals are edited."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Nothing vanishes: dismiss the event instead."))

    # === ACTION METHODS === #

    def action_again(self):
        """Take open ones, corrected where stated; what is still wrong stays open."""
        self.check_access("write")
        again = self._still_open()
        if len(again) > LIMIT:
            raise UserError(self.env._("At most %s events at once.", LIMIT))
        for company, some in again.grouped("company_id").items():
            own = company.id
            in_money(some.sudo(), lambda them, own=own: them._take_again(own))
        self.env.invalidate_all()
        # The caller's own transaction may be older than what was taken.
        return in_money(again, lambda them: them._tell_taken())

    # === BUSINESS METHODS === #

    def _still_open(self):
        return self.filtered(lambda refused: refused.state == "open").sorted("id")

    def _tell_taken(self):
        """Say what became of those that were open."""
        left = self._still_open()
        if len(self) == len(left) == 1:
            return notice(self.env._("Still refused: %s", left.message), "warning")
        words = self.env._(
            "%(done)s taken, %(left)s still refused.",
            done=len(self) - len(left),
            left=len(left),
        )
        return notice(words, "warning" if left else "success")

    def _dismissed_about(self):
        return {"source": self.source, "event": self.event_ref}

    def _log(self, event, data):
        data = {**self._dismissed_about(), **data}
        self.env["voip.audit"]._log(event, self, data, company=self.company_id)

    def _take_again(self, company_id):
        """Keep these as events, in this transaction; or why they still are none."""
        self.env.cr.execute(LOCK_SQL, [self.ids])
        self.invalidate_recordset()
        some = self._still_open()
        events = self.env["voip.usage.event"]
        conflict = events._conflict_words()
        sent = read_events(
            [one._corrected() for one in some], self.env.cr.now(), conflict
        )
        if store_events(self.env, company_id, sent, conflict):
            self.env.cr.postcommit.add(events._wake_counting)
        wrong = {error["index"]: error for error in sent.errors}
        for place, refused in enumerate(some):
            if error := wrong.get(place):
                refused.write({name: error[name] for name in ("code", "message")})
            else:
                refused.state = "taken"
                refused._log("event_taken", {"correction": refused.fix or ""})

    def _corrected(self):
        """The event as it was sent, with its correction."""
        payload = json.loads(self.payload)
        sent = payload if isinstance(payload, dict) else {}
        try:
            fix = json.loads(self.fix or "{}")
        except (ValueError, RecursionError) as error:
            raise UserError(
                self.env._("The correction of %s is not JSON.", self._named())
            ) from error
        if not isinstance(fix, dict):
            raise UserError(
                self.env._("The correction of %s is no object.", self._named())
            )
        both = {**sent, **fix}
        return {name: value for name, value in both.items() if value is not None}

    def _named(self):
        return self.event_ref or self.env._("event %s", self.id)


LOCK_SQL = """
SELECT id FROM voip_usage_event_refused WHERE id = ANY(%s) ORDER BY id FOR UPDATE
"""
