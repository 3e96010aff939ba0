from odoo import models
from odoo.exceptions import AccessError

from . import ledger
from .voip_account import _check_range


class ResPartner(models.Model):
    _inherit = "res.partner"

    def _voip_statement(self, company, first, last):
        """Statements of all that a customer has with a company, one for each currency.

        :param first, last: days, both included
        :return: list of :class:`~.statement.Statement`
        :raises AccessError: the user may read none of the customer's accounts
        """
        self.ensure_one()
        self.check_access("read")
        accounts = self.env["voip.account"].with_context(active_test=False)
        accounts.check_access("read")
        customer = self.commercial_partner_id
        accounts = accounts.search(
            [
                ("partner_id.commercial_partner_id", "=", customer.id),
                ("company_id", "=", company.id),
            ]
        )
        if not accounts:
            raise AccessError(
                self.env._("%s has no account that you may read.", self.display_name)
            )
        _check_range(self.env, first, last)
        params = {
            "company": company.id,
            "account": None,
            "partner": customer.id,
            "from": first,
            "to": last,
        }
        unbilled = accounts._statement_unbilled(accounts, last)
        return ledger.documents(self.env, params, unbilled)
