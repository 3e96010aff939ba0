"""Numbers that a customer orders by himself: what is offered, for what, and the order.

What is here is called for an account whose rights the caller has checked.
"""

from contextlib import suppress
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.voip_billing_base.charge.transaction import in_money
from odoo.addons.voip_did.numbers.digits import counted


class Undone(Exception):
    """Ends a trial, whose work is rolled back."""


def tried(record, work):
    """What ``work(record)`` returns, which is undone: plain values only."""
    found = []

    def trial(them):
        with them.env.cr.savepoint():
            found.append(work(them))
            raise Undone

    with suppress(Undone):
        in_money(record, trial)
    return found[-1]


def done(record, work):
    """Do ``work(record)`` in a money transaction, wholly or not at all."""

    def whole(them):
        with them.env.cr.savepoint():
            work(them)

    in_money(record, whole)
    record.env.invalidate_all()


class VoipDid(models.Model):
    _inherit = "voip.did"

    is_withheld = fields.Boolean(
        string="Not in the Portal",
        tracking=True,
        help="Customers do not see it among the numbers that they can order.",
    )

    @api.model
    def _portal_plan(self, account):
        """The plan by which the account orders numbers, or none."""
        plans = self.env["voip.did.plan"].sudo().with_company(account.company_id)
        plan = plans._plan_for(account.sudo())
        return plan if plan.is_offered else plan.browse()

    @api.model
    def _portal_tier(self, account, plan):
        """How many numbers the account would have by the plan with one more."""
        assignments = self.env["voip.did.assignment"].sudo()
        mine = [("account_id", "=", account.id), ("plan_id", "=", plan.id)]
        return 1 + assignments.search_count([*mine, *assignments._current_domain()])

    @api.model
    def _portal_domain(self, account, country=None, kind=None, pattern=None):
        """Numbers that the account can order.

        :raises UserError: for a country, kind or pattern that makes no sense
        """
        plan = self._portal_plan(account)
        if not plan:
            return Domain.FALSE
        dids = self.sudo().with_company(account.company_id)
        tier = self._portal_tier(account, plan)
        digits = dids._offer_digits(pattern)
        return (
            Domain([*dids._offer_domain(country, kind), *counted(digits)])
            & Domain("is_withheld", "=", False)
            & plan._priced_today(account.sudo(), tier)
        )

    def _portal_prices(self, account):
        """(setup, monthly) texts at the account; None where the plan has none."""
        plan = self._portal_plan(account)
        tier = self._portal_tier(account, plan)
        return (
            self._price_today(plan, "setup", account, tier),
            self._month_today(plan, account, tier),
        )

    def _portal_order(self, account):
        """Give the number to the account from today on, and charge what is due.

        Called in a money transaction, which sees what others have charged.

        :return: the assignment
        :raises UserError: it cannot be had, or the balance does not pay for it
        """
        self.ensure_one()
        account = account.with_env(self.env)
        plan, payer = self._portal_plan(account), account.sudo().payer_id
        if account.sudo().state != "active":
            raise UserError(
                self.env._("Numbers are ordered while the account is active.")
            )
        # Written, not only locked: who began before would not see the other order.
        self.env.cr.execute(
            "UPDATE voip_account SET write_uid = write_uid WHERE id = %s", [payer.id]
        )
        if not self.search_count(self._portal_domain(account) & self._itself()):
            raise UserError(self.env._("%s is not free any more.", self.display_name))
        prices = self._portal_prices(account)
        answer = self.with_company(account.company_id).assign(
            numbers=[self.number], account=account.sudo().code, plan=plan.code
        )
        for error in answer["errors"]:
            raise UserError(error["message"])
        one = self._current()
        one._charge_now()
        payer.invalidate_recordset()
        due = 0
        if plan.advance == "arrears":
            due = sum(Decimal(price or 0) for price in prices)
        if one.unpaid_since or payer.available < due:
            raise UserError(
                self.env._("The balance does not pay for this: top up first.")
            )
        return one

    def _itself(self):
        return Domain("id", "in", self.ids)

