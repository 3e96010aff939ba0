"""Once a day: files taken, invoices reconciled, what is far from ours told to staff."""

import logging
from collections import defaultdict

from odoo import api, fields, models

from odoo.addons.voip_billing_base.charge.transaction import run_money

from ..invoices.voip_supplier_invoice import OPEN_STATES

_logger = logging.getLogger(__name__)
LISTED = 50
PAGE = "voip_supplier_audit.voip_supplier_invoice_action"


class VoipSupplierInvoice(models.Model):
    _inherit = "voip.supplier.invoice"

    flagged_on = fields.Date(
        string="Flagged",
        readonly=True,
        copy=False,
        help="The day on which it was found to be further from ours than agreed.",
    )
    daily_problem = fields.Text(
        readonly=True, copy=False, help="Why the daily run did not reconcile it."
    )

    # === CRON METHODS === #

    @api.model
    def _cron_daily(self):
        """Work through all suppliers; what fails with one is told and keeps no other.

        What was done is not done again: a second run of the day finds nothing new, and
        mails nothing.
        """
        cron, problems = self.env["ir.cron"], defaultdict(list)
        for agreement in self._daily_agreements():
            told = agreement._look_daily()
            problems[agreement.company_id] += told
            cron._commit_progress(1)
        files = self.env["voip.supplier.file"]._take_waiting()
        cron._commit_progress(1)
        told = self.browse()
        for invoice in self._daily_invoices():
            told |= invoice._reconcile_daily()
            cron._commit_progress(1)
        proposals = self.env["voip.supplier.proposal"]
        for agreement, trouble in proposals._propose(fields.Date.today()):
            problems[agreement.company_id].append(trouble)
        cron._commit_progress(1)
        failed = [company.id for company, sentences in problems.items() if sentences]
        concerned = self.env["res.company"].browse(failed)
        for company in files.company_id | told.company_id | concerned:
            self.with_company(company)._mail_daily(
                company,
                told.filtered(lambda one, of=company: one.company_id == of),
                files.filtered(lambda one, of=company: one.company_id == of),
                problems[company],
            )
        cron._commit_progress(1, remaining=0)

    # === BUSINESS METHODS === #

    @api.model
    def _daily_agreements(self):
        """The last agreement of each supplier; one that has ended, too: invoices of
        its time come after it."""
        begun = self.env["voip.supplier.agreement"].search(
            [("date_from", "<=", fields.Date.today())], order="date_from, id"
        )
        last = {(one.company_id, one.partner_id): one.id for one in begun}
        return begun.browse(sorted(last.values()))

    @api.model
    def _daily_invoices(self):
        """Invoices that nobody has begun to decide, and that nobody reconciles now."""
        found = self.search(
            [("state", "in", OPEN_STATES), ("waits_approval", "=", False)], order="id"
        )
        return found.filtered(
            lambda one: (
                {group.decision for group in one._line_groups()} == {"open"}
                and not one.is_working
            )
        )

    def _reconcile_daily(self):
        """Reconcile by itself; the invoice, where there is something new to tell."""
        before = self._daily_news()
        # This transaction began before those that do the work, and never sees what
        # they commit: they tell.
        try:
            news = run_money(
                self.env, lambda env: self.with_env(env)._reconcile_flagged()
            )
        except Exception as error:  # noqa: BLE001 kept on the invoice
            self.env.invalidate_all(flush=False)
            _logger.warning("Invoice %s is not reconciled: %s", self.number, error)
            why = str(error)
            news = run_money(self.env, lambda env: self.with_env(env)._keep_why(why))
        self.env.invalidate_all()
        return self if news != before else self.browse()

    def _daily_news(self):
        return self.state, self.flagged_on, self.daily_problem

    def _keep_why(self, why):
        self.daily_problem = why
        return self._daily_news()

    def _reconcile_flagged(self):
        # Also where there are many calls: nobody waits for it here.
        self._reconcile_now()
        limit = self.agreement_id.flag_percent if self.agreement_id else 5.0
        values = {"daily_problem": False}
        if self.difference_percent > limit and not self.flagged_on:
            values["flagged_on"] = fields.Date.today()
        self.write(values)
        return self._daily_news()

    # === DIGEST === #

    @api.model
    def _mail_daily(self, company, invoices, files, problems):
        """Mail what is new to each billing manager of a company, in his language."""
        for user in company._digest_managers():
            told = self.with_context(lang=user.lang, tz=user.tz)
            told._mail_daily_to(user, company, invoices.ids, files.ids, problems)

    def _mail_daily_to(self, user, company, ids, file_ids, problems):
        invoices = self.browse(ids).sorted(lambda one: -abs(one.difference_percent))
        files = self.env["voip.supplier.file"].browse(file_ids)
        body = self.env["ir.qweb"]._render(
            "voip_supplier_audit.daily_digest",
            {
                "company": company,
                "invoices": invoices[:LISTED],
                "more": max(len(invoices) - LISTED, 0),
                "files": files,
                "problems": problems,
                "url": f"{self.get_base_url()}/odoo/action-{PAGE}",
            },
        )
        self.env["mail.mail"].sudo().create(
            {
                "subject": self._daily_subject(company, invoices, files, problems),
                "email_to": user.email_formatted,
                "email_from": company.email_formatted or user.email_formatted,
                "body_html": body,
                "auto_delete": True,
            }
        )

    def _daily_subject(self, company, invoices, files, problems):
        """What the mail is about, and nothing of which there is none."""
        parts = [
            invoices
            and self.env._(
                "supplier invoices: %(count)s, to look at: %(flagged)s",
                count=len(invoices),
                flagged=len(invoices.filtered("flagged_on")),
            ),
            files
            and self.env._(
                "suppliers' files: %(count)s, failed: %(failed)s",
                count=len(files),
                failed=len(files.filtered(lambda file: file.state == "failed")),
            ),
            problems and self.env._("troubles: %s", len(problems)),
        ]
        return f"{company.name}: {'; '.join(filter(None, parts))}"
