"""Error queue: records that have no price yet, and why."""

from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.voip_billing_base.charge.transaction import run_money
from odoo.addons.voip_billing_base.notice import notice

from .cdr_error_words import CODES, CORRECTED


class VoipCdrError(models.Model):
    """One record with its reason. Edit it here or mend the cause, then rate again."""

    _name = "voip.cdr.error"
    _inherit = ["voip.dismissed"]
    _description = "Call Record in Error"
    _log_access = False
    _order = "id desc"
    _rec_name = "call_id"
    _dismissed_from = "open"
    _dismissed_audit = "cdr_dismissed"

    company_id = fields.Many2one(
        "res.company", required=True, index=True, readonly=True
    )
    switch_id = fields.Many2one(
        "voip.switch", required=True, readonly=True, ondelete="restrict"
    )
    batch_id = fields.Many2one(
        "voip.cdr.batch", required=True, readonly=True, index=True, ondelete="restrict"
    )
    cdr_id = fields.Integer(
        string="Record", readonly=True, help="Empty: the record was refused whole."
    )
    position = fields.Integer(
        string="Row", readonly=True, aggregator=None, help="Row in its batch, from 1."
    )
    call_id = fields.Char(string="Call ID", readonly=True)
    leg = fields.Char(readonly=True)
    start = fields.Datetime(readonly=True)
    code = fields.Selection(CODES, string="Reason", required=True, readonly=True)
    message = fields.Char(required=True, readonly=True)
    payload = fields.Text(string="Record as Sent", readonly=True)
    content = fields.Char(readonly=True, index="btree_not_null")
    fix = fields.Text(
        string="Correction",
        help='JSON object with the corrected fields, for example {"called": "4420…"}.',
    )
    fix_called = fields.Char(
        string="Corrected Number", help="Used instead of the number sent."
    )
    fix_trunk = fields.Char(string="Corrected Trunk")
    fix_account = fields.Char(string="Corrected Account")
    state = fields.Selection(
        [("open", "Open"), ("fixed", "Rated"), ("dismissed", "Dismissed")],
        required=True,
        default="open",
        readonly=True,
    )

    _open_code = models.Index("(company_id, start) WHERE state = 'open'")

    def init(self):
        # cdr_id holds 64-bit ids of the partitioned table.
        self.env.cr.execute(
            "ALTER TABLE voip_cdr_error ALTER COLUMN cdr_id TYPE bigint"
        )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):  # pylint: disable=method-required-super
        raise UserError(self.env._("Errors are made by the intake."))

    def write(self, vals):
        allowed = {"fix", "note", *(f"fix_{name}" for name in CORRECTED)}
        if not self.env.su and vals.keys() - allowed:
            raise UserError(self.env._("Only the correction of a record is edited."))
        if not self.env.su and any(error.state != "open" for error in self):
            raise UserError(self.env._("Only open errors are edited."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Nothing vanishes: dismiss the record instead."))

    # === ACTION METHODS === #

    def action_rate_again(self):
        """Rate open errors again, corrected where stated; the rest stays open."""
        self.check_access("write")
        groups, errors = defaultdict(self.browse), self._open()
        for error in errors:
            groups[error.batch_id] |= error
        for batch, group in groups.items():
            batch.flush_recordset()
            group.flush_recordset()
            run_money(
                self.env,
                lambda env, b=batch, e=group: e.with_env(env).sudo()._rate_again(b.id),
            )
        self.env.invalidate_all()
        # The caller's own transaction is older than what was rated.
        return run_money(self.env, lambda env: errors.with_env(env)._tell_rated())

    def action_reopen(self):
        """Take back a dismissal: the record may be corrected and rated after all."""
        self.check_access("write")
        for error in self:
            error._refuse_reopening()
        for error in self:
            error._log("cdr_reopened")
        # The audit trail keeps it; another dismissal needs a reason of its own.
        self.sudo().write({"state": "open", "note": False})
        return notice(self.env._("%s open again.", len(self)), "success")

    # === BUSINESS METHODS === #

    def _refuse_reopening(self):
        if self.state != "dismissed":
            raise UserError(self.env._("Only dismissed errors are opened again."))
        if self.batch_id.state == "undone":
            raise UserError(
                self.env._(
                    "Batch %s was undone: send the record again.", self.batch_id.name
                )
            )
        if self.replaced:
            raise UserError(
                self.env._(
                    "Another record took the place of call %s: it stays dismissed.",
                    self.call_id,
                )
            )

    def _dismissed_about(self):
        return {"call_id": self.call_id}

    def _log(self, event):
        data = {**self._dismissed_about(), "note": self.note}
        self.env["voip.audit"]._log(event, self, data, company=self.company_id)

    def _open(self):
        return self.filtered(lambda error: error.state == "open")

    def _tell_rated(self):
        """Say what became of errors that were rated again."""
        left = len(self._open())
        if left and len(self) == 1:
            return notice(
                self.env._("Still in error: %s", self.message), "warning"
            )
        return notice(
            self.env._(
                "%(rated)s rated, %(left)s still in error.",
                rated=len(self) - left,
                left=left,
            ),
            "warning" if left else "success",
        )
