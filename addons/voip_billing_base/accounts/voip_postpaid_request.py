"""Requests to pay afterwards: asked by anyone, approved by somebody else."""

from markupsafe import escape

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..fields import ExactFloat
from .voip_account_change import APPROVER

ACTIVITY = "voip_billing_base.mail_activity_postpaid"
TEMPLATE = "voip_billing_base.mail_template_postpaid"
STATES = [
    ("waiting", "Waiting"),
    ("approved", "Approved"),
    ("refused", "Refused"),
    ("withdrawn", "Withdrawn"),
]


class VoipPostpaidRequest(models.Model):
    """That an account becomes postpaid or hybrid, within a credit limit.

    Billing staff ask for it, or the customer in the portal. A postpaid approver who did
    not ask decides on limit and payment terms; both are in the audit trail.
    """

    _name = "voip.postpaid.request"
    _inherit = ["mail.thread", "mail.activity.mixin", "voip.finite"]
    _description = "Postpaid Request"
    _order = "id desc"
    _rec_name = "account_id"
    _check_company_auto = True
    _voip_longest = {"reason": 2000, "answer": 2000}
    _voip_internal = ("state", "asked_by_id", "decided_by_id", "decided_at")

    account_id = fields.Many2one(
        "voip.account", required=True, index=True, check_company=True,
        ondelete="restrict",
    )  # fmt: skip
    company_id = fields.Many2one(
        related="account_id.company_id", store=True, index=True
    )
    currency_id = fields.Many2one(related="account_id.currency_id")
    mode = fields.Selection(
        [("postpaid", "Postpaid"), ("hybrid", "Hybrid")],
        required=True,
        default="postpaid",
        help="Hybrid: prepaid, then postpaid up to the credit limit.",
    )
    wanted_limit = ExactFloat(string="Limit Asked For", digits=(18, 2), required=True)
    reason = fields.Text(required=True, help="Expected usage, references, guarantees.")
    granted_limit = ExactFloat(
        string="Credit Limit",
        digits=(18, 2),
        help="What the approver grants; as asked for where it is left at 0.",
    )
    payment_term_id = fields.Many2one(
        "account.payment.term", string="Payment Terms", check_company=True
    )
    answer = fields.Text(help="The customer reads it.")
    state = fields.Selection(
        STATES, required=True, readonly=True, default="waiting", copy=False,
        tracking=True,
    )  # fmt: skip
    asked_by_id = fields.Many2one(
        "res.users", string="Asked by", required=True, readonly=True, copy=False,
        default=lambda self: self.env.uid,
    )  # fmt: skip
    decided_by_id = fields.Many2one(
        "res.users", string="Decided by", readonly=True, copy=False
    )
    decided_at = fields.Datetime(readonly=True, copy=False)
    can_decide = fields.Boolean(compute="_compute_can_decide")

    _one_open = models.UniqueIndex(
        "(account_id) WHERE state = 'waiting'",
        "This account has a request that waits already.",
    )
    _bounds = models.Constraint(
        "CHECK (wanted_limit > 0 AND wanted_limit <= 1000000000000000"
        " AND granted_limit BETWEEN 0 AND 1000000000000000)",
        "A credit limit is more than zero.",
    )

    # === COMPUTE METHODS === #

    @api.depends_context("uid")
    @api.depends("state", "asked_by_id")
    def _compute_can_decide(self):
        approver = self.env.user.has_group(APPROVER)
        for request in self:
            other = request.asked_by_id != self.env.user
            request.can_decide = approver and other and request.state == "waiting"

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        requests = super().create(vals_list)
        for request in requests:
            account = request.account_id
            if account.state == "closed" or account.mode == request.mode:
                raise UserError(
                    self.env._(
                        "%(account)s is %(what)s already.",
                        account=account.display_name,
                        what=self.env._("closed")
                        if account.state == "closed"
                        else dict(self._fields["mode"].selection)[request.mode],
                    )
                )
            request._log("postpaid_asked")
            request._tell_approvers()
        return requests

    def write(self, vals):
        if not self.env.su and any(one.state != "waiting" for one in self):
            raise UserError(self.env._("This request is decided already."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A request is never deleted: withdraw it."))

    # === ACTION METHODS === #

    def action_approve(self):
        """The account gets mode, limit and terms from the one who approves."""
        self._check_decision()
        limit = self.granted_limit or self.wanted_limit
        values = {"mode": self.mode, "credit_limit": limit}
        if self.payment_term_id:
            values["payment_term_id"] = self.payment_term_id.id
        self.account_id.write(values)
        self.sudo().granted_limit = limit
        self._decide("approved")

    def action_refuse(self):
        """:raises UserError: no reason that the customer reads"""
        self._check_decision()
        if not (self.answer or "").strip():
            raise UserError(self.env._("Say in the answer why it is refused."))
        self._decide("refused")

    def action_withdraw(self):
        self.check_access("write")
        self.ensure_one()
        self._lock_waiting()
        self._decide("withdrawn")

    # === BUSINESS METHODS === #

    def _check_decision(self):
        """:raises AccessError: no approver, or the one who asked"""
        self.check_access("write")
        self.ensure_one()
        if not self._is_other_approver():
            raise AccessError(
                self.env._(
                    "A postpaid approver decides, other than the one who asked for it."
                )
            )
        self._lock_waiting()

    def _is_other_approver(self):
        user = self.env.user
        return user.has_group(APPROVER) and user != self.asked_by_id

    def _lock_waiting(self):
        """:raises UserError: somebody has decided already"""
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT state FROM voip_postpaid_request WHERE id = %s FOR UPDATE",
            [self.id],
        )
        if self.env.cr.fetchone()[0] != "waiting":
            raise UserError(self.env._("This request is decided already."))

    def _decide(self, state):
        self.sudo().write(
            {
                "state": state,
                "decided_by_id": self.env.uid,
                "decided_at": self.env.cr.now(),
            }
        )
        self._log(f"postpaid_{state}")
        self.sudo().activity_unlink([ACTIVITY])
        if state != "withdrawn":
            self._mail_decision()

    def _log(self, event):
        self.env["voip.audit"].sudo()._log(
            event,
            self.account_id,
            {
                "mode": self.mode,
                "amount": f"{self.granted_limit or self.wanted_limit:.2f}",
                "currency": self.currency_id.name,
                "reason": self.answer if self.decided_by_id else self.reason,
            },
        )

    def _tell_approvers(self):
        group = self.env.ref(APPROVER).sudo()
        users = group.all_user_ids.filtered(
            lambda user: user.active and self.company_id in user.company_ids
        )
        quick = self.sudo().with_context(mail_activity_quick_update=True)
        for user in users - self.asked_by_id:
            quick.activity_schedule(
                ACTIVITY, note=escape(self.reason), user_id=user.id
            )

    def _mail_decision(self):
        def words(account):
            states = self.with_env(account.env)._fields["state"]
            told = dict(states._description_selection(account.env))
            return {
                "voip_state": told[self.state],
                "voip_limit": account._amount_text(self.granted_limit)
                if self.state == "approved"
                else "",
                "voip_answer": self.answer or "",
            }

        self.account_id.sudo()._mail_alert(TEMPLATE, words)
