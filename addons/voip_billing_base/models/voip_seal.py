"""Months that are closed and billed are sealed, in order, one chain per company."""

import json
from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models

from ..charge import seal, wallet_seal
from ..charge.planner import no_nested_loops
from ..charge.transaction import lock_company, run_money

EVENT = "month_sealed"
# A month ends in all zones; an account that is never billed does not hold it open.
SETTLED = timedelta(days=2)
STUCK = timedelta(days=60)


class VoipSeal(models.AbstractModel):
    """Seals months of usage and compares them with their seals.

    A seal is an audit record ``month_sealed``: rows, sums and hashes of the usage, of
    the summaries and of what modules add. A month is sealed after the one before it;
    what is billed later of a sealed month gets a seal of its own. Each seal covers the
    wallet entries too that none before it covers.
    """

    _name = "voip.seal"
    _description = "Seals of Months"

    def init(self):
        self.env.cr.execute(wallet_seal.TABLE)

    # === CRON METHODS === #

    @api.model
    def _cron_seal(self):
        """Seal what has become final in every company."""
        for company in self._charged_companies():
            for month in self._due(company):
                if not self._may_seal(company.id, month):
                    break
                self._seal(company, month)
                self.env["ir.cron"]._commit_progress(1)

    # === BUSINESS METHODS === #

    @api.model
    def _seals(self, company=None):
        """[(number, company id, month, data)] of all seals, oldest first."""
        domain = [("event", "=", EVENT)]
        if company:
            domain.append(("company_id", "=", company.id))
        return [
            (record.id, record.company_id.id, data["month"], data)
            for record in self.env["voip.audit"].sudo().search(domain, order="id")
            for data in [json.loads(record.data)]
        ]

    @api.model
    def _charged_companies(self):
        """Companies with usage."""
        self.env.cr.execute(
            "SELECT id FROM res_company c WHERE EXISTS (SELECT FROM voip_account a"
            "  JOIN voip_usage_summary s ON s.account_id = a.id"
            " WHERE a.company_id = c.id) ORDER BY id"
        )
        return self.env["res.company"].browse(row[0] for row in self.env.cr.fetchall())

    @api.model
    def _sealed_until(self, company):
        """First day that no seal covers, None without seals."""
        months = [month for _id, _company, month, _data in self._seals(company)]
        if not months:
            return None
        return fields.Date.to_date(max(months)) + relativedelta(months=1)

    @api.model
    def _open_since(self):
        """The first day of any company that no seal covers, None without seals."""
        firsts = [self._sealed_until(company) for company in self._charged_companies()]
        return min(firsts) if firsts and all(firsts) else None

    @api.model
    def _due(self, company):
        """Months to seal now: those that ended, in order, and what came late."""
        self.env.cr.execute(seal.OPEN_MONTHS_SQL, [company.id])
        found = {month: counts for month, *counts in self.env.cr.fetchall()}
        until = self._sealed_until(company)
        due = [month for month, (_open, final) in found.items() if final]
        if until is None:
            until = min(found, default=None)
        late = [month for month in due if until and month < until]
        return late + self._due_in_order(found, until)

    def _due_in_order(self, found, month):
        now, due = fields.Datetime.now(), []
        while month:
            end = fields.Datetime.to_datetime(month + relativedelta(months=1))
            unbilled = found.get(month, (0, 0))[0]
            if now < end + SETTLED or (unbilled and now < end + STUCK):
                break
            due.append(month)
            month += relativedelta(months=1)
        return due

    @api.model
    def _seal(self, company, month):
        """Close the month's final summaries to charges, then hash and seal them.

        Closing waits for the rating of the company; hashing does not hold it up. What
        a crash leaves closed is sealed by the next run.
        """
        run_money(self.env, lambda env: env["voip.seal"]._close(company.id, month))
        run_money(self.env, lambda env: env["voip.seal"]._write(company.id, month))

    def _may_seal(self, company_id, month):
        """Whether all that a seal of the month covers is there; modules ask more."""
        return True

    def _close(self, company_id, month):
        lock_company(self.env.cr, company_id)
        self.env.cr.execute(seal.CLOSE_SQL, {"company": company_id, "month": month})

    def _write(self, company_id, month):
        company = self.env["res.company"].browse(company_id)
        since = self._sealed_until(company)
        data = self._content(company_id, month, seal.CLOSING)
        if not any(part["rows"] for part in data.values()) and since and month < since:
            return
        data |= self._seal_entries(company_id)
        data |= {"month": str(month), "version": seal.VERSION}
        self.env["voip.audit"]._log(EVENT, None, data, company=company)
        self.env.cr.execute(
            "SELECT max(id) FROM voip_audit WHERE company_id = %s AND event = %s",
            [company_id, EVENT],
        )
        number = self.env.cr.fetchone()[0]
        self.env.cr.execute(
            seal.SEAL_SQL, {"company": company_id, "month": month, "new": number}
        )
        self.env["voip.usage.summary"].invalidate_model()

    def _content(self, company_id, month, number, data=None):
        """{part: rows, sums and hash} of a seal; modules add parts.

        :param number: the seal's audit record, or ``CLOSING`` before there is one
        :param data: what the seal says, once there is one
        """
        span = {"company": company_id, "month": month, "seal": number}
        content = {
            "usage": self._counted(seal.USAGE_SQL, span),
            "summaries": self._counted(seal.SUMMARY_SQL, span),
        }
        if data and "entries" in data:
            entries = {name: data["entries"][name] for name in ("from", "to")}
            content["entries"] = self._entries(company_id, entries)
        return content

    def _entries(self, company_id, span):
        found = self._counted(wallet_seal.ENTRIES_SQL, {"company": company_id, **span})
        return found | span

    def _seal_entries(self, company_id):
        """Parts of a seal: entries that no seal covers yet, sums of all that are."""
        cr, company = self.env.cr, {"company": company_id}
        cr.execute(wallet_seal.SPAN_SQL, {**company, "quiet": wallet_seal.QUIET})
        first, last = cr.fetchone()
        span = {"from": first, "to": max(first, last)}
        cr.execute(wallet_seal.BROKEN_SQL, company | span)
        if cr.fetchone()[0]:
            # What is broken stays open, so that the daily check goes on to say so.
            span["to"] = first
        entries = self._entries(company_id, span)
        cr.execute(wallet_seal.KEEP_SQL, company | span)
        kept = self._counted(wallet_seal.KEPT_SQL, company)
        return {"entries": entries, "wallets": kept}

    @api.model
    def _changed_wallets(self):
        """Ids of the companies whose sealed sums are not those of their last seal."""
        sealed = {
            company_id: data["wallets"]
            for _number, company_id, _month, data in self._seals()
            if "wallets" in data
        }
        self.env.cr.execute("SELECT DISTINCT company_id FROM voip_wallet_sealed")
        companies = {row[0] for row in self.env.cr.fetchall()} | set(sealed)
        return [
            company_id
            for company_id in companies
            if self._counted(wallet_seal.KEPT_SQL, {"company": company_id})
            != sealed.get(company_id)
        ]

    def _counted(self, query, span):
        # Of a month loaded just now nothing is known yet: never loop over it.
        with no_nested_loops(self.env.cr):
            self.env.cr.execute(query, span)
            return self.env.cr.dictfetchone()

    @api.model
    def _broken(self):
        """[(company id, month, part)] of the seals that their rows do not fit."""
        return [
            (company_id, month, part)
            for number, company_id, month, data in self._seals()
            for part, content in self._content(
                company_id, fields.Date.to_date(month), number, data
            ).items()
            if content != data.get(part, content)
        ]
