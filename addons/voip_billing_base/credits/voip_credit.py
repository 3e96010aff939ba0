"""Credits of usage invoices: asked for, approved where they are large, carried out."""

from markupsafe import escape

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..charge.transaction import in_money, lock_company

ACTIVITY = "voip_billing_base.mail_activity_credit"
APPROVERS = (
    "voip_billing_base.group_voip_approver",
    "voip_billing_base.group_voip_manager",
)


class VoipCredit(models.Model):
    """One credit of a usage invoice, with who asked for it and who approved it.

    It is carried out whole in one transaction: credit note, release of its calls, new
    invoice, settlement. One above the company's limit waits until another user
    approves it; then what is left of the invoice is looked at again.
    """

    _name = "voip.credit"
    _description = "Credit of Usage"
    _inherit = ["voip.credit.terms"]
    _order = "id desc"
    _rec_name = "reason"

    state = fields.Selection(
        [
            ("waiting", "Waiting for Approval"),
            ("done", "Credited"),
            ("refused", "Refused"),
        ],
        required=True,
        default="waiting",
        readonly=True,
        index=True,
    )
    total = fields.Monetary(
        readonly=True, help="Of the credit note, taxes included."
    )
    asked_by_id = fields.Many2one("res.users", string="Asked by", readonly=True)
    decided_by_id = fields.Many2one(
        "res.users", string="Approved or Refused by", readonly=True
    )
    partner_id = fields.Many2one(related="move_id.partner_id", string="Customer")
    note_id = fields.Many2one(
        "account.move", string="Credit Note", readonly=True, ondelete="restrict"
    )
    again_id = fields.Many2one(
        "account.move", string="New Invoice", readonly=True, ondelete="restrict"
    )
    can_decide = fields.Boolean(compute="_compute_can_decide")

    # === COMPUTE METHODS === #

    @api.depends("state", "asked_by_id")
    @api.depends_context("uid")
    def _compute_can_decide(self):
        approver = self._is_approver()
        for credit in self:
            other = credit.asked_by_id != self.env.user
            credit.can_decide = approver and other and credit.state == "waiting"

    # === CRUD METHODS === #

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Credits of usage are kept."))

    # === ACTION METHODS === #

    def action_approve(self):
        """Carry out what waits; another user than the one who asked for it."""
        self._check_decision(self._is_approver())
        if self.asked_by_id == self.env.user:
            raise UserError(
                self.env._("You asked for it: another user approves the credit.")
            )
        in_money(self, lambda credit: credit.sudo()._approve())
        self.env.invalidate_all()
        return True

    def action_refuse(self):
        """Close what waits; whoever asked for it may take it back."""
        self._check_decision(
            self._is_approver() or self.asked_by_id == self.env.user
        )
        credit = self.sudo()
        credit._lock_waiting()
        credit.write({"state": "refused", "decided_by_id": self.env.uid})
        credit._log_credit("credit_refused")
        credit._tell_decision(self.env._("refused"))
        return True

    def action_view_note(self):
        return self._view_move("note_id")

    def action_view_again(self):
        return self._view_move("again_id")

    def _view_move(self, name):
        self.check_access("read")
        self.ensure_one()
        return self[name]._voip_form_action()

    # === BUSINESS METHODS === #

    @api.model
    def _is_approver(self):
        return any(self.env.user.has_group(group) for group in APPROVERS)

    def _check_decision(self, allowed):
        self.check_access("read")
        self.ensure_one()
        self.move_id.check_access("write")
        if not allowed:
            raise AccessError(
                self.env._(
                    "Credit notes are approved by a billing manager or an approver."
                )
            )

    def _lock_waiting(self):
        """:raises UserError: somebody has decided already"""
        self.env.cr.execute(
            "SELECT state FROM voip_credit WHERE id = %s FOR UPDATE", [self.id]
        )
        self.invalidate_recordset(["state"], flush=False)
        self._refuse_decided()

    def _refuse_decided(self):
        if self.sudo().state != "waiting":
            raise UserError(self.env._("This credit is decided already."))

    def _tell_approvers(self):
        """An activity on the invoice for each who may approve it."""
        group = self.env["res.groups"]
        groups = group.union(*(self.env.ref(name) for name in APPROVERS))
        users = groups.all_user_ids.filtered(
            lambda user: user.active and self.company_id in user.company_ids
        )
        quick = self.move_id.with_context(mail_activity_quick_update=True)
        for user in users - self.asked_by_id:
            quick.activity_schedule(
                ACTIVITY,
                summary=self.env._("Approve a credit note"),
                note=escape(
                    self.env._(
                        "%(user)s asks for a credit of %(total)s: %(reason)s",
                        user=self.asked_by_id.name,
                        total=self.currency_id.format(self.total),
                        reason=self.reason,
                    )
                ),
                user_id=user.id,
            )

    def _tell_decision(self, word):
        """The invoice keeps it, and who asked for it is told."""
        self.move_id.message_post(
            body=self.env._(
                "Credit of %(total)s (%(reason)s) was %(word)s by %(user)s.",
                total=self.currency_id.format(self.total),
                reason=self.reason,
                word=word,
                user=self.decided_by_id.name,
            ),
            partner_ids=self.asked_by_id.partner_id.ids,
        )
        waiting = self.search_count(
            [("move_id", "=", self.move_id.id), ("state", "=", "waiting")]
        )
        if not waiting:
            self.move_id.activity_unlink([ACTIVITY])

    def _approve(self):
        self._lock_waiting()
        asked = self.total
        # It is the credit note of the one who approves; both are in the audit trail.
        self.decided_by_id = self.env.uid
        self._carry_out()
        self._tell_decision(self.env._("approved"))
        if self.currency_id.compare_amounts(self.total, asked) > 0:
            raise UserError(
                self.env._(
                    "More is left to credit now (%(now)s) than was asked for"
                    " (%(asked)s). Refuse it and ask again.",
                    now=self.currency_id.format(self.total),
                    asked=self.currency_id.format(asked),
                )
            )

    def _apply(self):
        """Carry out, or wait where the invoice's credits would pass the limit."""
        limit = self.company_id.voip_credit_limit
        # A lock taken within the savepoint would end with it.
        self._lock_invoice()
        parts = self._plan()
        self._refuse_waiting(parts)
        savepoint = self.env.cr.savepoint()
        try:
            preview = self._carry_out_shown()
        except BaseException:
            savepoint.close(rollback=True)
            raise
        asked = {"total": self.total, "asked_net": self.net, "preview": preview}
        wait = limit and self._credited_in_company_currency() > limit
        savepoint.close(rollback=wait)
        if wait:
            self.env.invalidate_all()
            self._wait(asked, parts)

    def _credited_in_company_currency(self):
        """All that is credited of the invoice, so that small ones add up."""
        return sum(abs(note.amount_total_signed) for note in self._notes())

    def _carry_out(self):
        self = self.with_company(self.company_id)  # noqa: PLW0642
        self._lock_invoice()
        parts = self._plan()
        note = self._create_note(parts)
        self._release(parts, note)
        note._post(soft=False)
        again = self._bill_again(note)
        self._settle(note, again)
        self.write(
            {
                "state": "done",
                "note_id": note.id,
                "again_id": again.id,
                "total": note.amount_total,
            }
        )
        self._log_credit("credit_note")

    def _lock_invoice(self):
        """One credit of an invoice after the other.

        The lines are written, not only locked: a transaction that began before would
        not see the credit of another, and fails instead.
        """
        lock_company(self.env.cr, self.company_id.id)
        self.env.flush_all()
        self.env.cr.execute(LOCK_SQL, [self.move_id.invoice_line_ids.ids])
        self.move_id.invoice_line_ids.invalidate_recordset(["write_date"], flush=False)

    def _release(self, parts, note):
        """Take back the usage behind ``parts`` where that was chosen; modules do."""

    def _bill_again(self, note):
        """The invoice of what was released, or none; modules make it."""
        return self.env["account.move"]

    def _log_credit(self, event):
        data = {
            "invoice": self.move_id.name,
            "reason": self.reason,
            "amount": f"{self.total:.{self.currency_id.decimal_places}f}",
            "currency": self.currency_id.name,
            "credit_of": self._word("scope"),
            "credit_usage": self._word("outcome"),
            "credit_money": self._word("settlement"),
            "asked_by": self.asked_by_id.login,
        }
        if self.decided_by_id:
            data["decided_by"] = self.decided_by_id.login
        if self.note_id:
            data["credit_note"] = self.note_id.name
        if self.again_id:
            data["new_invoice"] = self.again_id.name
        audit = self.env["voip.audit"].with_user(self.env.uid).sudo()
        audit._log(event, self.move_id, data, company=self.company_id)

    def _word(self, name):
        return dict(self._fields[name]._description_selection(self.env))[self[name]]


LOCK_SQL = """
UPDATE account_move_line SET write_date = now() AT TIME ZONE 'UTC'
 WHERE id IN (SELECT id FROM account_move_line
               WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE)
"""
