"""Closing an account: only without money in it, which is moved or paid back first."""

from decimal import Decimal

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import formatLang

from ..charge.exchange import refuse_unconverted


class VoipAccount(models.Model):
    _inherit = "voip.account"

    def _set_state(self, state, reason):
        """An account is closed for good: nothing of it may stay behind."""
        if state == "closed":
            self.check_access("write")
            self._refuse_money_left()
        result = super()._set_state(state, reason)
        if state == "closed":
            self._hand_over_main()
        return result

    def _hand_over_main(self):
        """The customer's next open account gets what names no account from now on."""
        for account in self.filtered("is_main"):
            heirs = account._siblings().filtered(lambda a: a.state != "closed")
            heirs[:1].sudo().is_main = True

    def _money(self):
        """What these wallets hold, with what is kept for them.

        :return: {account id: (ledger balance, unbilled with tax, reserved)} as Decimal
        """
        self.env.flush_all()
        self.env.cr.execute(MONEY_SQL, [self.ids])
        # Odoo reads numeric columns as float; money comes as text.
        return {row[0]: tuple(map(Decimal, row[1:])) for row in self.env.cr.fetchall()}

    def _refuse_money_left(self):
        """:raises UserError: saying what is left and what may be done with it"""
        for account in self:
            account._refuse_dependants()
        for account in self:
            account._charge_to_the_end()
        money = self._money()
        for account in self:
            ledger, unbilled, reserved = money.get(account.id, (0, 0, 0))
            if reserved:
                raise UserError(
                    self.env._(
                        "%s has calls in progress: block it, wait for their end, then "
                        "close it.",
                        account.display_name,
                    )
                )
            if unbilled:
                raise UserError(
                    self.env._(
                        "%s has usage that is not invoiced: block it, invoice the "
                        "usage, then close it.",
                        account.display_name,
                    )
                )
            if ledger:
                raise account._ledger_refusal(ledger)

    def _refuse_dependants(self):
        """What would come after the end is in its way. Nothing is changed by it.

        :raises UserError: others that stay open are paid by or invoiced with it
        """
        others = self.sudo().search(
            [
                ("id", "not in", self.ids),
                ("state", "!=", "closed"),
                "|",
                ("payer_id", "=", self.id),
                ("bill_account_id", "=", self.id),
            ]
        )
        if others:
            raise UserError(
                self.env._(
                    "%(account)s pays for %(others)s: close them first, or have them"
                    " paid by another account.",
                    account=self.display_name,
                    others=", ".join(others.mapped("display_name")),
                )
            )

    def _charge_to_the_end(self):
        """Charge, or give back, what its days until now still come to.

        Called for each account that nothing is in the way of, before its money is
        looked at. Add-ons that charge by time add theirs.
        """

    def _ledger_refusal(self, ledger):
        values = {"account": self.display_name, "amount": self._money_text(abs(ledger))}
        if ledger > 0:
            return UserError(
                self.env._(
                    "%(account)s has a credit of %(amount)s. Choose what becomes of it:"
                    " move it to another account of the customer, or pay it back.",
                    **values,
                )
            )
        return UserError(
            self.env._(
                "%(account)s owes %(amount)s. Have it paid, credit it, or move it to "
                "another account of the customer.",
                **values,
            )
        )

    def _money_text(self, amount):
        return formatLang(self.env, float(amount), currency_obj=self.currency_id)

    # === WHAT BECOMES OF IT === #

    def _move_money(self, target):
        """Move the ledger balance to ``target`` by a posted journal entry.

        :param target: another account of the customer that pays for itself, in the
            same company and currency
        :raises UserError: ``target`` is no such account
        """
        self.ensure_one()
        self._check_money_target(target)
        ledger = self._money()[self.id][0]
        if not ledger:
            return
        self._refuse_unconverted_today()
        # Users change neither wallets nor who owns a line; who may close may do this.
        vals = self._prepare_move(target, ledger)
        move = self.env["account.move"].sudo().create(vals)
        move._post(soft=False)
        self._reconcile_money(move)
        self._log_money("account_credit_moved", ledger, to=target.code, entry=move.name)

    def _refuse_unconverted_today(self):
        today = fields.Date.context_today(self)
        refuse_unconverted(self.company_id, self.currency_id, today)

    def _check_money_target(self, target):
        customer = self.partner_id.commercial_partner_id
        fits = (
            target
            and target != self
            and target.payer_id == target
            and target.state != "closed"
            and target.company_id == self.company_id
            and target.currency_id == self.currency_id
            and target.partner_id.commercial_partner_id == customer
        )
        if not fits:
            raise UserError(
                self.env._(
                    "Choose another account of the customer, in the same currency, "
                    "that is not closed and pays for itself."
                )
            )

    def _prepare_move(self, target, ledger):
        company = self.company_id
        journal = self.env["account.journal"].sudo().search(
            [("type", "=", "general"), ("company_id", "parent_of", company.ids)],
            order="id",
            limit=1,
        )
        lines = [(self, float(ledger)), (target, -float(ledger))]
        return {
            "move_type": "entry",
            "company_id": company.id,
            "journal_id": journal.id,
            "ref": self.env._(
                "Balance of %(before)s to %(after)s",
                before=self.code,
                after=target.code,
            ),
            "line_ids": [(0, 0, acc._prepare_money_line(x)) for acc, x in lines],
        }

    def _prepare_money_line(self, amount):
        """A receivable line of this account; ``amount`` in its currency, + = debit."""
        company, partner = self.company_id, self.partner_id.commercial_partner_id
        balance = self.currency_id._convert(amount, company.currency_id, company)
        receivable = partner.with_company(company).property_account_receivable_id
        return {
            "account_id": receivable.id,
            "partner_id": partner.id,
            "currency_id": self.currency_id.id,
            "amount_currency": amount,
            "balance": balance,
            "voip_account_id": self.id,
        }

    def _pay_money_back(self, journal):
        """Pay the credit back by a posted outbound payment, and return the payment."""
        self.ensure_one()
        ledger = self._money()[self.id][0]
        payments = self.env["account.payment"]
        if ledger <= 0:
            return payments
        if journal.type not in ("bank", "cash"):
            raise UserError(self.env._("Choose a bank or cash journal."))
        self._refuse_unconverted_today()
        payment = payments.create(
            {
                "payment_type": "outbound",
                "partner_type": "customer",
                "partner_id": self.partner_id.commercial_partner_id.id,
                "amount": float(ledger),
                "currency_id": self.currency_id.id,
                "journal_id": journal.id,
                "memo": self.env._("Credit of %s", self.code),
                "voip_account_id": self.id,
            }
        )
        payment.action_post()
        self._reconcile_money(payment.move_id.sudo())
        self._log_money("account_credit_repaid", ledger, payment=payment.name)
        return payment

    def _reconcile_money(self, move):
        """Close what the account still has open with what ``move`` booked."""
        booked = move.line_ids.filtered(lambda x: x.voip_account_id == self)
        lines = self.env["account.move.line"].sudo().search(
            [
                ("voip_account_id", "=", self.id),
                ("account_id", "in", booked.account_id.ids),
                ("parent_state", "=", "posted"),
                ("reconciled", "=", False),
            ]
        )
        for account in booked.account_id:
            lines.filtered(lambda x, a=account: x.account_id == a).reconcile()

    def _log_money(self, event, ledger, **data):
        amount = f"{ledger:.{self.currency_id.decimal_places}f}"
        currency = self.currency_id.name
        self.env["voip.audit"]._log(
            event, self, {"amount": amount, "currency": currency, **data}
        )


MONEY_SQL = """
SELECT w.account_id, (w.ledger_balance + COALESCE(p.ledger, 0))::text,
       (w.unbilled + w.unbilled_tax + COALESCE(p.unbilled, 0))::text,
       w.reserved::text
  FROM voip_wallet w
  LEFT JOIN (SELECT account_id, sum(ledger) AS ledger, sum(unbilled + tax) AS unbilled
               FROM voip_wallet_pending GROUP BY 1) p ON p.account_id = w.account_id
 WHERE w.account_id = ANY(%s)
"""
