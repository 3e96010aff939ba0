"""Wallet entries: every movement of a wallet, for ever."""

from odoo import fields, models

from ..charge.append_only import install_append_only
from ..const import MONEY
from ..fields import Amount

KINDS = [
    ("topup", "Top-up"),
    ("payment", "Payment"),
    ("usage", "Usage"),
    ("invoice", "Invoice"),
    ("credit_note", "Credit Note"),
    ("adjustment", "Adjustment"),
    ("refund", "Refund"),
    ("netting", "Netting"),
    ("write_off", "Write-off"),
    ("discount", "Discount"),
    ("exchange", "Exchange Difference"),
    ("transfer", "Transfer"),
    ("opening", "Opening"),
    ("reversal", "Reversal"),
]
READ = {**MONEY, "readonly": True, "required": True}


class VoipWalletEntry(models.Model):
    """One movement with the balance before and after it.

    The database refuses UPDATE, DELETE and TRUNCATE on this table.
    """

    _name = "voip.wallet.entry"
    _description = "Wallet Entry"
    _inherit = ["voip.append.only"]
    _log_access = False
    _order = "id desc"
    _rec_name = "kind"

    wallet_id = fields.Many2one(
        "voip.wallet", required=True, readonly=True, index=True, ondelete="restrict"
    )
    account_id = fields.Many2one(
        "voip.account", required=True, readonly=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="restrict"
    )
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    kind = fields.Selection(KINDS, required=True, readonly=True)
    ledger_delta = Amount(**READ, string="Ledger")
    unbilled_delta = Amount(**READ, string="Unbilled")
    tax_delta = Amount(**READ, string="Estimated Tax")
    amount = Amount(
        **READ, help="Change of the balance: ledger - unbilled - estimated tax."
    )
    balance_before = Amount(**READ, aggregator=None)
    balance_after = Amount(**READ, aggregator=None)
    move_id = fields.Many2one(
        "account.move",
        string="Journal Entry",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    batch_id = fields.Integer(
        string="Batch Number", readonly=True, index="btree_not_null"
    )
    origin = fields.Char(readonly=True)
    at = fields.Datetime(string="Date", required=True, readonly=True)
    user_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")

    _money_in = models.Index(
        "(account_id, id) WHERE kind IN ('topup', 'payment') AND amount > 0"
    )
    _sums = models.Constraint(
        "CHECK (amount = ledger_delta - unbilled_delta - tax_delta"
        " AND balance_after = balance_before + amount"
        " AND amount BETWEEN -1000000000000000 AND 1000000000000000"
        " AND balance_after BETWEEN -1000000000000000 AND 1000000000000000)",
        "A wallet entry does not add up.",
    )

    def init(self):
        install_append_only(self.env.cr, self._table)
