"""The fees of months become usage: what is owed by today, less what was charged."""

from decimal import Decimal

from odoo import api, fields, models

from odoo.addons.voip_billing_base.charge.exchange import has_rate
from odoo.addons.voip_billing_base.charge.transaction import lock_company, run_money
from odoo.addons.voip_billing_base.charge.values import day_number, day_of

from ..engine.fees import days_in, months, share
from ..sessions import kept
from ..sessions.charging import DAY_US, Row, write_rows
from ..sessions.months import add_rows

ORIGIN = "AI plans"
PIECE = 500
SCALE = 8


class VoipAiSubscription(models.Model):
    _inherit = "voip.ai.subscription"

    # === ONCHANGE METHODS === #

    @api.onchange("account_id", "plan_id", "date_start", "slots")
    def _onchange_past(self):
        """Warn of months that are over and would be charged at once."""
        if not (self.account_id and self.plan_id and self.date_start):
            return None
        rows = list(self._fee_rows({}, {}))
        this_month = day_number(self._today().replace(day=1))
        over = [row for row in rows if row.month < this_month]
        if not over or self._origin.date_start == self.date_start:
            return None
        total = sum(row.amount for row in rows)
        text = self.env._(
            "%(months)s months that are over are charged at once: with this month"
            " %(amount)s before taxes.",
            months=len({row.month for row in over}),
            amount=self.plan_id.currency_id.format(float(total) / 10**SCALE),
        )
        title = self.env._("The plan begins in the past")
        return {"warning": {"title": title, "message": text, "type": "notification"}}

    # === CRON METHODS === #

    @api.model
    def _cron_fees(self):
        """Charge what is due in every company, some subscriptions a transaction."""
        progress = self.env["ir.cron"]._commit_progress
        for (company,) in self._read_group([], ["company_id"]):
            last = 0
            own = [("company_id", "=", company.id)]
            while some := self.search(
                [*own, ("id", ">", last)], limit=PIECE, order="id"
            ):
                ids = some.ids
                last = ids[-1]
                run_money(
                    self.env,
                    lambda env, own=company.id, some=ids: env[self._name]
                    .browse(some)
                    ._charge_fees(own),
                )
                if not progress(1):
                    return

    # === BUSINESS METHODS === #

    def _charge_fees(self, company_id):
        """Charge what these subscriptions owe by today; a second call charges nothing.

        What has no exchange rate is left out, and says so.

        :return: {account id: Decimal} charged now, below zero where it is given back
        """
        lock_company(self.env.cr, company_id)
        company = self.env["res.company"].browse(company_id)
        rows, totals = [], {}
        for one, found in self._due_rows():
            if one._note_rates(company, found):
                continue
            rows += found
            for row in found:
                amount = Decimal(row.amount).scaleb(-SCALE)
                account = one.account_id.id
                totals[account] = totals.get(account, Decimal(0)) + amount
        write_rows(self.env, company, rows, ORIGIN)
        add_rows(self.env.cr, company_id, rows)
        self.env["voip.ai.month"].invalidate_model()
        return totals

    def _due_rows(self):
        """[(subscription, rows)]: what each owes by today, less what was charged."""
        self.env.flush_all()
        self.env.cr.execute(CHARGED_SQL, [self.ids])
        charged = {tuple(key): int(sum_) for *key, sum_ in self.env.cr.fetchall()}
        paid = kept.paid_days(self.env.cr, self.ids)
        return [(one, list(one._fee_rows(charged, paid))) for one in self]

    def _is_owed(self):
        """Whether fees are still to be charged, or given back."""
        return any(rows for _one, rows in self._due_rows())

    def _note_rates(self, company, rows):
        """Keep and say whether rows lack an exchange rate of their day or before."""
        currency = self.plan_id.currency_id.id
        days = {day_of(row.local_day) for row in rows}
        lacks = not all(has_rate(company, currency, day) for day in days)
        if lacks != self.lacks_rate:
            self.sudo().lacks_rate = lacks
        return lacks

    def _today(self):
        """Today at the account."""
        return fields.Date.context_today(self.with_context(tz=self.account_id.tz))

    def _fee_rows(self, charged, paid):
        """What each month of one subscription has changed by since it was charged.

        :param charged: {(subscription id, kind, month): amount, scaled}
        :param paid: the same of days that were paid at an installation before
        """
        today = self._today()
        known = {month for number, _k, month in charged if number == self.id}
        due = set(months(self.date_start, min(today, self.date_end or today)))
        for month in sorted(due | known):
            for kind, price, pieces in self._prices():
                days = paid.get((self.id, kind, month), 0)
                owed = self._owed(month, price * pieces, days)
                before = charged.get((self.id, kind, month))
                if owed != (before or 0):
                    yield self._row(month, kind, price, pieces, owed, before, today)

    def _prices(self):
        """(kind, price of a month, pieces) of all that the plan asks for."""
        plan = self.plan_id
        further = max(self.slots - plan.included_slots, 0)
        return [
            ("fee", _scaled(plan.monthly_fee), 1),
            ("slots", _scaled(plan.slot_price), further),
        ]

    def _owed(self, month, price, paid):
        days, of = days_in(month, self.date_start, self.date_end)
        days = max(days - paid, 0)
        if self.plan_id.prorate == "whole" and days:
            days = of
        return share(price, days, of)

    def _row(self, month, kind, price, pieces, owed, before, today):
        """The first time on the first day of what is paid for, a change today."""
        day = max(month, self.date_start) if before is None else today
        number = day_number(day)
        return Row(
            account_id=self.account_id.id,
            service_id=self.plan_id.fee_service_id.id,
            local_day=number,
            month=day_number(month),
            started_at=number * DAY_US + DAY_US // 2,
            kind=kind,
            of=self.plan_id.name,
            # A later change is no further piece.
            units=pieces if before is None else 0,
            amount=owed - (before or 0),
            unit_price=price,
            plan_id=self.plan_id.id,
            subscription_id=self.id,
        )


def _scaled(price):
    return int(Decimal(repr(price or 0.0)).scaleb(SCALE))


CHARGED_SQL = """
SELECT subscription_id, kind, month, (sum(amount) * 100000000)::numeric(40)::text
  FROM voip_ai_charge WHERE subscription_id = ANY(%s) GROUP BY 1, 2, 3
"""
