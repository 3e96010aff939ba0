"""A claim: disputed money of one invoice, until the supplier credits it or we pay."""

from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.voip_billing_base.const import MONEY
from odoo.addons.voip_billing_base.fields import Amount

from ..invoices.figures import ZERO, exact, text


class VoipSupplierClaim(models.Model):
    """What is claimed, how, and how it ended.

    Held money is on a bill of its own that is not paid; the supplier's credit note sets
    it off. Where it was paid and claimed by a debit note, his credit note confirms it.
    """

    _name = "voip.supplier.claim"
    _inherit = ["mail.thread", "voip.finite", "voip.currency.sums"]
    _description = "Claim on a Supplier"
    _order = "opened_on desc, id desc"
    _check_company_auto = True

    invoice_id = fields.Many2one(
        "voip.supplier.invoice",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    company_id = fields.Many2one(
        related="invoice_id.company_id", store=True, precompute=True, index=True
    )
    partner_id = fields.Many2one(
        related="invoice_id.partner_id", store=True, index=True
    )
    currency_id = fields.Many2one(related="invoice_id.currency_id")
    state = fields.Selection(
        [("open", "Open"), ("credited", "Credited"), ("conceded", "Conceded")],
        required=True,
        readonly=True,
        default="open",
        index=True,
        tracking=True,
    )
    opened_on = fields.Date(required=True, readonly=True)
    closed_on = fields.Date(readonly=True)
    by = fields.Selection(
        [("hold", "Held from payment"), ("debit_note", "Debit note")],
        string="Claimed By",
        required=True,
        readonly=True,
    )
    amount = Amount(string="Claimed", required=True, readonly=True, **MONEY)
    credited_amount = Amount(string="Credited", readonly=True, **MONEY)
    move_id = fields.Many2one(
        "account.move",
        string="Held Bill or Debit Note",
        readonly=True,
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
    )
    credit_note_id = fields.Many2one(
        "account.move",
        string="Supplier's Credit Note",
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
        domain="[('move_type', '=', 'in_refund'), ('state', '=', 'posted'),"
        " ('partner_id', 'child_of', partner_id),"
        " ('voip_supplier_claim_id', '=', False),"
        " ('voip_supplier_invoice_id', '=', False)]",
        help="The posted credit note with which the supplier settles the claim.",
    )
    credit_reference = fields.Char(
        string="His Reference", help="Number of his credit note for our debit note."
    )
    reason = fields.Text(help="Why what was not credited is paid after all.")
    line_ids = fields.One2many(
        "voip.supplier.invoice.line", "claim_id", string="Lines", readonly=True
    )

    _credited_part = models.Constraint(
        "CHECK (amount > 0 AND credited_amount BETWEEN 0 AND amount)",
        "A claim is more than nothing, and at most all of it is credited.",
    )
    _once = models.UniqueIndex(
        "(credit_note_id) WHERE credit_note_id IS NOT NULL",
        "This credit note closes another claim already.",
    )

    def _compute_display_name(self):
        for claim in self:
            claim.display_name = self.env._(
                "Claim on invoice %(number)s", number=claim.invoice_id.number
            )

    # === CRUD METHODS === #

    def write(self, vals):
        if not self.env.su and any(claim.state != "open" for claim in self.sudo()):
            raise UserError(self.env._("The claim is closed: what it says stays."))
        return super().write(vals)

    # === ACTION METHODS === #

    def action_credit(self):
        """Close the claim with what the supplier credits.

        :raises UserError: no credit note, or one of something else
        """
        self.check_access("write")
        self.env["account.move"].check_access("write")
        self.ensure_one()
        self._lock()
        claim = self.sudo()
        if self.by == "hold":
            credited = claim._credit_by_note()
        else:
            if not (self.credit_reference or "").strip():
                raise UserError(
                    self.env._(
                        "Give the number of the credit note that answers our debit"
                        " note."
                    )
                )
            credited = exact(self.amount)
        claim._close("credited", credited)

    def action_concede(self):
        """Pay what was not credited after all.

        :raises UserError: no reason is given
        """
        self.check_access("write")
        self.env["account.move"].check_access("write")
        self.ensure_one()
        self._lock()
        if not (self.reason or "").strip():
            raise UserError(self.env._("Say why the claim is given up."))
        claim = self.sudo()
        if claim.by == "debit_note":
            claim._take_note_back()
        claim._close("conceded", exact(claim.credited_amount))

    # === BUSINESS METHODS === #

    def _lock(self):
        """Lock the claim, which is open, for the rest of the transaction."""
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT FROM voip_supplier_claim WHERE id = %s FOR UPDATE", [self.id]
        )
        self.invalidate_recordset(flush=False)
        if self.state != "open":
            raise UserError(
                self.env._("%(claim)s is closed already.", claim=self.display_name)
            )

    def _take_note_back(self):
        """What was set off by the debit note becomes payable again."""
        note, lines = self.move_id, self.line_ids
        values = {"ref": f"{note.ref}/R", "invoice_date": fields.Date.today()}
        if lines == self.invoice_id._noted_lines():
            note._reverse_moves([values]).action_post()
            return
        parts = self.invoice_id._disputed_parts(lines)
        values |= {"reversed_entry_id": note.id, "ref": f"{note.ref}/R{self.id}"}
        self.invoice_id._post_move("in_invoice", parts, "back", **values)

    def _credit_by_note(self):
        """Set the credit note off against the held bill; returns what it credits.

        :raises UserError: it is none of this supplier, or credits less
        """
        note = self.credit_note_id
        if not note:
            raise UserError(
                self.env._(
                    "Choose the supplier's credit note first, once it is posted."
                )
            )
        self._refuse_other_note(note)
        invoice = self.invoice_id
        money = exact(note.amount_residual)
        claimed = self.currency_id.round(self.amount)
        # What is conceded by other claims of the bill is not credited.
        left = exact(min(self.move_id.amount_residual, claimed))
        if self._others():
            self._refuse_other_money(note, money)
        elif money < left:
            raise UserError(
                self.env._(
                    "%(note)s credits %(money)s, %(left)s are held: let him credit all"
                    " of it, or concede the claim with a reason.",
                    note=note.display_name,
                    money=text(money),
                    left=text(left),
                )
            )
        note.voip_supplier_claim_id = self
        invoice._reconcile_payable(self.move_id | note)
        self._refuse_apart(note)
        return exact(self.amount)

    def _refuse_apart(self, note):
        """:raises UserError: other entries have set the held bill off"""
        held = self.move_id.line_ids
        partials = held.matched_debit_ids | held.matched_credit_ids
        moves = partials.debit_move_id.move_id | partials.credit_move_id.move_id
        if self.move_id.amount_total and note not in moves:
            raise UserError(
                self.env._(
                    "%(bill)s is set off by other entries already, so %(note)s credits"
                    " nothing of it: choose the one that is reconciled with it.",
                    bill=self.move_id.display_name,
                    note=note.display_name,
                )
            )

    def _refuse_other_note(self, note):
        is_fitting = (
            note.move_type == "in_refund"
            and note.state == "posted"
            and note.currency_id == self.currency_id
            and note.commercial_partner_id == self.partner_id.commercial_partner_id
        )
        if not is_fitting:
            raise UserError(
                self.env._(
                    "%(note)s is no posted credit note of %(supplier)s in"
                    " %(currency)s.",
                    note=note.display_name,
                    supplier=self.partner_id.display_name,
                    currency=self.currency_id.name,
                )
            )
        if note.voip_supplier_claim_id or note.voip_supplier_invoice_id:
            raise UserError(
                self.env._("%s belongs to another claim already.", note.display_name)
            )

    def _close(self, state, credited):
        self.write(
            {
                "state": state,
                "credited_amount": float(credited),
                "closed_on": fields.Date.context_today(self),
            }
        )
        if not self._others():
            self.move_id.voip_payment_hold = False
        self._log(
            "close",
            number=self.invoice_id.number,
            amount=text(exact(self.amount)),
            credited=text(credited or ZERO),
            credit_note=self.credit_note_id.name or self.credit_reference or "",
            reason=self.reason or "",
        )
        self.invoice_id._settle()

    def _log(self, event, **data):
        self.env["voip.audit"]._log(f"supplier_claim_{event}", self, data)
