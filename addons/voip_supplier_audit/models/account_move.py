"""Bills of suppliers know the invoice they are of, and may be held from payment."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.voip_billing_base.models.voip_guard import (
    changed,
    one,
    without_defaults,
)

KEPT = ("voip_supplier_invoice_id", "voip_supplier_claim_id", "voip_payment_hold")


class AccountMove(models.Model):
    _inherit = "account.move"

    voip_supplier_invoice_id = fields.Many2one(
        "voip.supplier.invoice",
        string="Audited Invoice",
        readonly=True,
        copy=False,
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
    )
    voip_supplier_claim_id = fields.Many2one(
        "voip.supplier.claim",
        string="Claim It Settles",
        readonly=True,
        copy=False,
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
    )
    voip_payment_hold = fields.Boolean(
        string="Held from Payment",
        readonly=True,
        copy=False,
        help="What is on it is disputed: no payment is registered or reconciled.",
    )

    @api.constrains("matched_payment_ids")
    def _check_voip_held(self):
        """:raises UserError: a payment is put on a bill that is disputed"""
        self.filtered("matched_payment_ids")._voip_refuse_held()

    @api.model_create_multi
    def create(self, vals_list):
        plain = without_defaults(self, KEPT)
        if not self.env.su and any(
            vals.get(name) for vals in vals_list for name in KEPT
        ):
            self._voip_refuse_audit_by_hand()
        return super(AccountMove, plain).create(vals_list).with_env(self.env)

    def write(self, vals):
        if not self.env.su and changed(self, vals, KEPT):
            self._voip_refuse_audit_by_hand()
        return super().write(vals)

    def _voip_refuse_audit_by_hand(self):
        raise UserError(
            self.env._(
                "The audit of a supplier's invoice is kept by the program: decide it"
                " under Supplier Invoices."
            )
        )

    def button_draft(self):
        self.check_access("write")
        self._voip_refuse_audited()
        return super().button_draft()

    def button_cancel(self):
        self.check_access("write")
        self._voip_refuse_audited()
        return super().button_cancel()

    def _voip_refuse_audited(self):
        """:raises UserError: a posted bill is what an audit decided, or a credit note
        closed a claim"""
        self._voip_refuse_settled()
        for move in self.sudo():
            invoice = move.voip_supplier_invoice_id
            if invoice and move.state == "posted" and not invoice.is_open:
                raise UserError(
                    self.env._(
                        "%(move)s is what was decided on invoice %(number)s: correct it"
                        " by a credit note.",
                        move=move.display_name,
                        number=invoice.number,
                    )
                )

    def _voip_refuse_settled(self):
        """:raises UserError: a credit note closed a claim"""
        for move in self.sudo():
            claim = move.voip_supplier_claim_id
            if claim and move.state == "posted" and claim.state == "credited":
                raise UserError(
                    self.env._(
                        "%(move)s closed the claim on invoice %(number)s: what was held"
                        " would be payable again. Correct it by an entry of its own.",
                        move=move.display_name,
                        number=claim.invoice_id.number,
                    )
                )

    def _voip_withheld_reason(self):
        """What is held from payment stays out of nettings, too."""
        if self.voip_payment_hold:
            return self.env._(
                "Held from payment: it is disputed of invoice %s.",
                self.sudo().voip_supplier_invoice_id.number,
            )
        return super()._voip_withheld_reason()

    def _voip_refuse_held(self):
        """:raises UserError: what is on one of the entries is disputed"""
        for move in self.sudo():
            if move.voip_payment_hold:
                raise UserError(
                    self.env._(
                        "%(move)s is held from payment: it is what is disputed of"
                        " invoice %(number)s. Close the claim first.",
                        move=move.display_name,
                        number=move.voip_supplier_invoice_id.number,
                    )
                )

    # === ACTION METHODS === #

    def action_voip_audit(self):
        """Audit a vendor bill that is in the books: an invoice of its lines."""
        self.check_access("read")
        one(self)
        invoices = self.env["voip.supplier.invoice"]
        found = invoices.search([("bill_id", "=", self.id)], limit=1)
        if not found:
            found = invoices._from_bill(self)
        return {
            "type": "ir.actions.act_window",
            "res_model": "voip.supplier.invoice",
            "res_id": found.id,
            "views": [(False, "form")],
        }
