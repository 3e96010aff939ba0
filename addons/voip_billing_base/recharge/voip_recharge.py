"""Recharges: each charge of a stored payment method, and what became of it."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import LazyTranslate

from ..charge.transaction import run_money
from ..const import MONEY
from ..fields import Amount

_lt = LazyTranslate(__name__)
OPEN = ("sent", "unknown")
# Hours until the next try after the first, second … failure in a row; then it pauses.
BACK_OFF = (1, 6, 24)
# A provider answers within seconds; after that nobody knows whether it charged.
ANSWER = timedelta(minutes=15)
ENDED = {"done": "done", "cancel": "failed", "error": "failed"}
UNANSWERED = _lt("The provider's answer was lost.")
REFUSED = _lt("The payment provider refused it.")


class VoipRecharge(models.Model):
    """One charge of a customer's stored payment method.

    It is written down and committed before the provider is asked, so a charge is never
    unknown to the books; an account has one open recharge at most. Whether a recharge
    whose answer was lost was charged is decided by a person, never by charging again.
    """

    _name = "voip.recharge"
    _inherit = ["voip.guard"]
    _description = "Recharge"
    _order = "id desc"
    _rec_name = "account_id"
    _check_company_auto = True

    account_id = fields.Many2one(
        "voip.account",
        required=True,
        readonly=True,
        index=True,
        check_company=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True
    )
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    amount = Amount(**MONEY, required=True, readonly=True)
    transaction_id = fields.Many2one(
        "payment.transaction", readonly=True, ondelete="restrict", index=True
    )
    token_id = fields.Many2one(
        "payment.token", string="Payment Method", readonly=True, ondelete="restrict"
    )
    at = fields.Datetime(string="Date", required=True, readonly=True)
    state = fields.Selection(
        [
            ("sent", "Sent"),
            ("unknown", "Unknown"),
            ("done", "Done"),
            ("failed", "Failed"),
        ],
        required=True,
        readonly=True,
        default="sent",
        help="Unknown: the provider's answer was lost. Look in its own console, then "
        "say what became of it.",
    )
    reason = fields.Char(readonly=True, help="Why it failed.")

    _one_open = models.UniqueIndex("(account_id) WHERE state IN ('sent', 'unknown')")
    _bounds = models.Constraint(
        "CHECK (amount > 0 AND amount <= 1000000000000000)",
        "The amount of a recharge is more than zero.",
    )

    # === CRUD METHODS === #

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A recharge is never deleted."))

    # === ACTION METHODS === #

    def action_charged(self):
        """The provider has charged it: the balance is raised."""
        self._decide()
        transaction = self.sudo().transaction_id
        transaction._set_done()
        transaction._post_process()

    def action_not_charged(self):
        """The provider has not charged it: it failed."""
        self._decide()
        self.sudo().transaction_id._set_canceled(self.env._(UNANSWERED))
        self.sudo()._settle(self.sudo().transaction_id)

    def _decide(self):
        self.check_access("write")
        self.ensure_one()
        if self.state != "unknown":
            raise UserError(self.env._("Only an unknown recharge is decided by hand."))
        self.env["voip.audit"]._log(
            "recharge_decided", self.account_id, {"recharge": self.id}
        )

    # === BUSINESS METHODS === #

    @api.model
    def _charge(self, account):
        """Charge an account's payment method; each step is committed before the next.

        :param account: a paying account that is due, see ``voip.account``
        """
        recharge = run_money(self.env, lambda env: self.with_env(env)._begin(account))
        if not recharge:
            return
        self.env.invalidate_all()
        asked = []

        def ask(env):
            # A conflict after the provider's answer must not ask him again.
            if not asked:
                asked.append(recharge)
                env[self._name].browse(recharge)._ask()

        run_money(self.env, ask)
        # Where this process ends, Odoo's own action for payments goes on.
        run_money(self.env, lambda env: env[self._name].browse(recharge)._book())

    @api.model
    def _begin(self, account):
        """Id of a new recharge with its transaction; None where none is due now.

        The account's row is locked: of two workers one sees that it is not due.
        """
        account = account.with_env(self.env)
        self.env.cr.execute(
            "SELECT FROM voip_account WHERE id = %s FOR NO KEY UPDATE", [account.id]
        )
        account.invalidate_recordset()
        amount = account._recharge_due()
        if not amount:
            return None
        token = account.auto_recharge_token_id
        transaction = self._transaction(account, token, amount)
        recharge = self.create(
            {
                "account_id": account.id,
                "company_id": account.company_id.id,
                "currency_id": account.currency_id.id,
                "amount": amount,
                "transaction_id": transaction.id,
                "token_id": token.id,
                "at": self.env.cr.now(),
            }
        )
        return recharge.id

    @api.model
    def _transaction(self, account, token, amount):
        transactions = self.env["payment.transaction"]
        return transactions.create(
            {
                "provider_id": token.provider_id.id,
                "payment_method_id": token.payment_method_id.id,
                "token_id": token.id,
                "amount": amount,
                "currency_id": account.currency_id.id,
                "partner_id": token.partner_id.id,
                "operation": "offline",
                "voip_account_id": account.id,
                "reference": transactions._compute_reference(
                    token.provider_id.code, prefix=f"RECHARGE-{account.code}"
                ),
            }
        )

    def _ask(self):
        """Ask the provider for the money, once."""
        self.env.cr.execute(
            "SELECT FROM voip_recharge WHERE id = %s AND state = 'sent' FOR UPDATE",
            [self.id],
        )
        transaction = self.transaction_id
        if self.env.cr.rowcount and transaction.state == "draft":
            transaction._charge_with_token()
            self._settle(transaction)

    def _book(self):
        if self.transaction_id.state == "done":
            self.transaction_id._post_process()

    @api.model
    def _settle(self, transactions):
        """Bring recharges in line with the state of their transactions."""
        recharges = self.search(
            [("transaction_id", "in", transactions.ids), ("state", "in", OPEN)]
        )
        for recharge in recharges:
            state = ENDED.get(recharge.transaction_id.state)
            if state:
                recharge._end(state)

    def _end(self, state):
        """Keep the end of a recharge, and tell the customer."""
        said = self.transaction_id.state_message or self.env._(REFUSED)
        failed = state == "failed"
        self.write({"state": state, "reason": failed and said[:500]})
        account = self.account_id
        self.env["voip.audit"]._log(
            f"recharge_{state}",
            account,
            {
                "amount": f"{self.amount:f}",
                "currency": self.currency_id.name,
                "transaction": self.transaction_id.reference,
                **({"reason": self.reason} if failed else {}),
            },
        )
        account._tell_recharge(self)

    @api.model
    def _give_up_waiting(self):
        """What nobody answered is a person's matter: told once."""
        lost = self.search(
            [
                ("state", "=", "sent"),
                ("transaction_id.state", "=", "draft"),
                ("at", "<", self.env.cr.now() - ANSWER),
            ]
        )
        for recharge in lost:
            recharge.write({"state": "unknown", "reason": self.env._(UNANSWERED)})
            recharge.account_id._ask_staff_about(recharge)
