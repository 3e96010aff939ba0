"""VoIP accounts: who calls, who pays, on which terms."""

from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..const import MONEY
from ..counts import counts_by
from ..fields import Amount, ExactFloat
from ..models.voip_guard import one
from .voip_billing_terms import BOUNDS, BOUNDS_MESSAGE, TERMS

WALLET = (
    "ledger_balance",
    "unbilled",
    "unbilled_tax",
    "reserved",
    "balance",
    "available",
)
STATES = [
    ("active", "Active"),
    ("suspended", "Suspended"),
    ("blocked", "Blocked"),
    ("closed", "Closed"),
]


class VoipAccount(models.Model):
    """An account of a customer with one company, in one currency.

    Prepaid and active from the start, free of charge. Its balance is Odoo's receivable
    account; ``voip.wallet`` shows it. Who may change what is in
    ``voip_account_change``.
    """

    _name = "voip.account"
    _description = "VoIP Account"
    _inherit = ["mail.thread", "mail.activity.mixin", "voip.billing.terms"]
    _order = "code, id"
    _rec_names_search = ["name", "code", "partner_id"]
    _parent_store = True
    _check_company_auto = True
    _voip_internal = ("parent_path",)

    name = fields.Char(
        required=True,
        compute="_compute_name",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
    )
    code = fields.Char(
        required=True,
        copy=False,
        readonly=False,
        default="/",
        help="Short name for switches and files, unique per company; left at / it is "
        "counted.",
    )
    active = fields.Boolean(default=True)
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        index=True,
        tracking=True,
        ondelete="restrict",
        check_company=True,
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
        ondelete="restrict",
    )
    kind = fields.Selection(
        [
            ("individual", "Individual"),
            ("enterprise", "Enterprise"),
            ("call_center", "Call Center"),
            ("wholesaler", "Wholesaler"),
            ("reseller", "Reseller"),
        ],
        required=True,
        default="individual",
    )
    mode = fields.Selection(
        [("prepaid", "Prepaid"), ("postpaid", "Postpaid"), ("hybrid", "Hybrid")],
        required=True,
        default="prepaid",
        copy=False,
        tracking=True,
        help="Prepaid: pays before the call. Postpaid: within the credit limit. "
        "Hybrid: prepaid, then postpaid up to the credit limit.",
    )
    state = fields.Selection(
        STATES,
        required=True,
        default="active",
        copy=False,
        readonly=True,
        tracking=True,
        help="Suspended: no new outbound calls. Blocked: nothing. Closed: for good.",
    )
    start_date = fields.Date(
        required=True,
        default=fields.Date.context_today,
        help="Anchor of anniversary and N-day cycles.",
    )
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
        ondelete="restrict",
    )
    parent_id = fields.Many2one(
        "voip.account",
        string="Parent Account",
        index=True,
        check_company=True,
        ondelete="restrict",
    )
    parent_path = fields.Char(index=True)
    child_ids = fields.One2many("voip.account", "parent_id", string="Sub-accounts")
    consolidated_billing = fields.Boolean(
        help="Its usage is a section of the parent's invoice, which the parent pays."
    )
    pay_by_parent = fields.Boolean(help="Its usage is charged to the parent's balance.")
    payer_id = fields.Many2one(
        "voip.account",
        string="Paid by",
        compute="_compute_payer_id",
        store=True,
        recursive=True,
        index=True,
    )
    bill_account_id = fields.Many2one(
        "voip.account",
        string="Invoiced with",
        compute="_compute_bill_account_id",
        store=True,
        recursive=True,
        index=True,
    )
    profile_id = fields.Many2one(
        "voip.billing.profile",
        string="Billing Profile",
        index="btree_not_null",
        check_company=True,
        help="Choosing one takes over its terms; each may then be changed here.",
    )
    credit_limit = ExactFloat(digits=(18, 2), copy=False, tracking=True)
    overdraft_amount = ExactFloat(
        digits=(18, 2),
        copy=False,
        tracking=True,
        help="A small credit a manager gives to a prepaid account, until a date.",
    )
    overdraft_until = fields.Date(copy=False, tracking=True)
    contact_ids = fields.One2many("voip.account.contact", "account_id")
    number_ids = fields.One2many("voip.account.number", "account_id", string="Numbers")
    wallet_id = fields.Many2one("voip.wallet", compute="_compute_wallet")
    ledger_balance = Amount(compute="_compute_wallet", **MONEY)
    unbilled = Amount(compute="_compute_wallet", **MONEY)
    unbilled_tax = Amount(
        string="Estimated Tax", compute="_compute_wallet", **MONEY
    )
    reserved = Amount(compute="_compute_wallet", **MONEY)
    balance = Amount(compute="_compute_wallet", search="_search_balance", **MONEY)
    available = Amount(
        compute="_compute_wallet",
        search="_search_available",
        **MONEY,
        help="Balance - reserved + credit limit or overdraft.",
    )
    invoice_count = fields.Integer(compute="_compute_counts")
    child_count = fields.Integer(compute="_compute_counts")

    _code_uniq = models.Constraint(
        "UNIQUE(company_id, code)", "This account code exists already."
    )
    _code_form = models.Constraint(
        "CHECK (code ~ '^[A-Za-z0-9._-]{1,64}$')",
        "An account code has 1 to 64 letters, digits, dots, dashes or underscores.",
    )
    _terms = models.Constraint(BOUNDS, BOUNDS_MESSAGE)
    _limits = models.Constraint(
        "CHECK (credit_limit BETWEEN 0 AND 1000000000000000"
        " AND overdraft_amount BETWEEN 0 AND 1000000000000000)",
        "Limits are not negative.",
    )

    # === COMPUTE METHODS === #

    @api.depends("partner_id")
    def _compute_name(self):
        for account in self:
            account.name = account.name or account.partner_id.name

    @api.depends("parent_id.payer_id", "pay_by_parent", "consolidated_billing")
    def _compute_payer_id(self):
        for account in self:
            above = account.pay_by_parent or account.consolidated_billing
            account.payer_id = (above and account.parent_id.payer_id) or account

    @api.depends("parent_id.bill_account_id", "consolidated_billing")
    def _compute_bill_account_id(self):
        for account in self:
            above = account.consolidated_billing and account.parent_id
            account.bill_account_id = (above and above.bill_account_id) or account

    @api.depends("payer_id")
    def _compute_wallet(self):
        """The account's own wallet, and the amounts of the wallet that pays."""
        accounts = self._origin | self.payer_id._origin
        wallets = {
            wallet.account_id.id: wallet
            for wallet in self.env["voip.wallet"].search(
                [("account_id", "in", accounts.ids)]
            )
        }
        none = self.env["voip.wallet"]
        for account in self:
            account.wallet_id = wallets.get(account._origin.id, none)
            payer = wallets.get(account.payer_id._origin.id, none)
            for name in WALLET:
                account[name] = payer[name]

    def _search_balance(self, operator, value):
        return self._search_wallet("balance", operator, value)

    def _search_available(self, operator, value):
        return self._search_wallet("available", operator, value)

    def _search_wallet(self, name, operator, value):
        """Accounts whose paying wallet has such an amount."""
        wallets = self.env["voip.wallet"]._search([(name, operator, value)])
        return [("payer_id", "in", wallets.subselect("account_id"))]

    def _compute_counts(self):
        moves, sold = self.env["account.move"].sudo(), ("move_type", "like", "out_")
        invoices = counts_by(moves, "voip_account_id", self, sold)
        children = counts_by(self.browse(), "parent_id", self)
        for account in self:
            account.invoice_count = invoices.get(account, 0)
            account.child_count = children.get(account, 0)

    @api.depends("name", "code")
    def _compute_display_name(self):
        for account in self:
            code = f"[{account.code}] " if account.code not in (False, "/") else ""
            account.display_name = f"{code}{account.name or ''}"

    @api.onchange("profile_id")
    def _onchange_profile_id(self):
        if self.profile_id:
            self.update(self._terms_of(self.profile_id))

    # === CONSTRAINT METHODS === #

    @api.constrains("parent_id", "company_id", "currency_id")
    def _check_parent(self):
        for account in self:
            if account._has_cycle():
                raise ValidationError(
                    self.env._("%s would be its own parent.", account.display_name)
                )
            parent = account.parent_id
            if parent and parent.currency_id != account.currency_id:
                raise ValidationError(
                    self.env._(
                        "%(account)s and its parent %(parent)s need one currency.",
                        account=account.display_name,
                        parent=parent.display_name,
                    )
                )

    # === ACTION METHODS === #

    def action_view_usage(self):
        return self._open_action(
            "voip_billing_base.voip_usage_action",
            [("account_id", "child_of", self.ids)],
            {"search_default_time": 1},
        )

    def action_view_invoices(self):
        return self._open_action(
            "voip_billing_base.voip_invoice_action",
            [("voip_account_id", "in", self.ids)],
        )

    def action_topup(self):
        self.check_access("read")
        one(self)
        return self._open_wizard("voip_topup_wizard_action", {"account_id": self.id})

    def action_change_state(self):
        return self._open_wizard(
            "voip_account_state_wizard_action", {"account_ids": [(6, 0, self.ids)]}
        )

    def _open_wizard(self, name, values):
        context = {f"default_{field}": value for field, value in values.items()}
        return self._open_action(f"voip_billing_base.{name}", [], context)

    def action_view_summaries(self):
        return self._open_action(
            "voip_billing_base.voip_usage_summary_action",
            [("account_id", "child_of", self.ids)],
        )

    def action_view_entries(self):
        return self._open_action(
            "voip_billing_base.voip_wallet_entry_action",
            [("account_id", "in", self.ids)],
        )

    def action_view_children(self):
        return self._open_action(
            "voip_billing_base.voip_account_action",
            [("id", "child_of", self.ids), ("id", "not in", self.ids)],
        )

    def _open_action(self, xmlid, domain, context=None):
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(xmlid)
        return {**action, "domain": domain, "context": context or {}}

    # === BUSINESS METHODS === #

    def _wallet_limit(self):
        """How far below zero the wallet may go (Decimal, account currency)."""
        self.ensure_one()
        if self.mode != "prepaid":
            return Decimal(f"{self.credit_limit:.2f}")
        today = fields.Date.context_today(self.with_context(tz=self.tz))
        if self.overdraft_until and self.overdraft_until >= today:
            return Decimal(f"{self.overdraft_amount:.2f}")
        return Decimal(0)

    def _billed_until(self):
        """Last day of the last posted usage invoice, days since 1970-01-01.

        :return: {account id: day}, without accounts that have none
        """
        moves = self.env["account.move"]
        moves.flush_model(["voip_account_id", "voip_period_end", "state"])
        self.env.cr.execute(BILLED_UNTIL_SQL, [self.ids])
        return dict(self.env.cr.fetchall())

    @api.model
    def _terms_of(self, profile):
        fields_ = self._fields
        return {
            name: profile[name].id if fields_[name].relational else profile[name]
            for name in TERMS
            if name != "tz" or profile.tz
        }


BILLED_UNTIL_SQL = """
SELECT id, last - DATE '1970-01-01'
  FROM (SELECT asked.id, (SELECT max(m.voip_period_end) FROM account_move m
                           WHERE m.voip_account_id = asked.id AND m.state = 'posted'
                             AND m.voip_period_end IS NOT NULL) AS last
          FROM unnest(%s::int[]) AS asked(id)) billed
 WHERE last IS NOT NULL
"""
