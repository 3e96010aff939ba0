"""Documents of VoIP accounts."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from .voip_guard import one


class AccountMove(models.Model):
    _inherit = "account.move"

    voip_account_id = fields.Many2one(
        "voip.account",
        string="VoIP Account",
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
        tracking=True,
        help="The account this document is for. Left empty, it is found when the "
        "document is posted: by what it corrects or pays, else by the customer.",
    )
    voip_payer_id = fields.Many2one(
        "voip.account",
        string="Paid by Account",
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
        help="The account whose wallet the receivable of this document moves.",
    )
    voip_period_start = fields.Date(string="Usage From", copy=False)
    voip_period_end = fields.Date(string="Usage To", copy=False)
    voip_run_id = fields.Many2one(
        "voip.billing.run",
        string="Billing Run",
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    voip_usage_document = fields.Boolean(
        compute="_compute_voip_usage_document",
        help="Its lines are sums of rated usage.",
    )

    _voip_period_uniq = models.UniqueIndex(
        "(voip_account_id, voip_period_start, voip_period_end)"
        " WHERE voip_period_end IS NOT NULL AND state != 'cancel'",
        "This account has an invoice for this period already.",
    )
    # The last invoiced day of an account is one look-up, however many invoices it has.
    _voip_billed_until = models.Index(
        "(voip_account_id, voip_period_end)"
        " WHERE voip_period_end IS NOT NULL AND state = 'posted'"
    )

    @api.depends("voip_period_end")
    def _compute_voip_usage_document(self):
        for move in self:
            move.voip_usage_document = bool(move.voip_period_end)

    @api.depends("voip_period_end")
    def _compute_show_reset_to_draft_button(self):
        """What bills usage stays as posted: it has no button that only refuses."""
        result = super()._compute_show_reset_to_draft_button()
        for move in self:
            if move.voip_period_end and move.state == "posted":
                move.show_reset_to_draft_button = False
        return result

    # === CRUD METHODS === #

    @api.ondelete(at_uninstall=False)
    def _unlink_except_moved_wallet(self):
        if self._voip_moved_wallet():
            raise UserError(
                self.env._(
                    "%s moved a wallet and is kept. Open the journal entry, Reset to "
                    "Draft and Cancel it: that takes back what it moved.",
                    ", ".join(self.mapped("display_name")),
                )
            )

    def _voip_moved_wallet(self):
        """Whether wallet entries, which are for ever, point to these entries."""
        self.env.cr.execute(
            "SELECT EXISTS (SELECT FROM voip_wallet_entry WHERE move_id = ANY(%(ids)s))"
            " OR EXISTS (SELECT FROM voip_wallet_pending WHERE move_id = ANY(%(ids)s))",
            {"ids": self.ids},
        )
        return self.env.cr.fetchone()[0]

    # === ACTION METHODS === #

    def action_voip_view_usage(self):
        """All records behind the document."""
        self.check_access("read")
        one(self)
        return self.invoice_line_ids._voip_usage_action()

    # === BUSINESS METHODS === #

    def _voip_withheld_reason(self):
        """Why the document is not paid, reminded or netted for now; False: no reason.

        Modules say theirs.
        """
        self.ensure_one()
        return False

    def _reverse_moves(self, default_values_list=None, cancel=False):
        """A credit note of usage is the payer's; others find the account of what they
        correct when they are posted."""
        default_values_list = default_values_list or [{} for _move in self]
        for move, values in zip(self, default_values_list, strict=True):
            if move.voip_period_end:
                values.setdefault("voip_account_id", move.voip_account_id.id)
                values.setdefault("voip_payer_id", move.voip_payer_id.id)
        return super()._reverse_moves(default_values_list, cancel)
