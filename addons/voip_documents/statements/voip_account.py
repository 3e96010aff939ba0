"""Whose statement it is, and who may read it."""

from datetime import date
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError

from . import ledger

FIRST = date(1970, 1, 1)
UNBILLED = """
SELECT w.currency_id, sum(w.unbilled + w.unbilled_tax + COALESCE(k.amount, 0))::text
  FROM voip_wallet w
  LEFT JOIN (SELECT account_id, sum(unbilled + tax) AS amount
               FROM voip_wallet_pending GROUP BY 1) k USING (account_id)
 WHERE w.account_id = ANY(%s)
 GROUP BY 1
"""


class VoipAccount(models.Model):
    _inherit = "voip.account"

    # === API === #

    @api.model
    def statement(
        self, account=None, customer=None, date_from=None, date_to=None, view="ledger"
    ):
        """The statement of an account, or of all a customer has with the company.

        :param account: code of an account; a sub-account that is paid by another one
            has the statement of that one
        :param customer: reference of a customer, instead of an account
        :param date_from: first day, ISO 8601; without it all from the beginning
        :param date_to: last day; without it today, in the account's time zone
        :param view: ``ledger``, the documents and payments of the books; ``wallet``,
            what moved the balance of one account, usage a day
        :return: ``{currencies: [{currency, opening, lines: [{date, kind, document,
            description, debit, credit, balance}], closing, ageing: {current, "1-30",
            "31-60", "61-90", "90+"}, unbilled}]}``; amounts are decimal texts, balances
            above zero what the customer owes, those of a wallet what he has.
            ``unbilled`` is of now, and null where the range ends before today.
        :raises UserError: naming the argument that is wrong
        """
        self.check_access("read")
        if bool(account) == bool(customer):
            raise UserError(
                self.env._("account, customer: give the code of one or the other.")
            )
        if view not in ("ledger", "wallet"):
            raise UserError(self.env._('view: give "ledger" or "wallet".'))
        found = self._statement_accounts(account, customer)
        first = self._statement_day("date_from", date_from) or FIRST
        last = self._statement_day("date_to", date_to) or found[0]._statement_today()
        if customer and view == "wallet":
            raise UserError(self.env._("view: a wallet is of one account."))
        if customer:
            partner = found.partner_id.commercial_partner_id
            made = partner._voip_statement(found.company_id, first, last)
        else:
            made = found._statement(first, last, view == "wallet")
        return {"currencies": [statement.as_dict() for statement in made]}

    @api.model
    def _statement_accounts(self, account, customer):
        """The account, or the accounts of the customer, that the user may read."""
        name, value = ("account", account) if account else ("customer", customer)
        if not isinstance(value, str):
            raise UserError(self.env._("%s: give a text.", name))
        field = "code" if account else "partner_id.commercial_partner_id.ref"
        domain = [(field, "=", value), ("company_id", "in", self.env.companies.ids)]
        found = self.with_context(active_test=False).search(domain)
        own = found.filtered(lambda a: a.company_id == self.env.company)
        found = own or found
        if not found:
            raise UserError(
                self.env._("%(name)s: %(value)s is not known.", name=name, value=value)
            )
        if len(found.company_id) > 1 or (
            customer and len(found.partner_id.commercial_partner_id) > 1
        ):
            raise UserError(
                self.env._(
                    "%(name)s: %(value)s is not one customer of one company.",
                    name=name,
                    value=value,
                )
            )
        return found

    @api.model
    def _statement_day(self, name, value):
        if value in (None, False, ""):
            return None
        try:
            return date.fromisoformat(value)
        except (TypeError, ValueError) as error:
            raise UserError(
                self.env._("%s: give a day such as 2026-10-31.", name)
            ) from error

    # === BUSINESS METHODS === #

    def _statement_today(self):
        return fields.Date.context_today(self.with_context(tz=self.tz))

    def _statement(self, first, last, wallet=False):
        """Statements of this account, one for each currency.

        :param first, last: days, both included
        :param wallet: movements of the wallet instead of documents and payments
        :return: list of :class:`~.statement.Statement`
        """
        self.ensure_one()
        self.check_access("read")
        payer = self.payer_id
        payer.check_access("read")
        _check_range(self.env, first, last)
        unbilled = self._statement_unbilled(payer, last)
        params = {
            "company": payer.company_id.id,
            "account": payer.id,
            "partner": None,
            "from": first,
            "to": last,
            "tz": payer.tz,
        }
        if wallet:
            return ledger.wallet(self.env, payer, params, unbilled)
        return ledger.documents(self.env, params, unbilled)

    @api.model
    def _statement_unbilled(self, accounts, last):
        """{currency id: rated usage and its estimated tax on no invoice yet}.

        None where the range ends before today: what was not invoiced then has been
        since, and what is not invoiced now is of another time.
        """
        if last < min(account._statement_today() for account in accounts):
            return None
        self.env.cr.execute(UNBILLED, [accounts.ids])
        return {key: Decimal(amount) for key, amount in self.env.cr.fetchall()}


def _check_range(env, first, last):
    """Flush what is read by SQL.

    :raises UserError: the range ends before it begins
    """
    if first > last:
        raise UserError(env._("The last day lies before the first one."))
    env.flush_all()
