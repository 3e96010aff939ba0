"""Payments of VoIP accounts."""

from odoo import api, fields, models

from ..models.voip_named import chosen_account, forget_found, with_account

POSTED = ("in_process", "paid")


class AccountPayment(models.Model):
    _inherit = "account.payment"

    voip_account_id = fields.Many2one(
        "voip.account",
        string="VoIP Account",
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
        tracking=True,
        help="The account whose balance this payment raises. Left empty, it is found: "
        "by what is paid, else by the customer.",
    )
    voip_account_auto = fields.Boolean(
        string="VoIP Account Found",
        copy=False,
        readonly=True,
        help="Found by rules; an account that somebody chooses stays.",
    )
    voip_topup = fields.Boolean(
        string="Top-up",
        copy=False,
        readonly=True,
        help="It was made as a top-up, not to pay a document.",
    )

    # === COMPUTE METHODS === #

    @api.depends("payment_method_line_id")
    def _compute_outstanding_account_id(self):
        result = super()._compute_outstanding_account_id()
        self.filtered("id")._voip_fill_outstanding()
        return result

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        payments = super().create([chosen_account(vals) for vals in vals_list])
        with_account(payments, vals_list)._voip_refuse_strange_accounts()
        return payments

    def write(self, vals):
        if vals.get("state") in POSTED and not vals.get("move_id"):
            self.filtered(lambda p: not p.move_id)._voip_fill_outstanding()
        result = super().write(chosen_account(vals))
        if vals.get("voip_account_id"):
            self._voip_refuse_strange_accounts()
        if "voip_account_id" in vals:
            self.move_id._voip_sync_wallets(fresh=True)
        return result

    def copy_data(self, default=None):
        result = super().copy_data(default)
        forget_found(self, result, default)
        return result

    # === ACTION METHODS === #

    def action_cancel(self):
        """Cancel an entry that moved a wallet; Odoo would delete a draft one."""
        self.check_access("write")
        kept = self.filtered(
            lambda payment: payment.move_id.state == "draft"
            and payment.move_id._voip_moved_wallet()
        )
        kept.move_id.button_cancel()
        kept.state = "canceled"
        return super(AccountPayment, self - kept).action_cancel()

    def action_reject(self):
        """What the bank rejected is no credit: its entry is cancelled, or reversed
        where it is kept unchangeable."""
        self.check_access("write")
        result = super().action_reject()
        for move in self.move_id.filtered(lambda move: move.state == "posted"):
            if not move.line_ids.voip_account_id:
                continue
            if move.inalterable_hash:
                move._reverse_moves(cancel=True)
            else:
                move.line_ids.remove_move_reconcile()
                move.button_cancel()
        self.state = "rejected"
        return result

    # === BUSINESS METHODS === #

    def _voip_fill_outstanding(self):
        """Name again the outstanding account that Odoo fills in for a new payment only.

        A change of the draft blanks it, and the payment would be posted without an
        entry: the customer's wallet would not have it.
        """
        if self.env["account.move"]._get_invoice_in_payment_state() == "in_payment":
            # Odoo's full accounting books such a payment with the bank line.
            return
        for payment in self:
            if not payment.outstanding_account_id and payment._voip_is_ours():
                kind = payment.payment_type
                payment.outstanding_account_id = payment._get_outstanding_account(kind)

    def _voip_is_ours(self):
        """Whether it is of a customer who has a VoIP account in the company."""
        customer = self.partner_id.commercial_partner_id
        domain = [
            ("partner_id.commercial_partner_id", "=", customer.id),
            ("company_id", "child_of", self.company_id.id),
        ]
        accounts = self.env["voip.account"].sudo().with_context(active_test=False)
        return bool(customer and accounts.search_count(domain, limit=1))
