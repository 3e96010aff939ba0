"""Accounts whose rental cannot be charged: left out, told once, tried again."""

import logging

from markupsafe import escape

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.voip_billing_base.charge.retry import temporary_kind
from odoo.addons.voip_billing_base.models.voip_job import ACTIVITY

_logger = logging.getLogger(__name__)


class VoipDidAssignment(models.Model):
    _inherit = "voip.did.assignment"

    @api.model
    def _charge_each(self, company_id, accounts):
        """Charge what is due of these accounts; who cannot be charged is left out.

        Together as far as it goes, because that is many times as fast: halves are tried
        alone only where something is amiss.

        :param accounts: ids
        :return: {account id: sentence} of those that were left out
        :raises psycopg2.Error: of what passes by itself; nothing is charged then
        """
        problems = self._charge_halves(company_id, list(accounts))
        self.env["voip.account"]._keep_rental_problems(accounts, problems)
        return problems

    @api.model
    def _charge_halves(self, company_id, accounts):
        try:
            with self.env.cr.savepoint():
                self._charge_accounts(company_id, accounts)
                return {}
        except Exception as error:
            if temporary_kind(error):
                raise
            self.env.invalidate_all(flush=False)
            if len(accounts) == 1:
                return {accounts[0]: self._rental_sentence(accounts[0], error)}
        middle = len(accounts) // 2
        return {
            **self._charge_halves(company_id, accounts[:middle]),
            **self._charge_halves(company_id, accounts[middle:]),
        }

    @api.model
    def _rental_sentence(self, account_id, error):
        """Why the account could not be charged, as staff read it."""
        if isinstance(error, UserError):
            return str(error)
        _logger.error("rental of account %s failed", account_id, exc_info=error)
        return self.env._(
            "The program met an error that it does not know (%s). The server's log has"
            " its details.",
            type(error).__name__,
        )


class VoipAccount(models.Model):
    _inherit = "voip.account"

    rental_problem = fields.Text(
        readonly=True,
        copy=False,
        help="Why the rental of its numbers is not charged. It is tried again each"
        " hour; days that are left are made good.",
    )

    # === BUSINESS METHODS === #

    @api.model
    def _keep_rental_problems(self, accounts, problems):
        """Keep what is amiss, and tell staff of what is new.

        :param accounts: ids of those that were tried
        :param problems: {id: sentence} of those that failed
        """
        tried = self.sudo().browse(accounts)
        mended = tried.filtered(lambda a: a.rental_problem and a.id not in problems)
        mended.write({"rental_problem": False})
        mended.activity_unlink([ACTIVITY])
        for account in tried.filtered(lambda a: a.id in problems):
            sentence = problems[account.id]
            if account.rental_problem != sentence:
                account.rental_problem = sentence
                account._tell_rental(sentence)

    def _tell_rental(self, sentence):
        """One open activity for each billing manager of the company, however often."""
        note = self.env._("Rental of numbers is not charged: %(why)s", why=sentence)
        told = self.activity_search([ACTIVITY]).user_id
        for user in self._billing_managers() - told:
            quick = self.with_context(mail_activity_quick_update=True)
            quick.activity_schedule(ACTIVITY, note=escape(note), user_id=user.id)

    def _billing_managers(self):
        return self.company_id._billing_managers()
