"""Items of a netting."""

from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..context.figures import amount_of
from .figures import Item

WITHHELD = [
    ("disputed", "Disputed"),
    ("not_due", "Not Due Yet"),
    ("advance", "Paid in Advance"),
    ("other", "Other Reason"),
]
CHOSEN = ("amount", "withheld", "reason")


class VoipNettingLine(models.Model):
    """An open receivable or payable item: taken, in part or whole, or left out."""

    _name = "voip.netting.line"
    _description = "Item of a Netting"
    _inherit = ["voip.finite"]
    _order = "netting_id, currency_id, side desc, due, move_line_id"
    _check_company_auto = True

    netting_id = fields.Many2one(
        "voip.netting",
        required=True,
        readonly=True,
        index=True,
        check_company=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="netting_id.company_id", store=True, precompute=True, index=True
    )
    move_line_id = fields.Many2one(
        "account.move.line",
        string="Journal Item",
        required=True,
        readonly=True,
        index=True,
        check_company=True,
        ondelete="restrict",
    )
    move_id = fields.Many2one(related="move_line_id.move_id", string="Document")
    ref = fields.Char(related="move_line_id.move_id.ref", string="Reference")
    date = fields.Date(related="move_line_id.date")
    due = fields.Date(readonly=True)
    side = fields.Selection(
        [("theirs", "They Owe"), ("ours", "We Owe")],
        required=True,
        readonly=True,
        default="theirs",
    )
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    residual = fields.Monetary(
        string="Open",
        readonly=True,
        help="What the item had open when it was proposed or the partner was asked.",
    )
    amount = fields.Monetary(
        string="To Net", help="How much of it may be netted, at most what is open."
    )
    withheld = fields.Selection(
        WITHHELD, string="Left Out", help="Why the item is not netted."
    )
    reason = fields.Char(help="For your colleagues; the partner does not see it.")
    is_live = fields.Boolean(
        readonly=True, help="Taken by a netting that is neither posted nor cancelled."
    )
    owed_to_us = fields.Monetary(string="They Owe", compute="_compute_sides")
    owed_by_us = fields.Monetary(string="We Owe", compute="_compute_sides")
    netted = fields.Monetary(
        compute="_compute_netted", help="How much of the item is set off."
    )
    counter_amount = fields.Char(
        string="Their Amount", readonly=True, help="What the partner says is right."
    )
    counter_reason = fields.Char(string="Their Reason", readonly=True)

    _item_uniq = models.Constraint(
        "UNIQUE(netting_id, move_line_id)", "A netting has each item once."
    )
    # Two nettings that are being agreed on cannot have one item.
    _live_uniq = models.UniqueIndex(
        "(move_line_id) WHERE is_live", "Another open netting has this item already."
    )
    _amount_bounds = models.Constraint(
        "CHECK (residual BETWEEN 0 AND 1000000000000000"
        " AND amount BETWEEN 0 AND residual)",
        "At most what an item has open is netted.",
    )

    # === COMPUTE METHODS === #

    @api.depends("side", "residual")
    def _compute_sides(self):
        for line in self:
            theirs = line.side == "theirs"
            line.owed_to_us = line.residual if theirs else 0.0
            line.owed_by_us = 0.0 if theirs else line.residual

    @api.depends(
        "netting_id.line_ids.amount", "netting_id.line_ids.withheld", "amount"
    )
    def _compute_netted(self):
        for netting, lines in self.grouped("netting_id").items():
            amounts = netting._net().netted()
            for line in lines:
                line.netted = float(amounts.get(line._origin.id, 0))

    @api.depends("move_id")
    def _compute_display_name(self):
        for line in self:
            line.display_name = line._title()

    # === CRUD METHODS === #

    def write(self, vals):
        if self.env.su:
            return super().write(vals)
        self.check_access("write")
        self.netting_id._refuse_closed()
        result = super().write(vals)
        if set(CHOSEN) & vals.keys():
            self._check_choice()
            for line in self.sudo():
                line._take()
        return result

    def _check_choice(self):
        """:raises UserError: nothing, or more than is open, of an item is taken"""
        for line in self:
            if not line.withheld and line.currency_id.is_zero(line.amount):
                raise UserError(
                    self.env._(
                        "%s: enter an amount, or say why it is left out.", line._title()
                    )
                )
            if line.withheld == "other" and not (line.reason or "").strip():
                raise UserError(
                    self.env._("%s: enter why it is left out.", line._title())
                )

    # === BUSINESS METHODS === #

    def _title(self):
        """What the item is called in talk: our number, or the one on their bill."""
        move = self.move_line_id.move_id
        if move.is_purchase_document(include_receipts=True) and move.ref:
            return f"{move.ref} ({move.name})"
        return move.name or ""

    def _take(self):
        """Hold the item, or let it go.

        :raises UserError: another netting holds it
        """
        live = not self.withheld
        if live and (other := self._held_by()):
            raise UserError(
                self.env._(
                    "%(item)s is in %(netting)s already: cancel that one, or leave the"
                    " item out.",
                    item=self._title(),
                    netting=other.name,
                )
            )
        if self.is_live != live:
            self.is_live = live

    def _held_by(self):
        domain = [
            ("move_line_id", "=", self.move_line_id.id),
            ("is_live", "=", True),
            ("netting_id", "!=", self.netting_id.id),
        ]
        return self.search(domain, limit=1).netting_id

    def _exact(self, name):
        """The amount of a field as Decimal, with the currency's decimals."""
        return Decimal(amount_of(self[name], self.currency_id))

    def _item(self):
        """As the engine takes it: above zero where the partner owes it."""
        amount = self._exact("amount")
        signed = amount if self.side == "theirs" else -amount
        return Item(self._origin.id, self.currency_id.name, signed, self.due)
