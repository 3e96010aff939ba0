"""What a record in error says and how it is corrected, field by field."""

import json

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..engine.parse import quote
from ..formats.convert import RAW
from .cdr_error_words import ADVICE, CORRECTED, IDENTITY, SHOWN


class VoipCdrError(models.Model):
    _inherit = "voip.cdr.error"

    fix_call_id = fields.Char(string="Corrected Call ID")
    fix_caller = fields.Char(string="Corrected Caller")
    fix_start = fields.Char(
        string="Corrected Start",
        help="As the switch writes it, or like 2026-10-01T10:00:00Z.",
    )
    fix_answer = fields.Char(string="Corrected Answer")
    fix_end = fields.Char(string="Corrected End")
    fix_duration = fields.Char(string="Corrected Duration (s)")
    fix_answered = fields.Selection(
        [("true", "Answered"), ("false", "Not answered")], string="Corrected Answered"
    )
    fix_supplier_trunk = fields.Char(string="Corrected Supplier Trunk")
    stored_fix = fields.Text(
        readonly=True,
        groups=fields.NO_ACCESS,
        help="The corrections with which the record was stored.",
    )
    stored_base = fields.Text(
        readonly=True,
        groups=fields.NO_ACCESS,
        help="The record as it was read when it was stored, without corrections.",
    )
    replaced = fields.Boolean(
        readonly=True, help="Another record of the same call took its place."
    )
    sent_call_id = fields.Char(compute="_compute_sent")
    sent_leg = fields.Char(compute="_compute_sent")
    sent_caller = fields.Char(string="Caller", compute="_compute_sent")
    sent_called = fields.Char(string="Called", compute="_compute_sent")
    sent_start = fields.Char(string="Start as Read", compute="_compute_sent")
    sent_answer = fields.Char(string="Answer", compute="_compute_sent")
    sent_end = fields.Char(string="End", compute="_compute_sent")
    sent_duration = fields.Char(string="Duration (s)", compute="_compute_sent")
    sent_answered = fields.Char(string="Answered", compute="_compute_sent")
    sent_trunk = fields.Char(string="Trunk", compute="_compute_sent")
    sent_account = fields.Char(string="Account", compute="_compute_sent")
    sent_supplier_trunk = fields.Char(
        string="Supplier Trunk", compute="_compute_sent"
    )
    sent_direction = fields.Char(string="Direction", compute="_compute_sent")
    advice = fields.Char(string="What to Do", compute="_compute_advice")

    # === COMPUTE METHODS === #

    @api.depends("payload")
    def _compute_sent(self):
        for error in self:
            sent = error._payload()
            for name in SHOWN:
                value = sent.get(name)
                error[f"sent_{name}"] = False if value is None else str(value)

    @api.depends("code")
    def _compute_advice(self):
        for error in self:
            advice = ADVICE.get(error.code)
            error.advice = advice and self.env._(advice)  # pylint: disable=W8301

    # === BUSINESS METHODS === #

    def _payload(self):
        """The record as it was read from what was sent, without the row as it came."""
        try:
            found = json.loads(self.payload or "{}")
        except ValueError:
            return {}
        found.pop(RAW, None)
        return found

    def _stored_fields(self):
        """A stored record as it was read then, whatever its format is now."""
        base = self.sudo().stored_base
        return json.loads(base) if base else self._payload()

    def _correction(self):
        """{field: value} of all corrections; the JSON counts last."""
        found = {
            name: self[f"fix_{name}"] for name in CORRECTED if self[f"fix_{name}"]
        }
        if not self.fix:
            return found
        try:
            correction = json.loads(self.fix)
        except ValueError as error:
            raise UserError(
                self.env._("Correction of row %s is not JSON.", self.position)
            ) from error
        if not isinstance(correction, dict):
            raise UserError(
                self.env._("Correction of row %s is no object.", self.position)
            )
        return found | correction

    def _rated_text(self):
        """What a rated record says in place of why it was refused."""
        corrected = [f"{name} {quote(v)}" for name, v in self._correction().items()]
        if not corrected:
            return self.env._("Rated as it came.")
        return self.env._("Rated with %s.", ", ".join(corrected))

    def _changed_identity(self, correction):
        """Names of corrections that would make a stored record another call."""
        try:
            applied = json.loads(self.sudo().stored_fix or "{}")
        except ValueError:
            applied = {}
        return sorted(
            name
            for name in IDENTITY & correction.keys()
            if name not in applied or applied[name] != correction[name]
        )
