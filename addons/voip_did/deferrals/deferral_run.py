"""The run of a month-end: what is open by its day, less what was, becomes an entry."""

from dataclasses import astuple
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date
from odoo.tools.date_utils import end_of

from odoo.addons.voip_billing_base.charge.transaction import lock_company, run_money
from odoo.addons.voip_billing_base.charge.values import day_number, day_of

from ..engine.deferral import month_end
from .sources import read_before, read_sources


class VoipDidDeferral(models.Model):
    _inherit = "voip.did.deferral"

    # === CRON METHODS === #

    @api.model
    def _cron_close(self):
        """Do the month-ends that are due, each in a transaction of its own.

        A company that cannot be booked does not keep the others waiting; its billing
        managers are told, and it is tried again the next day.
        """
        companies = self.env["res.company"].search(
            [("voip_deferral_account_id", "!=", False)]
        )
        for company in companies:
            try:
                self._run_company(company, company.voip_deferral_day)
            except Exception as error:
                self.env.invalidate_all(flush=False)
                company._month_end_failed(error)
            if not self.env["ir.cron"]._commit_progress(1):
                return

    # === BUSINESS METHODS === #

    @api.model
    def _run_company(self, company, wait=1):
        """Do what is missing, month by month; the days that were done.

        :param wait: days from a month-end to the day on which it is done
        :raises UserError: no account is chosen for deferred revenue
        """
        if not company.voip_deferral_account_id:
            raise UserError(
                self.env._(
                    "Choose the Deferred Revenue Account of %s in the settings of VoIP"
                    " Billing: rental that is charged in advance waits there.",
                    company.name,
                )
            )
        days = self._missing_days(company, wait)
        for day in days:
            run_money(
                self.env, lambda env, day=day: env[self._name]._close(company.id, day)
            )
        self.env.invalidate_all(flush=False)
        company._month_end_done()
        return days

    @api.model
    def _missing_days(self, company, wait):
        """Month-ends that are over and not done; of none yet the last one."""
        last = self.search([("company_id", "=", company.id)], limit=1).date_end
        until = fields.Date.context_today(self) - timedelta(days=wait)
        newest = until.replace(day=1) - timedelta(days=1)
        if end_of(until, "month") == until:
            newest = until
        if not last:
            return [newest]
        days = []
        while (last := end_of(last + timedelta(days=1), "month")) <= newest:
            days.append(last)
        return days

    @api.model
    def _close(self, company_id, day):
        """Do one month-end, all of it in the caller's transaction.

        Nothing is done where another has done it meanwhile.

        :param day: the last day of a month
        """
        cr = self.env.cr
        lock_company(cr, company_id)
        self.env.flush_all()
        cr.execute(LAST_SQL, [company_id])
        last, date_end, account = cr.fetchone() or (None, None, None)
        if date_end and date_end >= day:
            return
        company = self.env["res.company"].browse(company_id)
        unit = 10**company.currency_id.decimal_places
        cr.execute(NUMBERS_SQL, [company_id])
        line, charge = cr.fetchone()
        terms = {
            "company": company_id, "day": day, "line": line, "charge": charge,
            "unit": unit,
        }  # fmt: skip
        before = read_before(cr, last, unit)
        rows = month_end(read_sources(cr, terms), before, day_number(day), unit)
        opening = sum(row.closing for row in before.values())
        moved = opening if account != company.voip_deferral_account_id.id else 0
        posted = self._posting_day(company, day)
        entry = self._book(company, day, posted, rows, (account, moved), unit)
        header = self._header(company, day, posted, opening, rows, unit)
        self._write_month(header | terms | {"move": entry.id or None}, rows)

    @api.model
    def _header(self, company, day, posted, opening, rows, unit):
        message = None
        if posted != day:
            message = self.env._(
                "%(day)s is locked: the entry is of %(posted)s, the first day that is"
                " not.",
                day=format_date(self.env, day),
                posted=format_date(self.env, posted),
            )
        totals = {
            name: sum(getattr(row, name) for row in rows)
            for name in ("added", "recognised", "closing")
        }
        return {
            "posted": posted,
            "account": company.voip_deferral_account_id.id,
            "uid": self.env.uid,
            "opening": opening,
            "count": len(rows),
            "message": message,
            **totals,
        }

    @api.model
    def _write_month(self, values, rows):
        self.env.cr.execute(MONTH_SQL, values)
        deferral = self.env.cr.fetchone()[0]
        columns = [list(column) for column in zip(*map(astuple, rows), strict=True)]
        if columns:
            for place in (4, 5):
                columns[place] = [day_of(day) for day in columns[place]]
            units = [values["unit"]] * 5
            terms = [deferral, values["company"], *units, *columns]
            self.env.cr.execute(LINES_SQL, terms)
        self.invalidate_model()


LAST_SQL = """
SELECT id, date_end, account_id FROM voip_did_deferral
 WHERE company_id = %s ORDER BY date_end DESC LIMIT 1
"""
NUMBERS_SQL = """
SELECT (SELECT COALESCE(max(id), 0) FROM account_move_line),
       (SELECT COALESCE(max(id), 0) FROM voip_did_charge WHERE company_id = %s)
"""
MONTH_SQL = """
INSERT INTO voip_did_deferral
       (company_id, date_end, date_posted, account_id, move_id, opening, added,
        recognised, closing, line_count, message, last_line, last_charge, create_uid,
        write_uid, create_date, write_date)
VALUES (%(company)s, %(day)s, %(posted)s, %(account)s, %(move)s,
        %(opening)s::numeric / %(unit)s, %(added)s::numeric / %(unit)s,
        %(recognised)s::numeric / %(unit)s, %(closing)s::numeric / %(unit)s, %(count)s,
        %(message)s, %(line)s, %(charge)s, %(uid)s, %(uid)s, now() AT TIME ZONE 'UTC',
        now() AT TIME ZONE 'UTC')
RETURNING id
"""
LINES_SQL = """
INSERT INTO voip_did_deferral_line
       (deferral_id, company_id, share, opening, added, recognised, closing, kind,
        move_line_id, account_id, income_account_id, first_day, last_day)
SELECT %s, %s, x.share::numeric / %s, x.opening::numeric / %s, x.added::numeric / %s,
       x.recognised::numeric / %s, x.closing::numeric / %s, x.kind, x.line, x.account,
       x.income, x.first, x.last
  FROM unnest(%s::text[], %s::int[], %s::int[], %s::int[], %s::date[], %s::date[],
              %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[])
       AS x (kind, line, account, income, first, last, share, opening, added,
             recognised, closing)
 ORDER BY x.line, x.first, x.last, x.kind
"""
