"""Disputes: what a customer does not accept of a usage invoice."""

from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

USER = "voip_billing_base.group_voip_user"
# What is claimed stays as it was claimed.
TERMS = (
    "move_id",
    "scope",
    "line_ids",
    "usage_ids",
    "percentage",
    "amount",
    "reason",
    "outcome",
    "settlement",
    "date",
    "deck_id",
)
LIVE = ("open", "waiting")


class VoipDispute(models.Model):
    """One complaint about calls, lines or all of a usage invoice.

    While it is open the invoice is left out of follow-up, and of nettings that are
    proposed. It ends with a credit note of what is accepted, or a refusal with its
    reason.
    """

    _name = "voip.dispute"
    _inherit = ["mail.thread", "voip.credit.terms"]
    _description = "Customer's Dispute"
    _order = "id desc"
    _rec_name = "reason"

    _voip_internal = TERMS

    state = fields.Selection(
        [
            ("open", "Open"),
            ("waiting", "Credit Waits for Approval"),
            ("credited", "Credited"),
            ("partly", "Partly Credited"),
            ("refused", "Refused"),
            ("withdrawn", "Withdrawn"),
        ],
        required=True,
        readonly=True,
        default="open",
        index=True,
        tracking=True,
    )
    reason = fields.Char(string="Claim", help="What the customer says is wrong.")
    partner_id = fields.Many2one(
        related="move_id.commercial_partner_id",
        string="Customer",
        store=True,
        index=True,
    )
    account_id = fields.Many2one(
        related="move_id.voip_account_id", store=True, index="btree_not_null"
    )
    raised_by = fields.Char(help="Who complained, and how: name, mail, ticket.")
    raised_on = fields.Date(
        required=True,
        default=fields.Date.context_today,
        help="The day the complaint came in.",
    )
    evidence_ids = fields.Many2many(
        "ir.attachment",
        string="Evidence",
        check_company=True,
        help="The customer's call records, screenshots, mails.",
    )
    asked_by_id = fields.Many2one("res.users", string="Opened by", readonly=True)
    net = fields.Monetary(string="Disputed before Tax", readonly=True)
    tax = fields.Monetary(string="Disputed Tax", readonly=True)
    total = fields.Monetary(
        string="Disputed",
        readonly=True,
        help="With tax, as a credit note of it would come to.",
    )
    held = fields.Json(
        readonly=True, help="Of each invoice line what is disputed, before tax."
    )
    call_ids = fields.One2many("voip.dispute.call", "dispute_id", string="Calls")
    call_count = fields.Integer(compute="_compute_call_count")
    has_units = fields.Boolean(
        compute="_compute_call_count",
        help="Something of it is counted by the unit: rental, messages, tokens.",
    )
    answer = fields.Text(
        readonly=True, tracking=True, help="Why it was refused; for the customer."
    )
    decided_by_id = fields.Many2one("res.users", readonly=True)
    decided_at = fields.Datetime(readonly=True)
    credit_id = fields.Many2one(
        "voip.credit",
        string="Made Credit",
        readonly=True,
        ondelete="restrict",
        check_company=True,
    )
    note_id = fields.Many2one(related="credit_id.note_id", string="Credit Note")
    credited = fields.Monetary(readonly=True, help="With tax.")
    was_not_followed = fields.Boolean(
        readonly=True, help="The invoice was left out of follow-up before."
    )

    # === COMPUTE METHODS === #

    @api.depends("reason", "move_id")
    def _compute_display_name(self):
        for dispute in self:
            dispute.display_name = f"{dispute.move_id.name}: {dispute.reason}"

    def _compute_call_count(self):
        for dispute in self:
            lines = dispute._disputed_lines()
            of_lines = sum(lines.mapped("voip_counted"))
            dispute.call_count = len(dispute.call_ids) or of_lines
            dispute.has_units = "unit" in lines.voip_service_id.mapped("unit")

    # === CRUD METHODS === #

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Disputes are kept."))

    # === ACTION METHODS === #

    def action_view_usage(self):
        """The disputed calls."""
        self.check_access("read")
        self.ensure_one()
        action = self._disputed_lines()._voip_usage_action()
        if self.scope == "calls":
            domain = [*action["domain"], ("id", "in", self._chosen_calls())]
            return action | {"domain": domain}
        return action

    def action_view_invoice(self):
        """The disputed invoice."""
        self.check_access("read")
        self.ensure_one()
        return self.move_id._voip_form_action()

    def action_view_note(self):
        """The credit note that ended it."""
        self.check_access("read")
        self.ensure_one()
        return self.note_id._voip_form_action()

    # === BUSINESS METHODS === #

    def _disputed_lines(self):
        """Invoice lines of which something is disputed."""
        lines = self.env["account.move.line"]
        return lines.browse(int(number) for number in self.held or ())

    def _held_by_line(self):
        """{line id: Decimal} of what is disputed, before tax."""
        return {int(line): Decimal(text) for line, text in (self.held or {}).items()}

    def _refuse_ended(self):
        """:raises UserError: it is decided, or waits for the approval of its credit"""
        if self.state != "open":
            states = dict(self._fields["state"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "The dispute “%(name)s” is not open any more: %(state)s.",
                    name=self.display_name,
                    state=states[self.state],
                )
            )

    def _lock_open(self):
        """Take its row, so that it is decided once.

        :raises UserError: it was decided meanwhile
        """
        # Written, not only locked: who began before would not see the decision.
        self.env.cr.execute(
            "UPDATE voip_dispute SET write_uid = write_uid WHERE id = %s", [self.id]
        )
        self.invalidate_recordset(["state"], flush=False)
        self._refuse_ended()

    def _check_right(self):
        """:raises AccessError: the user does not decide disputes"""
        self.check_access("write")
        self.move_id.check_access("read")
        if not self.env.user.has_group(USER):
            raise AccessError(
                self.env._("Disputes are opened and decided by billing users.")
            )

    def _log_dispute(self, event, **data):
        money = f"{self.total:.{self.currency_id.decimal_places}f}"
        known = {
            "invoice": self.move_id.name,
            "reason": self.reason,
            "disputed": money,
            "currency": self.currency_id.name,
        }
        audit = self.env["voip.audit"].with_user(self.env.uid).sudo()
        audit._log(event, self, known | data, company=self.company_id)
