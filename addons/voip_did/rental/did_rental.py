"""The rental run: what is owed by today, less what was charged, becomes usage."""

from decimal import Decimal

import numpy as np

from odoo import api, fields, models
from odoo.tools import split_every

from odoo.addons.voip_billing_base.charge.transaction import (
    copy_lines,
    ensure_partitions,
    lock_company,
    run_money,
    usage_ids,
)
from odoo.addons.voip_billing_base.charge.values import day_of
from odoo.addons.voip_billing_base.charge.writer import UsageWriter
from odoo.addons.voip_billing_base.fields import BigInteger

from ..engine import rental
from ..unpaid.afford import unaffordable
from .credited import differences
from .due import ACCOUNTS_SQL, LOOKED_SQL
from .holdings import Holdings
from .rows import CHARGE_COLUMNS, USAGE_COLUMNS, charge_lines, usage_lines
from .usage import charge_of

CHUNK = 20_000
# Of a transaction of the scheduled action.
ACCOUNTS = 200
ORIGIN = "rental of numbers"


class VoipDidAssignment(models.Model):
    _inherit = "voip.did.assignment"

    due_on = fields.Date(
        copy=False,
        help="The next day on which rental falls due. Empty: now.",
    )
    looked_for = BigInteger(
        copy=False,
        aggregator=None,
        help="Digest of all that the rental followed from when it was looked at.",
    )

    def init(self):
        """Leave room on each page for the next version of its rows.

        Every look writes at every row. With room beside it that is one write; without,
        the row moves and is entered into all indexes again, that of the days of its
        number among them: two thirds of what the server had to do for a run.
        """
        result = super().init()
        self.env.cr.execute(f"ALTER TABLE {self._table} SET (fillfactor = 40)")
        return result

    # === CRON METHODS === #

    @api.model
    def _cron_rental(self):
        """Charge what is due in every company, some accounts a transaction."""
        progress = self.env["ir.cron"]._commit_progress
        for company in self._renting_companies():
            for accounts in split_every(ACCOUNTS, self._accounts_due(company)):
                run_money(
                    self.env,
                    lambda env, ids=accounts, own=company: env[self._name]._charge_each(
                        own.id, ids
                    ),
                )
                if not progress(1):
                    return
            run_money(
                self.env, lambda env, own=company: env[self._name]._pursue_unpaid(own)
            )

    # === BUSINESS METHODS === #

    @api.model
    def _renting_companies(self):
        groups = self._read_group([], ["company_id"])
        return [company for (company,) in groups]

    @api.model
    def _accounts_due(self, company):
        """Ids of accounts with numbers whose rental is to be looked at, in order."""
        self.env.flush_all()
        values = {"company": company.id, "now": fields.Datetime.now()}
        self.env.cr.execute(ACCOUNTS_SQL, {**values, "accounts": None})
        return [row[0] for row in self.env.cr.fetchall()]

    @api.model
    def _charge_accounts(self, company_id, accounts):
        """Charge what is due of these accounts; {currency name: Decimal} in all.

        A second call charges nothing. The caller's transaction is READ COMMITTED, or
        sees the charges of others from before this lock.
        """
        lock_company(self.env.cr, company_id)
        self.env.flush_all()
        company = self.env["res.company"].browse(company_id)
        holdings = Holdings.of_accounts(self.env, company, accounts)
        if not holdings.held:
            return {}
        totals = {}
        for part in holdings.parts(CHUNK):
            for name, amount in self._charge_part(company, holdings, part).items():
                totals[name] = totals.get(name, Decimal(0)) + amount
        self._note_unpaid(holdings, holdings.left)
        self._keep_looks(holdings)
        return totals

    def _charge_now(self):
        """Charge what is due of the accounts; what was given back of these assignments.

        :return: {currency name: Decimal}, above zero where it is given back
        """
        given = {}
        for company, ones in self.grouped("company_id").items():
            lock_company(self.env.cr, company.id)
            self.env.cr.execute("SELECT max(id) FROM voip_did_charge")
            last = self.env.cr.fetchone()[0] or 0
            self._charge_accounts(company.id, sorted(ones.account_id.ids))
            self.env.cr.execute(GIVEN_SQL, [ones.ids, last])
            for name, amount in self.env.cr.fetchall():
                given[name] = given.get(name, Decimal(0)) + Decimal(amount)
        return given

    def _charge_part(self, company, holdings, months):
        prices, pauses = holdings.prices(months), holdings.pauses(months)
        amounts, days = rental.owed(months.terms, prices, pauses)
        changed = np.flatnonzero(months.due & (amounts != months.priced))
        rows = months.take(changed)
        difference = differences(self.env.cr, holdings, rows, amounts[changed])
        left = unaffordable(self.env, holdings, rows, difference)
        holdings.left.update(rows.holding[left].tolist())
        # Of what was credited wholly nothing is given back; days that come again are
        # there, also where they are paid for.
        kept = ~left & ((difference != 0) | (amounts[changed] > rows.priced))
        changed, difference = changed[kept], difference[kept]
        if not changed.size:
            return {}
        rows, priced = months.take(changed), amounts[changed]
        charge = charge_of(self.env, company, holdings, rows, difference)
        writer = UsageWriter(self.env, company, None, ORIGIN)
        summaries = writer.assign(charge)
        now = days[changed], priced
        self._write_rows(company, holdings, rows, charge, summaries, now)
        by_id = writer.finish()
        currencies = self.env["res.currency"].browse(by_id)
        return {one.name: by_id[one.id] for one in currencies}

    def _write_rows(self, company, holdings, rows, charge, summaries, now):
        starts = np.unique(charge.local_day).tolist()
        ensure_partitions(self.env, "voip_usage_row", map(day_of, starts))
        ids = usage_ids(self.env.cr, len(rows))
        cr, own = self.env.cr, company.id
        lines = usage_lines(own, ids, holdings, rows, charge, summaries)
        copy_lines(cr, "voip_usage_row", USAGE_COLUMNS, lines)
        lines = charge_lines(own, ids, holdings, rows, charge, summaries, *now)
        copy_lines(cr, "voip_did_charge", CHARGE_COLUMNS, lines)

    def _keep_looks(self, holdings):
        """Look at these assignments no more until something is due or changes."""
        if looks := holdings.looks():
            columns = [list(column) for column in zip(*looks, strict=True)]
            self.env.cr.execute(LOOKED_SQL, columns)
            self.invalidate_model(["settled_until", "due_on", "looked_for"])


GIVEN_SQL = """
SELECT n.name, (-sum(c.amount))::text
  FROM voip_did_charge c JOIN res_currency n ON n.id = c.currency_id
 WHERE c.assignment_id = ANY(%s) AND c.id > %s
 GROUP BY 1 HAVING sum(c.amount) < 0
"""
